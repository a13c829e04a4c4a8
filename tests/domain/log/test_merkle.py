"""The tree says the same as another hand's, for every size and place, and no proof proves anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as theirs_consistent
from pymerkle import verify_inclusion as theirs_included

from audit.verify_bundle import consistent, included
from domain.log.merkle import EMPTY, Growing, Tree, leaf_hash

RFC_LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
RFC_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The vectors that certificate transparency has published since 2012."""

MANY = [leaf_hash(str(n).encode()) for n in range(130)]
WHOLE = Tree(MANY)


def theirs(count: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for n in range(count):
        tree.append_entry(str(n).encode())
    return tree


def test_the_published_vectors() -> None:
    growing = Growing()
    for size, root in enumerate(RFC_ROOTS):
        leaves = [leaf_hash(data) for data in RFC_LEAVES[:size]]
        assert Tree(leaves).root().hex() == growing.root().hex() == root
        if size < len(RFC_LEAVES):
            growing.append(leaf_hash(RFC_LEAVES[size]))
    assert Growing().root() == EMPTY


def test_every_root_is_theirs_and_goes_on_from_its_edge() -> None:
    their_tree, growing = theirs(len(MANY)), Growing()
    for size, leaf in enumerate(MANY, start=1):
        growing = Growing(growing.size, growing.edge)  # kept and taken up again
        growing.append(leaf)
        assert growing.root() == WHOLE.root(size) == their_tree.get_root(size)


def test_every_proof_of_inclusion_is_theirs_and_holds() -> None:
    their_tree, proofs = theirs(70), 0
    for size in range(1, 71):
        for index in range(size):
            proof = WHOLE.inclusion(index, size)
            assert included(MANY[index], index, size, proof, WHOLE.root(size))
            their_proof = their_tree.prove_inclusion(index + 1, size)
            theirs_included(MANY[index], WHOLE.root(size), their_proof)
            assert list(their_proof.path[1:]) == proof
            proofs += 1
    print(f"\nmerkle: {proofs} proofs of inclusion, all those of pymerkle")


def test_every_proof_of_consistency_holds_as_theirs_does() -> None:
    their_tree, proofs = theirs(70), 0
    for size in range(1, 71):
        for old in range(1, size + 1):
            proof = WHOLE.consistency(old, size)
            assert consistent(old, size, WHOLE.root(old), WHOLE.root(size), proof)
            theirs_consistent(WHOLE.root(old), WHOLE.root(size), their_tree.prove_consistency(old, size))
            proofs += 1
    assert WHOLE.consistency(0, 5) == [], "every tree grew from the empty one"
    print(f"\nmerkle: {proofs} proofs of consistency")


sizes = st.integers(1, len(MANY))


@given(st.data())
def test_no_proof_of_inclusion_proves_anything_else(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof, root = WHOLE.inclusion(index, size), WHOLE.root(size)
    if other != index:
        assert not included(MANY[other], index, size, proof, root)
        assert not included(MANY[index], other, size, proof, root)
    assert not included(MANY[index], index, size, [*proof, MANY[0]], root)
    assert not included(MANY[index], size, size, proof, root)
    if proof:
        broken = list(proof)
        at = data.draw(st.integers(0, len(proof) - 1))
        broken[at] = bytes([broken[at][0] ^ 1]) + broken[at][1:]
        assert not included(MANY[index], index, size, broken, root)
        assert not included(MANY[index], index, size, proof[:-1], root)


@given(st.data())
def test_no_proof_of_consistency_hides_another_past(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(MANY)))
    old = data.draw(st.integers(1, size - 1))
    proof, root = WHOLE.consistency(old, size), WHOLE.root(size)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = Tree([*MANY[:changed], leaf_hash(b"another"), *MANY[changed + 1 : size]])
    assert not consistent(old, size, WHOLE.root(old), rewritten.root(), proof)
    assert not consistent(old, size, WHOLE.root(old), rewritten.root(), rewritten.consistency(old))
    assert not consistent(old, size, rewritten.root(old), root, proof)
    assert not consistent(old, size, WHOLE.root(old), root, proof[:-1])
    assert not consistent(size, old, root, WHOLE.root(old), proof)


def test_what_cannot_be_is_refused() -> None:
    for size, edge in ((1, []), (2, [MANY[0], MANY[1]]), (1, [b"short"]), (-1, [])):
        with pytest.raises(ValueError, match="no such edge"):
            Growing(size, edge)
    for impossible in (lambda: WHOLE.inclusion(5, 5), lambda: WHOLE.consistency(6, 5), lambda: WHOLE.root(131)):
        with pytest.raises(ValueError):
            impossible()
