"""The tree over papers and ledger: sealing leaves, publishing heads, proofs, and finding what was changed.

As with the chain of the event log, one sealer at a time appends; heads are also written outside of the database
(VAR_DIR/audit/tree-heads.log) and countersigned by other bodies, so that a tree made anew shows too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold

from . import keyring, merkle, notes
from .keyring import Purpose
from .merkle import Range, Subtree
from .models import Cosignature, Leaf, Node, SigningKey, TreeHead, Witness, note_of
from .notes import BadNote, Checkpoint, Inclusion, Note
from .on_record import put_on_record
from .sources import LeafSource, source_of, sources

MOST_AT_ONCE = 10_000
_BATCH = 2_000


class NotOurHead(BadNote):
    """A head that this log has not published."""


def seal(limit: int = MOST_AT_ONCE) -> int:
    """Append rows that are not in the tree yet, and the subtrees that become complete; returns how many."""
    with transaction.atomic():
        hold(Lock.TREE)
        size, now = size_now(), clock.now()
        found = list(islice(_waiting(limit), limit))
        leaves = [_leaf(position, source, row, now) for position, (source, row) in enumerate(found, size)]
        peaks = list(_known([(0, size)]).values())
        grown = merkle.appended(size, peaks, (bytes(leaf.hash) for leaf in leaves))
        Leaf.objects.bulk_create(leaves, batch_size=_BATCH)
        Node.objects.bulk_create(
            (Node(place=merkle.place(subtree), hash=value) for subtree, value in grown), batch_size=_BATCH
        )
    return len(leaves)


def waiting() -> int:
    """How many rows are not in the tree yet."""
    return sum(_not_sealed(source).count() for source in sources())


def unpublished(source: str) -> Any:
    """The rows of a source that no published head holds yet. Raises LookupError for an unknown source."""
    head, known = latest(), source_of(source)
    if known is None:
        raise LookupError(source)
    held = Leaf.objects.filter(source=source, ref=OuterRef("pk"), position__lt=head.size if head else 0)
    return known.rows().filter(~Exists(held))


def size_now() -> int:
    """How many leaves there are."""
    last = Leaf.objects.order_by("-position").first()
    return last.position + 1 if last else 0


def publish_head() -> TreeHead:
    """The head of today, signed by the log; once it is there it is published as it is."""
    with transaction.atomic():
        hold(Lock.TREE)
        head = TreeHead.objects.filter(day=clock.today()).first() or _new_head(clock.today())
    _write_outside(head)
    return head


def latest() -> TreeHead | None:
    """The last head that was published."""
    return TreeHead.objects.order_by("-day").first()


def best() -> TreeHead | None:
    """The last head that others have countersigned, else the last."""
    return _best(TreeHead.objects.all())


@dataclass(frozen=True)
class Placed:
    """Where a row is in a published head, and who has countersigned that."""

    index: int
    size: int
    dated: date
    cosigned: list[str]


def placed(source: str, row: Any) -> Placed | None:
    """Where it is; None while no head has it. Three queries."""
    leaf = Leaf.objects.filter(source=source, ref=row.pk).first()
    head = _best_head(leaf) if leaf else None
    if leaf is None or head is None:
        return None
    cosigned = list(head.cosignatures.values_list("witness__label", flat=True))
    return Placed(leaf.position, head.size, head.day, cosigned)


def inclusion_of(source: str, row: Any, head: TreeHead | None = None, note: Note | None = None) -> Inclusion | None:
    """That a row is in this head, or in the best there is; None while it is in none. Five queries, however many
    leaves. `note`: that of the head, where many proofs are to lead to the very same."""
    leaf, known = Leaf.objects.filter(source=source, ref=row.pk).first(), source_of(source)
    head = head or (_best_head(leaf) if leaf else None)
    if leaf is None or head is None or known is None or leaf.position >= head.size:
        return None
    path = merkle.inclusion(leaf.position, head.size)
    hashes = merkle.hashed(path, _known(path))
    return Inclusion(known.content(row), leaf.position, tuple(hashes), note or note_of(head))


def consistency_between(old: int, new: int) -> list[bytes]:
    """The hashes that show that the tree of `old` leaves is the beginning of that of `new`; both must be sizes of heads
    that were published (NotOurHead)."""
    if not old <= new <= size_now() or not _published(old) or not _published(new):
        raise NotOurHead
    ranges = notes.consistency_ranges(old, new)
    return merkle.hashed(ranges, _known(ranges))


def cosign(text: str) -> list[Witness]:
    """Take the countersignatures that a head brings along; returns whose there are now for the first time.

    Raises NotOurHead where it is none of ours, BadNote where nothing on it is signed by a registered body.
    """
    note = notes.read_note(text)
    checkpoint = notes.read_checkpoint(note.text)
    ours = [
        each for each in TreeHead.objects.filter(size=checkpoint.size) if notes.read_note(each.note).text == note.text
    ]
    if not ours:
        raise NotOurHead(f"the log has published no such head of {checkpoint.size}")
    head = ours[0]
    found = [(each, line) for each in Witness.objects.filter(ended_at=None) if (line := note.line_of(each.verifier))]
    if not found:
        raise BadNote("signed by no registered body")
    with transaction.atomic():
        hold(Lock.TREE)
        known = set(head.cosignatures.values_list("witness", flat=True))
        new = [(each, line[1]) for each, line in found if each.pk not in known]
        Cosignature.objects.bulk_create(Cosignature(head=head, witness=each, signature=line) for each, line in new)
        for each, _ in new:
            put_on_record(each, "head_cosigned", note=f"{each}：{head}")
    return [each for each, _ in new]


def root_at(size: int) -> bytes:
    """The root of the first so many leaves, by what is stored; KeyError where something is missing."""
    return merkle.hashed([(0, size)], _known([(0, size)]))[0]


def heads_file() -> Path:
    """Where heads are written outside of the database: a line each, `day size root`."""
    return Path(settings.VAR_DIR) / "audit" / "tree-heads.log"


def line_of(head: TreeHead) -> str:
    """A head as a line of that file."""
    return f"{head.day.isoformat()} {head.size} {bytes(head.root).hex()}"


def _leaf(position: int, source: LeafSource, row: Any, now: datetime) -> Leaf:
    value = merkle.leaf_hash(source.content(row))
    return Leaf(position=position, source=source.key, ref=row.pk, hash=value, sealed_at=now)


def _best_head(leaf: Leaf) -> TreeHead | None:
    """The latest head that holds it; one that others have countersigned before one that nobody has: a proof that leads
    to the bureau's own word alone proves nothing against the bureau."""
    return _best(TreeHead.objects.filter(size__gt=leaf.position))


