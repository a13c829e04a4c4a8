"""The Merkle tree of RFC 6962 (and RFC 9162, section 2.1): one small root commits to every leaf and to their order.

Leaves are told apart from nodes by a first byte, so that a node can never be passed off as a leaf. A proof of inclusion
shows that a leaf is in a tree of a known root; a proof of consistency, that a tree only ever grew from a smaller one.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """What a leaf that says `data` is in the tree."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree to which leaves are added one by one. It remembers its right edge only: one hash for each bit of its size.

    The edge is all that must be kept to go on later.
    """

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """Raises ValueError for an edge that no tree of this size has."""
        self.size, self._edge = size, list(edge)
        if size < 0 or len(self._edge) != size.bit_count() or any(len(one) != 32 for one in self._edge):
            raise ValueError(f"a tree of {size} leaves has no such edge")

    @property
    def edge(self) -> tuple[bytes, ...]:
        """The roots of its complete subtrees, the largest first."""
        return tuple(self._edge)

    def append(self, leaf: bytes) -> None:
        """Adds the hash of a leaf."""
        self._edge.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right, left = self._edge.pop(), self._edge.pop()
            self._edge.append(node_hash(left, right))
            size //= 2

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self._edge:
            return EMPTY
        found = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found


class Tree:
    """A whole tree, to prove things of it. Holds every hash: about 64 bytes of digest for each leaf."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """From the hashes of its leaves, in order."""
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            pairs = range(0, len(below) - 1, 2)
            self._levels.append([node_hash(below[n], below[n + 1]) for n in pairs])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree, or as it was when it had so many leaves."""
        size = self._as_it_was(size)
        return self._subtree(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that the leaf at `index` (from 0) is in the tree of that size, from the leaf up."""
        size = self._as_it_was(size)
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} among {size}")
        start, end, proof = 0, size, []
        while end - start > 1:
            split = start + _split(end - start)
            if index < split:
                proof.append(self._subtree(split, end))
                end = split
            else:
                proof.append(self._subtree(start, split))
                start = split
        return proof[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of `size` leaves grew from the one that had `old`."""
        size = self._as_it_was(size)
        if not 0 <= old <= size:
            raise ValueError(f"a tree of {size} leaves never had {old}")
        if old in (0, size):
            return []
        start, end, is_whole, proof = 0, size, True, []
        while old != end - start:
            width = _split(end - start)
            split = start + width
            if old <= width:
                proof.append(self._subtree(split, end))
                end = split
            else:
                proof.append(self._subtree(start, split))
                start, old, is_whole = split, old - width, False
        if not is_whole:
            proof.append(self._subtree(start, end))
        return proof[::-1]

    def _as_it_was(self, size: int | None) -> int:
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise ValueError(f"a tree of {self.size} leaves never had {size}")
        return size

    def _subtree(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0:  # complete, and so at a multiple of its width
            level = width.bit_length() - 1
            return self._levels[level][start >> level]
        split = start + _split(width)
        return node_hash(self._subtree(start, split), self._subtree(split, end))


def _split(width: int) -> int:
    """How many of so many leaves go to the left: the largest power of two below."""
    return 1 << ((width - 1).bit_length() - 1)


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf at this place to this root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the larger tree grew from the smaller one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, now = node_hash(step, before), node_hash(step, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and now == root
