"""The address of a database file, whatever signs its path holds."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from kit.storage.database import beside, sqlite_url

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@given(names, st.sampled_from(["/", ""]))
def test_the_address_of_a_file_names_that_file_and_nothing_else(name: str, root: str) -> None:
    path = Path(f"{root}{name}") / "book.db"
    url = make_url(sqlite_url(path))
    assert (url.database, dict(url.query), url.host) == (str(path), {}, None)
    assert beside(sqlite_url(path), "keys").database == str(path.with_name("book-keys.db"))


def test_a_file_whose_name_reads_like_an_address_is_a_file() -> None:
    assert make_url(sqlite_url(Path("file:a?mode=memory"))).database == "file:a?mode=memory"