def _best(heads: Any) -> TreeHead | None:
    cosigned = Exists(Cosignature.objects.filter(head=OuterRef("pk")))
    found: TreeHead | None = heads.alias(cosigned=cosigned).order_by("-cosigned", "-day").first()
    return found


def _published(size: int) -> bool:
    return TreeHead.objects.filter(size=size).exists()


def _not_sealed(source: LeafSource) -> Any:
    # Asked of each row by the index: a list of a million leaves fits into no table of PostgreSQL's memory.
    return source.rows().filter(~Exists(Leaf.objects.filter(source=source.key, ref=OuterRef("pk"))))


def _waiting(limit: int) -> Iterator[tuple[LeafSource, Any]]:
    for source in sources():
        for row in _not_sealed(source).order_by("pk")[:limit]:
            yield source, row


def _known(ranges: Iterable[Range]) -> Mapping[Subtree, bytes]:
    """The stored hashes of the complete subtrees in some ranges, in their order; two queries."""
    wanted = [subtree for leaves in ranges for subtree in merkle.subtrees(leaves)]
    leaves = Leaf.objects.in_bulk([index for level, index in wanted if level == 0])
    nodes = Node.objects.in_bulk([merkle.place(subtree) for subtree in wanted if subtree[0] > 0])
    found: dict[Subtree, bytes] = {}
    for level, index in wanted:
        row: Any = nodes[merkle.place((level, index))] if level else leaves[index]
        found[level, index] = bytes(row.hash)
    return found


def _new_head(day: date) -> TreeHead:
    size = size_now()
    root, origin = root_at(size), keyring.origin()
    text = str(Checkpoint(origin, size, root, day.isoformat()))
    own = (keyring.current(purpose) for purpose in (Purpose.TREE, Purpose.STATEMENTS))
    note = notes.Note(text, tuple(_own_line(text, origin, key) for key in own))
    return TreeHead.objects.create(day=day, size=size, root=root, note=str(note), published_at=clock.now())


def _own_line(text: str, origin: str, key: SigningKey) -> tuple[str, bytes]:
    by = notes.Verifier(origin, key.algorithm, bytes(key.public))
    return notes.signature(text, by, lambda content: keyring.sign(key, content))


def _write_outside(head: TreeHead) -> None:
    """Once; also where the worker was stopped between publishing and writing."""
    path, line = heads_file(), line_of(head)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.read_text() if path.exists() else ""
    if line not in written.splitlines():
        with path.open("a") as log:
            log.write(f"{'' if written.endswith(chr(10)) or not written else chr(10)}{line}\n")
