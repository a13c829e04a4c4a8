"""A sealed stream opens where it was sealed, whole, and in no other way."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.crypto.sealed_stream import PIECE, open_stream, seal_stream, sealed_size
from kit.crypto.vault import DataKey, Tampered, new_material

KEY, OTHER = DataKey("a", new_material()), DataKey("b", new_material())
SEALED_PIECE = PIECE + 16
HEAD = sealed_size(0) - 16

sizes = st.sampled_from([0, 1, 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])


def text(size: int) -> bytes:
    return bytes(i * 31 % 251 for i in range(997)) * (size // 997 + 1) if size else b""


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The same bytes, as a slow line would bring them."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def sealed(size: int, context: str = "here") -> bytes:
    return b"".join(seal_stream([text(size)[:size]], KEY, context))


def opened(data: bytes, key: DataKey = KEY, context: str = "here") -> bytes:
    return b"".join(open_stream([data], key, context))


@given(
    size=sizes, given_in=st.lists(st.integers(0, 300_000), max_size=6), read_in=st.lists(st.integers(0, 70), max_size=9)
)
def test_what_was_sealed_comes_back_however_it_is_cut(size: int, given_in: list[int], read_in: list[int]) -> None:
    plain = text(size)[:size]
    data = b"".join(seal_stream(cut(plain, given_in), KEY, "here"))
    assert len(data) == sealed_size(size)
    assert b"".join(open_stream(cut(data, read_in), KEY, "here")) == plain


def test_the_same_text_sealed_twice_looks_different() -> None:
    assert sealed(100) != sealed(100)


@pytest.mark.parametrize("size", [0, 1, PIECE, 2 * PIECE + 5])
def test_it_opens_in_its_place_only(size: int) -> None:
    data = sealed(size)
    with pytest.raises(Tampered):
        opened(data, context="there")
    with pytest.raises(Tampered):
        opened(data, OTHER)


def swapped(data: bytes) -> bytes:
    first, second = HEAD + SEALED_PIECE, HEAD + 2 * SEALED_PIECE
    return data[:HEAD] + data[first:second] + data[HEAD:first] + data[second:]


TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "nothing is left": lambda data: data[:0],
    "half a head": lambda data: data[:30],
    "the head alone": lambda data: data[:HEAD],
    "cut between two pieces": lambda data: data[: HEAD + 2 * SEALED_PIECE],
    "cut within a piece": lambda data: data[:-9],
    "the first piece left out": lambda data: data[:HEAD] + data[HEAD + SEALED_PIECE :],
    "two pieces swapped": swapped,
    "a piece twice": lambda data: data[: HEAD + SEALED_PIECE] + data[HEAD:],
    "more at the end": lambda data: data + b"\0",
    "another stream at the end": lambda data: data + sealed(5)[HEAD:],
    "another stream's second piece": lambda data: (
        data[: HEAD + SEALED_PIECE] + sealed(3 * PIECE)[HEAD + SEALED_PIECE : HEAD + 2 * SEALED_PIECE]
        + data[HEAD + 2 * SEALED_PIECE :]
    ),
    "another form": lambda data: b"\x01" + data[1:],
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERINGS)
def test_a_stream_that_was_changed_does_not_open(how: str) -> None:
    with pytest.raises(Tampered):
        opened(TAMPERINGS[how](sealed(3 * PIECE)))


@given(where=st.integers(0, 8 * sealed_size(PIECE + 100) - 1))
def test_one_flipped_bit_is_seen_wherever_it_is(where: int) -> None:
    data = bytearray(FLIPPED)
    data[where // 8] ^= 1 << where % 8
    with pytest.raises(Tampered):
        opened(bytes(data))


FLIPPED = sealed(PIECE + 100)


def test_a_piece_is_given_before_the_next_is_read() -> None:
    asked = []

    def source() -> Iterator[bytes]:
        for number in range(4):
            asked.append(number)
            yield bytes(PIECE)

    stream = seal_stream(source(), KEY, "here")
    next(stream)  # the head
    next(stream)
    assert asked == [0, 1]
