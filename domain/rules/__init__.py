"""The rules, part by part: what each command becomes, and what each event changes."""

from domain.rules import (
    attention,
    closure,
    escalation,
    evidence,
    files,
    intake,
    limitation,
    notices,
    referral,
    retention,
)

__all__ = [
    "attention",
    "closure",
    "escalation",
    "evidence",
    "files",
    "intake",
    "limitation",
    "notices",
    "referral",
    "retention",
]
