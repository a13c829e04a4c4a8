"""Faults of a validation as problems, with the field or the key that they are at."""

from pydantic import ValidationError

from domain.errors import Action, Invalid
from kit.validation import Fault, faults


def invalid_fields(error: ValidationError) -> list[Invalid]:
    """The faults that a model found, each with its field."""
    return [invalid(fault) for fault in faults(error)]


def misread(error: ValidationError, key: str) -> Invalid:
    """The first fault in a table of the mapping, with the key it is at."""
    problem = invalid(next(faults(error)), within=key)
    problem.code = f"mapping_{problem.code}"
    return problem


def invalid(fault: Fault, within: str = "") -> Invalid:
    """A fault of a validation as a problem. `within` is the place of what was validated."""
    where = ".".join(part for part in (within, fault.where) if part)
    problem = Invalid(fault.code, fault.message, fault.remedy, field=where or None, action=Action.named(fault.action))
    problem.params |= fault.params  # not as keywords: a fault may have a parameter called code
    return problem
