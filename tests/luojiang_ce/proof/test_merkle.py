"""The tree against the definitions of RFC 6962, written down once more as they stand there."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.proof import merkle
from luojiang_ce.proof.merkle import Subtree, hashed, is_consistent, leaf_hash, node_hash, root_by_inclusion

LEAVES = [leaf_hash(bytes([number])) for number in range(130)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


@pytest.fixture(scope="module")
def known() -> dict[Subtree, bytes]:
    grown = dict(merkle.appended(0, [], LEAVES))
    return {(0, number): leaf for number, leaf in enumerate(LEAVES)} | grown


def test_the_root_is_that_of_the_rfc(known: dict[Subtree, bytes]) -> None:
    for size in range(len(LEAVES)):
        assert hashed([(0, size)], known)[0] == mth(LEAVES[:size])


def test_growing_bit_by_bit_comes_to_the_same(known: dict[Subtree, bytes]) -> None:
    for first in range(0, 128, 7):
        peaks = [known[each] for each in merkle.subtrees((0, first))]
        for subtree, value in merkle.appended(first, peaks, LEAVES[first : first + 9]):
            assert known[subtree] == value


def test_places_are_all_different(known: dict[Subtree, bytes]) -> None:
    assert len({merkle.place(each) for each in known}) == len(known)


def test_every_leaf_is_proved_in_every_tree(known: dict[Subtree, bytes]) -> None:
    for size in range(1, 70):
        for index in range(size):
            proof = hashed(merkle.inclusion(index, size), known)
            assert root_by_inclusion(LEAVES[index], index, size, proof) == mth(LEAVES[:size])
            assert root_by_inclusion(LEAVES[index + 1], index, size, proof) != mth(LEAVES[:size])


@given(st.integers(1, 129), st.integers(1, 129), st.integers(0, 8))
def test_every_tree_is_proved_the_beginning_of_every_later_one(old: int, new: int, spoilt: int) -> None:
    old, new = sorted((old, new))
    known = dict(merkle.appended(0, [], LEAVES)) | {(0, number): leaf for number, leaf in enumerate(LEAVES)}
    proof = hashed(merkle.consistency(old, new), known) if old < new else []
    before, after = mth(LEAVES[:old]), mth(LEAVES[:new])
    assert is_consistent(old, before, new, after, proof)
    assert not is_consistent(old, leaf_hash(b"another"), new, after, proof)
    if proof:
        assert not is_consistent(old, before, new, leaf_hash(b"another"), proof)
        at = spoilt % len(proof)
        assert not is_consistent(old, before, new, after, [*proof[:at], bytes(32), *proof[at + 1 :]])
        assert not is_consistent(old, before, new, after, proof[:-1])


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_what_is_beyond_the_tree_is_not_proved(index: int) -> None:
    assert root_by_inclusion(LEAVES[0], index, 5, LEAVES[:3]) is None


def test_a_leaf_is_no_node() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])
