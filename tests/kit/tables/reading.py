"""Helpers that write a table, read it, and see it refused."""

from pathlib import Path

import pytest

from kit.tables import Row, TableError, read_table


def write(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


def rows(file: Path, **options: object) -> list[Row]:
    return list(read_table(file, **options))  # type: ignore[arg-type]


def values(file: Path, **options: object) -> list[list[str]]:
    return [list(row.values.values()) for row in rows(file, **options)]


def refused(file: Path, **options: object) -> TableError:
    with pytest.raises(TableError) as caught:
        rows(file, **options)
    assert caught.value.remedy in str(caught.value), "the texts fit their parameters"
    return caught.value
