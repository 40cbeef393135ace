"""Has anybody changed, removed or slipped in what is in the tree, or published another tree? Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.chain import Done

from . import keyring, merkle, notes
from .models import Leaf, Node, TreeHead, note_of
from .notes import BadNote
from .sources import source_of
from .tree import heads_file, line_of, root_at, size_now, waiting

_BATCH = 2_000


@dataclass
class TreeAudit:
    """What a check of the tree found: `problems` in Chinese, how many leaves and heads, how many rows wait."""

    leaves: int = 0
    heads: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)


def check() -> TreeAudit:
    """Walk all leaves against what they are of, all nodes against the leaves, all heads against the nodes."""
    return TreeAudit(Leaf.objects.count(), TreeHead.objects.count(), waiting(), list(_problems()))


def comparison() -> Compared:
    """Papers, ledger and heads of the log against the tree, for `register_comparison`."""
    return Compared("文书和学时的树", Leaf.objects.count, _problems)


def _problems(done: Done = lambda rows: None) -> Iterator[str]:
    yield from _check_leaves(done)
    yield from _check_nodes()
    yield from _check_heads()
    yield from _check_outside()


def check_against(text: str) -> list[str]:
    """What a head that somebody keeps says against this tree; nothing where both are one."""
    try:
        note = notes.read_note(text)
        kept = notes.read_checkpoint(note.text)
    except BadNote:
        return ["这个文件不是公布过的树根，读不出来"]
    if not any(note.is_signed_by(each) for each in keyring.verifiers()):
        return ["这个树根不是本系统签发的：没有一个签名是本系统的密钥签的"]
    if kept.size > size_now():
        return [f"这个树根有 {kept.size} 条，现在只有 {size_now()} 条：后面的被删除"]
    same = _root_or_none(kept.size) == kept.root
    return [] if same else [f"分叉：保存的树根（{kept.size} 条）与现有的树前 {kept.size} 条不一致，记录被改写过"]


def _check_leaves(done: Done) -> Iterator[str]:
    """Each leaf against the row that it is of, as that is now."""
    expected, leaves = 0, Leaf.objects.order_by("position").iterator(chunk_size=_BATCH)
    for _, batch in groupby(enumerate(leaves), key=lambda each: each[0] // _BATCH):
        at_hand = [leaf for _, leaf in batch]
        rows = _rows_of(at_hand)
        for leaf in at_hand:
            if leaf.position != expected:
                yield f"缺第 {expected} 至 {leaf.position - 1} 片叶子：被删除"
            expected = leaf.position + 1
            yield from _check_leaf(leaf, rows.get((leaf.source, leaf.ref)))
        done(len(at_hand))


def _rows_of(leaves: list[Leaf]) -> dict[tuple[str, int], Any]:
    found: dict[tuple[str, int], Any] = {}
    for key in {leaf.source for leaf in leaves}:
        if source := source_of(key):
            refs = [leaf.ref for leaf in leaves if leaf.source == key]
            found |= {(key, row.pk): row for row in source.rows().filter(pk__in=refs)}
    return found


def _check_leaf(leaf: Leaf, row: Any) -> Iterator[str]:
    source = source_of(leaf.source)
    if source is None:
        yield f"第 {leaf.position} 片叶子的种类 {leaf.source} 没有登记"
    elif row is None:
        yield f"第 {leaf.position} 片叶子所指的{source.label}（{leaf.ref}）不在了：被删除"
    elif merkle.leaf_hash(source.content(row)) != bytes(leaf.hash):
        yield f"第 {leaf.position} 片叶子与所指的{source.label}（{leaf.ref}）不符：被改动"
    else:
        yield from (
            f"第 {leaf.position} 片叶子所指的{source.label}（{leaf.ref}）{each}" for each in source.problems(row)
        )


def _check_nodes() -> Iterator[str]:
    """Every stored node against the leaves below it; both come in the order of the tree."""
    stored = dict(Node.objects.values_list("place", "hash"))
    hashes = (bytes(each) for each in Leaf.objects.order_by("position").values_list("hash", flat=True).iterator())
    for subtree, value in merkle.appended(0, [], hashes):
        found = stored.pop(merkle.place(subtree), None)
        if found is None:
            yield f"缺第 {subtree[0]} 层第 {subtree[1]} 个节点"
        elif bytes(found) != value:
            yield f"第 {subtree[0]} 层第 {subtree[1]} 个节点与下面的叶子不符：被改动"
    if stored:
        yield f"多出 {len(stored)} 个节点：被插入，或叶子被删除"


def _check_heads() -> Iterator[str]:
    size, keys = 0, keyring.verifiers()
    for head in TreeHead.objects.order_by("day"):
        note = note_of(head)
        kept = notes.read_checkpoint(note.text)
        if head.size < size:
            yield f"{head.day} 公布的树根有 {head.size} 条，比前一天的 {size} 条少"
        if (kept.size, kept.root, kept.dated) != (head.size, bytes(head.root), head.day.isoformat()):
            yield f"{head.day} 的树根与当日公布的内容不符：被改动"
        if not any(note.is_signed_by(each) for each in keys):
            yield f"{head.day} 的树根没有本系统的有效签名"
        if _root_or_none(head.size) != bytes(head.root):
            yield f"{head.day} 公布的树根（{head.size} 条）与现有的树不一致：树被改写或截断（分叉）"
        size = head.size
        for each in head.cosignatures.select_related("witness"):
            if not note.is_signed_by(each.witness.verifier):
                yield f"{head.day} 的树根下 {each.witness.label} 的会签无效：被改动，或公钥被换过"


def _check_outside() -> Iterator[str]:
    """The heads that were written outside of the database, and those in it."""
    lines = heads_file().read_text().splitlines() if heads_file().exists() else []
    heads = {line_of(head): head.day for head in TreeHead.objects.all()}
    for line in lines:
        if line not in heads:
            yield f"公布文件里的树根“{line[:30]}…”不在数据库里：树被换过（分叉），或文件被改动"
    for line in sorted(heads.keys() - set(lines)):
        yield f"{heads[line]} 的树根不在公布文件 {heads_file()} 里，请从备份恢复"


def _root_or_none(size: int) -> bytes | None:
    try:
        return root_at(size)
    except KeyError:
        return None
