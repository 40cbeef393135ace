"""The chain over the event log: sealing new events, and finding whatever was altered, cut or slipped in.

Commit order is not id order and events are never updated, so each event carries its own HMAC when written, and a
single sealer appends events to a chain of their own. The head of the chain is also written outside the database
(VAR_DIR/audit/heads.log), so that cutting the tail shows too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold

from .events import canonical, digest, items_sha256, sha256
from .models import ChainLink, Event, EventNote, ReturnItem

PUBLISHED_WITHIN = timedelta(hours=1)  # far more than the time from sealing to publishing
Head = tuple[int, str, str]
RETURNS_SEALED = "returns_sealed"  # an event of migration 0003: what lay beside the log until then


@dataclass
class Audit:
    """What a check of the log found: `problems` in Chinese, how much is sealed, since when an event waits."""

    sealed: int = 0
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    problems: list[str] = field(default_factory=list)


def seal(limit: int = 10_000) -> int:
    """Append unsealed events to the chain and publish the new head; returns how many were sealed."""
    with transaction.atomic():
        hold(Lock.SEALER)
        last = ChainLink.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, "")
        links = []
        for event in _unsealed()[:limit]:
            position, previous = position + 1, _link_hash(previous, position + 1, event)
            links.append(ChainLink(position=position, event_uid=event.uid, hash=previous, sealed_at=clock.now()))
        ChainLink.objects.bulk_create(links, batch_size=1000)
    if links:
        _publish_head(links[-1])
    elif last and not any(position == last.position for position, _, _ in _published_heads()[-1:]):
        _publish_head(last)  # the sealer was stopped between sealing and publishing
    return len(links)


def check() -> Audit:
    """Walk the whole log and chain; reads only."""
    audit = Audit(sealed=ChainLink.objects.count())
    events = {event.uid: event for event in Event.objects.all()}
    audit.problems += _check_events(events.values())
    audit.problems += _check_notes()
    audit.problems += _check_returns(events.values())
    audit.problems += _check_links(events)
    audit.problems += _check_heads()
    loose = list(_unsealed().values_list("at", flat=True))
    audit.unsealed, audit.oldest_unsealed = len(loose), min(loose, default=None)
    return audit


def heads_file() -> Path:
    """Where heads are published: one line per sealing, `position hash time`."""
    return Path(settings.VAR_DIR) / "audit" / "heads.log"


def _unsealed() -> QuerySet[Event]:
    return Event.objects.exclude(uid__in=ChainLink.objects.values("event_uid")).order_by("pk")


def _link_hash(previous: str, position: int, event: Event) -> str:
    return digest(f"{previous}|{position}|{event.uid}|{event.hmac}")


def _check_events(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if event.hmac != digest(canonical(event)):
            yield f"记录 {event.uid} 被改动或伪造（{event}）"


def _check_notes() -> Iterator[str]:
    for note in EventNote.objects.select_related("event"):
        if sha256(note.text) != note.event.note_sha256:
            yield f"记录 {note.event.uid} 的说明文字被改动"


def _check_returns(events: Iterable[Event]) -> Iterator[str]:
    """What returns asked for and how it was answered, against the digests in the signed events."""
    asked: dict[int, list[ReturnItem]] = {}
    for item in ReturnItem.objects.order_by("pk"):
        asked.setdefault(item.event_id, []).append(item)
    answers: dict[str, str] = {}
    before: dict[str, str] = {}  # of returns that are older than the digests in their events
    for event in events:
        before |= event.data["returns"] if event.name == RETURNS_SEALED else {}
    for event in events:
        stored = [{"where": i.where, "wrong": i.wrong, "mend": i.mend} for i in asked.get(event.pk, ())]
        if items_sha256(stored) != event.data.get("items_sha256", before.get(str(event.uid), "")):
            yield f"记录 {event.uid} 的退回内容被改动、增加或删除"
        answers |= event.data.get("answers_sha256", {})
    for item in (item for items in asked.values() for item in items):
        if sha256(item.answer) != answers.get(str(item.pk), ""):
            yield f"第 {item.pk} 项退回内容的补正说明被改动"


def _check_links(events: Mapping[UUID, Event]) -> Iterator[str]:
    previous, expected = "", 0
    for link in ChainLink.objects.order_by("position"):
        expected += 1
        event = events.get(link.event_uid)
        if link.position != expected:
            yield f"链在第 {expected} 环断开：缺少第 {expected} 至 {link.position - 1} 环"
            expected = link.position
        if event is None:
            yield f"第 {link.position} 环的记录 {link.event_uid} 被删除"
        elif link.hash != _link_hash(previous, link.position, event):
            yield f"第 {link.position} 环与前后不符：记录被调换、插入或改动"
        previous = link.hash


def _check_heads() -> Iterator[str]:
    chain = {link.position: link for link in ChainLink.objects.all()}
    heads = _published_heads()
    for number, line in enumerate(_published_lines(), 1):
        if _head_of(line) is None:
            yield f"链头公布文件第 {number} 行不完整，读不出来，请从备份恢复"
    for position, head, at in heads:
        if position not in chain or chain[position].hash != head:
            yield f"{at} 对外公布的第 {position} 环与现有链不符：链尾被截断或重写"
    if chain:
        yield from _check_publishing(list(chain.values()), heads)


def _check_publishing(links: Sequence[ChainLink], heads: Sequence[Head]) -> Iterator[str]:
    """Every sealing publishes its head at once: where heads are missing somebody took them away."""
    first, last = links[0], links[-1]
    if not heads:
        yield f"链头公布文件 {heads_file()} 不存在或是空的：无法证明链尾没有被截断，请从备份恢复"
        return
    if datetime.fromisoformat(heads[0][2]) - first.sealed_at > PUBLISHED_WITHIN:
        yield f"链头公布文件从 {heads[0][2]} 才开始，此前公布的不见了，请从备份恢复"
    if heads[-1][0] < last.position and clock.now() - last.sealed_at > PUBLISHED_WITHIN:
        yield f"链头公布文件止于第 {heads[-1][0]} 环，此后公布的不见了，请从备份恢复"


def _published_heads() -> list[Head]:
    """Position, hash and time of each head, as published."""
    return [head for line in _published_lines() if (head := _head_of(line))]


def _published_lines() -> list[str]:
    return heads_file().read_text().splitlines() if heads_file().exists() else []


def _head_of(line: str) -> Head | None:
    """A line of the file; None where it cannot be read (half a line after a full disk)."""
    position, _, rest = line.partition(" ")
    head, _, at = rest.partition(" ")
    if not position.isdecimal() or not head:
        return None
    try:
        datetime.fromisoformat(at)
    except ValueError:
        return None
    return int(position), head, at


def _publish_head(link: ChainLink) -> None:
    path = heads_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Half a line that a full disk left must not swallow this one.
    before = "\n" if path.exists() and not path.read_text().endswith("\n") else ""
    with path.open("a") as log:
        log.write(f"{before}{link.position} {link.hash} {link.sealed_at.isoformat()}\n")
