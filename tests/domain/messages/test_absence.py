"""Who reads for somebody who is away, for every line of delegates."""

from hypothesis import given
from hypothesis import strategies as st

from domain.messages.absence import readers

NAMES = st.sampled_from("abcdefg")


@given(NAMES, st.dictionaries(NAMES, NAMES), st.frozensets(NAMES))
def test_what_is_for_somebody_is_read_by_somebody_who_is_there_if_their_line_has_anybody(
    account: str, away: dict[str, str], others: frozenset[str]
) -> None:
    there = others | {account}
    reading = readers(account, away, there)
    line = [account]  # followed by hand, as far as it goes
    while (delegate := away.get(line[-1])) is not None and delegate not in line:
        line.append(delegate)
    present = [name for name in line if name in there and name not in away]
    assert reading, "somebody always reads"
    assert set(reading) <= set(line) & there
    if present and line[-1] == present[0]:
        assert reading == (present[0],), "the first who is there, and nobody else"
    else:
        assert account in reading, "nobody in the line is there: it goes to them all the same"


def test_a_delegate_who_is_away_passes_on_and_a_closed_one_is_away() -> None:
    everybody = frozenset("abc")
    assert readers("a", {}, everybody) == ("a",)
    assert readers("a", {"a": "b"}, everybody) == ("b",)
    assert readers("a", {"a": "b", "b": "c"}, everybody) == ("c",)
    assert readers("a", {"a": "b", "b": "c"}, frozenset("ac")) == ("c",)
    assert readers("a", {"a": "b"}, frozenset("ac")) == ("a",)
    assert readers("a", {"a": "b", "b": "a"}, everybody) == ("b", "a")
