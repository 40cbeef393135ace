"""The chain over the event log: sealing new events, and finding whatever was altered, cut or slipped in.

Commit order is not id order and events are never updated, so each event carries its own HMAC when written, and a
single sealer appends events to a chain of their own. The head of the chain is also written outside the database
(VAR_DIR/audit/heads.log), so that cutting the tail shows too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from luojiang_ce import clock

from .events import canonical, digest
from .models import ChainLink, Event, EventNote

_LOCK = 27_2017  # any fixed number; the sealer's advisory lock on PostgreSQL


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
        _hold_the_lock()
        last = ChainLink.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, "")
        links = []
        for event in _unsealed()[:limit]:
            position, previous = position + 1, _link_hash(previous, position + 1, event)
            links.append(ChainLink(position=position, event_uid=event.uid, hash=previous, sealed_at=clock.now()))
        ChainLink.objects.bulk_create(links, batch_size=1000)
    if links:
        _publish_head(links[-1])
    return len(links)


def check() -> Audit:
    """Walk the whole log and chain; reads only."""
    audit = Audit(sealed=ChainLink.objects.count())
    events = {event.uid: event for event in Event.objects.all()}
    audit.problems += _check_events(events.values())
    audit.problems += _check_notes()
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


def _hold_the_lock() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _link_hash(previous: str, position: int, event: Event) -> str:
    return digest(f"{previous}|{position}|{event.uid}|{event.hmac}")


def _check_events(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if event.hmac != digest(canonical(event)):
            yield f"记录 {event.uid} 被改动或伪造（{event}）"


def _check_notes() -> Iterator[str]:
    for note in EventNote.objects.select_related("event"):
        if hashlib.sha256(note.text.encode()).hexdigest() != note.event.note_sha256:
            yield f"记录 {note.event.uid} 的说明文字被改动"


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
    if not heads_file().exists():
        return
    chain = dict(ChainLink.objects.values_list("position", "hash"))
    for line in heads_file().read_text().splitlines():
        position, head, at = line.split(" ", 2)
        if chain.get(int(position)) != head:
            yield f"{at} 对外公布的第 {position} 环与现有链不符：链尾被截断或重写"


def _publish_head(link: ChainLink) -> None:
    path = heads_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as log:
        log.write(f"{link.position} {link.hash} {link.sealed_at.isoformat()}\n")
