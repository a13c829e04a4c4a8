"""The report of a sweep."""

from domain.exchange.sweep import Finding, Report


class SweepView(Report):
    """The counts of a sweep, and its findings."""

    findings: tuple[Finding, ...]
