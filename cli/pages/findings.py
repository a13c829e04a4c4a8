"""The findings of a verification, in the reader's language."""

from typing import Any

from cli.say import _
from desk.views.findings import FindingView


def findings_json(findings: tuple[FindingView, ...]) -> list[dict[str, Any]]:
    """Findings for machines, each with its sentence in the reader's language."""
    return [finding.model_dump() | {"what": _(finding.what)} for finding in findings]
