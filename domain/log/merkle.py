"""The Merkle tree of RFC 6962 (and RFC 9162, section 2.1): one small root commits to every leaf and to their order.

A first byte tells leaves from nodes, so that a node can never be passed off as a leaf. A proof of inclusion shows that
a leaf is in a tree of a known root; a proof of consistency, that a tree only ever grew from a smaller one. Proofs are
made here. Whoever doubts us verifies them, with a program of their own or with ours (`audit/verify_bundle.py`).
"""

import hashlib
from collections.abc import Iterable

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf that holds `data`."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree to which leaves are added one by one. It keeps its right edge only: a hash for each 1 bit of its size.

    The edge is all that must be stored to go on later.
    """

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """Raises ValueError for an edge that no tree of this size has."""
        self.size, self._edge = size, list(edge)
        if size < 0 or len(self._edge) != size.bit_count() or any(len(digest) != 32 for digest in self._edge):
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
        root = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            root = node_hash(left, root)
        return root


class Tree:
    """A whole tree, for making proofs. It holds every hash: about 64 bytes of digest for each leaf."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """Builds the tree from the hashes of its leaves, in order."""
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            pairs = range(0, len(below) - 1, 2)
            self._levels.append([node_hash(below[n], below[n + 1]) for n in pairs])

    @property
    def size(self) -> int:
        """The number of its leaves."""
        return len(self._levels[0])

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree, or the root that it had at that size."""
        size = self._size_or_whole(size)
        return self._subtree(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that the leaf at `index` (from 0) is in the tree of that size, from the leaf up."""
        size = self._size_or_whole(size)
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
        size = self._size_or_whole(size)
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

    def _size_or_whole(self, size: int | None) -> int:
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
    """The number of leaves, of that many, that stand on the left: the largest power of two below."""
    return 1 << ((width - 1).bit_length() - 1)


def consistency_from(old: int, edge: Iterable[bytes], added: Iterable[bytes]) -> list[bytes]:
    """The proof that a tree grew from one of `old` leaves with that right edge, by the hashes of the leaves `added`.

    It is the proof of `Tree.consistency`, without the leaves of before: all of them stand in the edge.
    """
    blocks = _blocks(old, edge)
    new = list(added)
    size = old + len(new)
    if old == 0 or not new:
        return []
    start, end, proof = 0, size, []
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            proof.append(Tree(new[split - old : end - old]).root())
            end = split
        else:
            proof.append(blocks[start, split])
            start = split
    if start:
        proof.append(blocks[start, end])
    return proof[::-1]


def _blocks(size: int, edge: Iterable[bytes]) -> dict[tuple[int, int], bytes]:
    """The complete subtrees of a right edge, by the leaves from and to which they reach."""
    blocks, start = {}, 0
    for digest in Growing(size, edge).edge:
        width = 1 << ((size - start).bit_length() - 1)
        blocks[start, start + width] = digest
        start += width
    return blocks


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Iterable[bytes]) -> bool:
    """True if the proof shows that the tree of `size` leaves grew from the one of `old` (RFC 9162, section 2.1.4.2)."""
    steps = list(proof)
    if old == size:
        return not steps and old_root == root
    if not 0 < old < size:
        return False
    if old & (old - 1) == 0:
        steps = [old_root, *steps]
    if not steps:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (before, after) == (old_root, root)
