"""An absence, as it is confirmed to the account that noted it."""

from datetime import date

from pydantic import ConfigDict, Field

from domain.values import Value


class AbsenceView(Value):
    """The days on which an account is away, and who stands in."""

    model_config = ConfigDict(serialize_by_alias=True)

    account: str
    first_day: date = Field(serialization_alias="from")
    last_day: date = Field(serialization_alias="to")
    delegate: str


class AbsencesView(Value):
    """Absences, by their first day."""

    model_config = ConfigDict(serialize_by_alias=True)

    absences: tuple[AbsenceView, ...]
