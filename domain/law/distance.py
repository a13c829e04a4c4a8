"""The distance: far away, some periods before courts are longer by one month or two (CPC 643, CJA R421-7).

Only the legal date relies on it. Where it is not known where the person lives, nothing is added, and that is said.
"""

from collections.abc import Iterator
from dataclasses import replace

from domain.counting import Period, Sentence, in_words
from domain.reference import LimitationPeriod
from domain.vocabulary import Residence

_BASIS = {
    "CPH_APPEL": "CPC 643",
    "ADM_REP": "CJA R421-7",
    "ADM_REP_IMPLICITE": "CJA R421-7",
    "CADA_TA": "CJA R421-7",
    "ADM_APPEL_TA": "CJA R811-5",
}
"""The rows whose period it prolongs. R811-5 was not read."""
_MONTHS = {Residence.OVERSEAS: 1, Residence.ABROAD: 2}


def farther(row: LimitationPeriod, residence: Residence | None) -> Period | None:
    """The longer period of this row for somebody who lives there; None if it is the usual one."""
    months = _MONTHS.get(residence) if residence is not None else None
    if months is None or row.period is None or row.code not in _BASIS:
        return None
    return replace(row.period, months=row.period.months + months)


def words_of_distance(row: LimitationPeriod, residence: Residence | None) -> Iterator[Sentence]:
    """The distance in words: what it adds or, where the residence is not known, what it might."""
    basis = _BASIS.get(row.code)
    if basis is None or residence is Residence.MAINLAND:
        return
    if residence is None:
        yield in_words(
            "Where the person lives is not recorded: overseas it is one month longer, abroad two ({basis}).",
            basis=basis,
        )
    elif residence is Residence.OVERSEAS:
        yield in_words("The person lives overseas: it is one month longer ({basis}).", basis=basis)
    else:
        yield in_words("The person lives abroad: it is two months longer ({basis}).", basis=basis)
