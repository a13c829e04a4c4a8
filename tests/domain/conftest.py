"""Shows at the end of the run the numbers that a test recorded under a name that starts with "domain:"."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for r in terminalreporter.stats.get("passed", ()) if hasattr(r, "user_properties")]
    said = [f"{name}: {value}" for r in reports for name, value in r.user_properties if name.startswith("domain:")]
    if said:
        terminalreporter.section("the domain, in numbers")
        for line in said:
            terminalreporter.line(line)
