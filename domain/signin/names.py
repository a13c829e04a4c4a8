"""Names: those that people give to what they sign in with and to programs, and those that they type to sign in."""

from pydantic import TypeAdapter, ValidationError

from domain.errors import Invalid
from domain.values import AccountId, Line

LONGEST = 60
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_ACCOUNT: TypeAdapter[str] = TypeAdapter(AccountId)


def require_name(name: str) -> str:
    """The name, without spaces around it. Raises Invalid for one that is empty, too long, or no line."""
    try:
        line = _LINE.validate_python(name)
    except ValidationError:
        line = ""
    if not 0 < len(line) <= LONGEST:
        raise Invalid(
            "name_unfit",
            "This is no name for it.",
            "Write 1 to {count} characters on one line, as in: Key on my ring.",
            field="name",
            count=LONGEST,
        )
    return line


def account_typed(text: str) -> str | None:
    """The name of an account that somebody typed to sign in; None for what can be none."""
    try:
        return _ACCOUNT.validate_python(text.strip().casefold())
    except ValidationError:
        return None
