"""The tree of RFC 6962: a hash over any number of leaves, proofs that one is among them and that none was changed.

Pure. What is stored are complete subtrees, each by one number (`place`); every proof is made of O(log n) of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

Subtree = tuple[int, int]  # level (0: a leaf), and which of that level from the left
Range = tuple[int, int]  # leaves from … up to, not including
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def place(subtree: Subtree) -> int:
    """One number for each complete subtree, in the order in which they lie: leaves are even."""
    level, index = subtree
    return ((2 * index + 1) << level) - 1


def subtrees(leaves: Range) -> list[Subtree]:
    """The complete subtrees that make up a range which begins where one of its size may begin; the largest first."""
    first, end = leaves
    found = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash of a range from those of its complete subtrees."""
    if not hashes:
        return EMPTY
    last = hashes[-1]
    for each in reversed(hashes[:-1]):
        last = node_hash(each, last)
    return last


def appended(size: int, peaks: Sequence[bytes], leaves: Iterable[bytes]) -> Iterator[tuple[Subtree, bytes]]:
    """The subtrees above the leaves that become complete when hashes of leaves are added to a tree of `size` whose own
    are `peaks`."""
    standing = list(zip(subtrees((0, size)), peaks, strict=True))
    for number, leaf in enumerate(leaves, size):
        standing.append(((0, number), leaf))
        while len(standing) > 1 and standing[-1][0][0] == standing[-2][0][0]:
            (_, right), ((level, index), left) = standing.pop(), standing.pop()
            standing.append(((level + 1, index // 2), node_hash(left, right)))
            yield standing[-1]


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that the leaf of this number is in the tree of that size, nearest first (2.1.1)."""
    first, end, path = 0, size, []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `old` leaves is the beginning of that of `new` (2.1.2)."""
    first, end, whole, path = 0, new, True, []
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first, whole = middle, False
    return ([] if whole else [(first, end)]) + path[::-1]


def hashed(ranges: Iterable[Range], known: Mapping[Subtree, bytes]) -> list[bytes]:
    """The hashes of ranges from those of the complete subtrees in them; KeyError where one is missing."""
    return [folded([known[each] for each in subtrees(leaves)]) for leaves in ranges]


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root to which a proof leads from the hash of a leaf; None where it is not as long as it must be."""
    ranges = inclusion(index, size) if 0 <= index < size else []
    if not 0 <= index < size or len(ranges) != len(proof):
        return None
    for (first, _), other in zip(ranges, proof, strict=True):
        leaf = node_hash(leaf, other) if first > index else node_hash(other, leaf)
    return leaf


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does a proof show that the older tree is the beginning of the newer? (RFC 9162, 2.1.4.2)"""
    if old in (0, new):
        return old <= new and not proof and (old == 0 or old_root == new_root)
    if old > new or not proof:
        return False
    rest = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = rest[0]
    for other in rest[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, other)
        node, last = node >> 1, last >> 1
    return (before, after, last) == (old_root, new_root, 0)


def _split(size: int) -> int:
    """The largest power of two below a size above one."""
    return 1 << ((size - 1).bit_length() - 1)
