"""The chain over the event log: sealing new events, and finding whatever was altered, cut or slipped in.

Commit order is not id order and events are never updated, so each event carries its own HMAC and its writer's number
when written, and a single sealer appends events to a chain of their own. Its heads leave the house (heads.py), so that
cutting the tail shows too.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold

from . import heads, log_parts
from .events import ANONYMISED, canonical, digest, items_sha256, sha256, writer_hmac
from .models import ChainLink, Event, EventNote, LeftEvent, LogWriter, ReturnItem

T = TypeVar("T")
PUBLISHED_WITHIN = timedelta(hours=1)  # far more than the time from sealing to publishing
ONE_STRETCH = timedelta(days=1)  # clocks that ran backwards again within it were wrong all the while
RETURNS_SEALED = "returns_sealed"  # an event of migration 0003: what lay beside the log until then
BATCH = 2_000
Done = Callable[[int], None]  # so many more rows are looked at


@dataclass
class Audit:
    """What a check of the log found: `problems` in Chinese, how much is sealed, since when an event waits.

    `notes`: what cannot be told, because it is older than what would tell it; no problem. `backwards`: each stretch in
    which a machine's clock ran backwards. That is no alteration either, for a time that is altered no more fits its
    event's HMAC: it is a clock that was wrong, or that somebody set, and stays in the log for good.
    """

    sealed: int = 0
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    backwards: list[str] = field(default_factory=list)


def seal(limit: int = 10_000) -> int:
    """Append unsealed events to the chain and publish the new head; returns how many were sealed."""
    with transaction.atomic():
        hold(Lock.SEALER)
        last = ChainLink.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, _before_all())
        links = []
        for event in unsealed().order_by("pk")[:limit]:
            position, previous = position + 1, _link_hash(previous, position + 1, event)
            links.append(ChainLink(position=position, event_uid=event.uid, hash=previous, sealed_at=clock.now()))
        ChainLink.objects.bulk_create(links, batch_size=1000)
    if links:
        heads.write_outside(links[-1])
    elif last and not heads.is_written(last):
        heads.write_outside(last)  # the sealer was stopped between sealing and publishing
    return len(links)


def unsealed() -> QuerySet[Event]:
    """Events that are not in the chain yet."""
    return Event.objects.filter(~Exists(ChainLink.objects.filter(event_uid=OuterRef("uid"))))


def check(done: Done = lambda rows: None) -> Audit:
    """Walk the whole log and chain, in bounded memory; reads only. `done` hears of every event three times."""
    audit = Audit(sealed=ChainLink.objects.count())
    older = _Older.read()
    sound: set[int] = set()
    audit.problems += readable("转出的部分", log_parts.check_rows(sound))
    left = log_parts.left_with(sound)
    audit.problems += heads.check_beginning(left)
    audit.problems += readable("记录链", _check_links(left, older, done))
    audit.problems += readable("未封存的记录", _check_unsealed(audit, older, done))
    audit.problems += readable("写入者", _check_writers(left, done))
    audit.problems += readable("补正说明", _check_answers(older))
    audit.problems += heads.check_rows()
    audit.problems += _check_published()
    audit.backwards += readable("写入时间", _check_times(left, done))
    return audit


def readable(label: str, problems: Iterable[str]) -> Iterator[str]:
    """These problems; what was altered so that it cannot be read at all is one more, and no end of the check."""
    try:
        yield from problems
    except (AttributeError, KeyError, TypeError, ValueError) as broken:
        yield f"{label}：有内容读不出来（{broken!r}），其余不能逐条核对：被改动"


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Rows in lists of at most so many."""
    stream = iter(rows)
    while batch := list(islice(stream, size)):
        yield batch


# --- the chain --------------------------------------------------------------------------------------------------------


def _before_all() -> str:
    """What the first link is tied to: the beginning; nothing in a log that is older than beginnings."""
    start = heads.beginning()
    return start.hash if start and start.position == 0 else ""


def _link_hash(previous: str, position: int, event: Event | LeftEvent) -> str:
    return digest(f"{previous}|{position}|{event.uid}|{event.hmac}")


def _check_links(whole: QuerySet[LeftEvent], older: _Older, done: Done) -> Iterator[str]:
    previous, expected = _before_all(), 0
    for links in batches(ChainLink.objects.order_by("position").iterator(BATCH)):
        events = Event.objects.select_related("note_row").in_bulk([link.event_uid for link in links], field_name="uid")
        left = whole.in_bulk([link.position for link in links if link.event_uid not in events])
        asked = _items_of(events.values())
        for link in links:
            expected += 1
            event = events.get(link.event_uid)
            sealed = event or left.get(link.position)
            if link.position != expected:
                yield f"链在第 {expected} 环断开：缺少第 {expected} 至 {link.position - 1} 环"
                expected = link.position
            if sealed is None:
                yield f"第 {link.position} 环的记录 {link.event_uid} 被删除"
            elif link.hash != _link_hash(previous, link.position, sealed):
                yield f"第 {link.position} 环与前后不符：记录被调换、插入或改动"
            if event:
                yield from _check_event(event, asked[event.pk], older)
            previous = link.hash
        done(len(links))


def _check_unsealed(audit: Audit, older: _Older, done: Done) -> Iterator[str]:
    for loose in batches(unsealed().order_by("at").select_related("note_row").iterator(BATCH)):
        asked = _items_of(loose)
        audit.unsealed, audit.oldest_unsealed = audit.unsealed + len(loose), audit.oldest_unsealed or loose[0].at
        for event in loose:
            yield from _check_event(event, asked[event.pk], older)
        done(len(loose))


# --- one event, and what lies beside it -------------------------------------------------------------------------------


def _check_event(event: Event, items: list[ReturnItem], older: _Older) -> Iterator[str]:
    if event.hmac != digest(canonical(event)):
        yield f"记录 {event.uid} 被改动或伪造（{event}）"
        return
    yield from _check_note(event, older.anonymised)
    stored = [{"where": i.where, "wrong": i.wrong, "mend": i.mend} for i in items]
    if items_sha256(stored) != event.data.get("items_sha256", older.asked.get(str(event.uid), "")):
        yield f"记录 {event.uid} 的退回内容被改动、增加或删除"


def _check_note(event: Event, anonymised: Mapping[str, int]) -> Iterator[str]:
    note: EventNote | None = getattr(event, "note_row", None)
    if note is None and event.note_sha256 and anonymised.get(str(event.uid), 0) <= event.pk:
        yield f"记录 {event.uid} 的说明文字被删除"
    if note and sha256(note.text) != event.note_sha256:
        yield f"记录 {event.uid} 的说明文字被改动"


@dataclass(frozen=True)
class _Older:
    """What later events say of earlier ones, read once: what returns asked for and how they were answered before their
    digests stood in their events; by which event (its id) the words of which were taken away."""

    asked: Mapping[str, str]
    answers: Mapping[str, str]
    anonymised: Mapping[str, int]

    @classmethod
    def read(cls) -> _Older:
        asked: dict[str, str] = {}
        answers: dict[str, str] = {}
        for data in Event.objects.filter(name=RETURNS_SEALED).values_list("data", flat=True):
            asked |= data.get("returns", {})
            answers |= data.get("answers_sha256", {})
        rows = Event.objects.filter(name=ANONYMISED).order_by("pk").values_list("pk", "data")
        return cls(asked, answers, {uid: pk for pk, data in rows.iterator(BATCH) for uid in data.get("notes", ())})


def _items_of(events: Iterable[Event]) -> Mapping[int, list[ReturnItem]]:
    found: dict[int, list[ReturnItem]] = defaultdict(list)
    for item in ReturnItem.objects.filter(event__in=[event.pk for event in events]).order_by("pk"):
        found[item.event_id].append(item)
    return found


def _check_answers(older: _Older) -> Iterator[str]:
    """How returns were answered, against the digests in the events of their cases."""
    for items in batches(ReturnItem.objects.select_related("event").order_by("pk").iterator(BATCH)):
        cases: dict[str, set[int]] = defaultdict(set)
        for item in items:
            cases[item.event.case_type].add(item.event.case_id)
        answers = dict(older.answers)
        for kind, pks in cases.items():
            answering = Event.objects.filter(case_type=kind, case_id__in=pks, data__has_key="answers_sha256")
            for data in answering.order_by("pk").values_list("data", flat=True):
                answers |= data["answers_sha256"]
        for item in items:
            if sha256(item.answer) != answers.get(str(item.pk), ""):
                yield f"第 {item.pk} 项退回内容的补正说明被改动"


# --- what each writer has counted -------------------------------------------------------------------------------------


class _Written(NamedTuple):
    """Where an event was written: the last one of a writer that was looked at."""

    number: int
    pk: int


def _check_writers(left: QuerySet[LeftEvent], done: Done) -> Iterator[str]:
    """No number is missing, ids come in the order of writing; what was written since the counts were read is still on
    its way."""
    counts = {writer.lane: writer for writer in LogWriter.objects.all()}
    for writer in counts.values():
        if writer.hmac != writer_hmac(writer):
            yield f"第 {writer.lane} 号写入者的计数被改动"
    last: dict[int, _Written] = {}
    counted = heapq.merge(_numbered(Event.objects.all(), "pk"), _numbered(left, "event_id"), key=itemgetter(0, 2))
    for batch in batches(counted):
        for lane, uid, *facts in batch:
            written = _Written(*facts)
            yield from _check_order(lane, uid, last.get(lane), written)
            last[lane] = written
        done(len(batch))
    for lane in last.keys() - counts.keys():
        yield f"第 {lane} 号写入者的计数被删除"
    for lane, writer in counts.items():
        seen = last[lane].number if lane in last else 0
        if seen < writer.last:
            yield _missing(lane, seen + 1, writer.last)


def _numbered(rows: QuerySet[Any], pk: str) -> Iterator[tuple[Any, ...]]:
    """Writer, uid, number and id of what was counted, in the order of the counts."""
    counted = rows.filter(writer__isnull=False).order_by("writer", "number")
    return iter(counted.values_list("writer", "uid", "number", pk).iterator(BATCH))


def _check_order(lane: int, uid: Any, before: _Written | None, now: _Written) -> Iterator[str]:
    expected = before.number + 1 if before else 1
    if now.number > expected:
        yield _missing(lane, expected, now.number - 1)
    if before and now.pk < before.pk:
        yield f"记录 {uid} 的序号 {now.pk} 在它之前写入的 {before.pk} 之前：次序被改动"


def _missing(lane: int, lowest: int, highest: int) -> str:
    numbers = f"{lowest}" if lowest == highest else f"{lowest} 至 {highest}"
    return f"第 {lane} 号写入者的第 {numbers} 条记录不见了：被删除"


# --- the machines' clocks ---------------------------------------------------------------------------------------------


class _StepBack(NamedTuple):
    """An event that was written at an earlier time than the one before it, and by how much."""

    uid: Any
    at: datetime
    by: timedelta

    def __str__(self) -> str:
        return f"记录 {self.uid}（{clock.local(self.at):%Y-%m-%d %H:%M} 写入）"


@dataclass
class _Stretch:
    """Steps back that follow one another within ONE_STRETCH."""

    first: _StepBack
    last: _StepBack
    most: _StepBack
    times: int = 1

    def add(self, step: _StepBack) -> None:
        self.last, self.most, self.times = step, max(self.most, step, key=attrgetter("by")), self.times + 1

    def __str__(self) -> str:
        minutes = int(self.most.by.total_seconds() // 60)
        span = f"{minutes // 1440} 天 {minutes % 1440 // 60} 小时 {minutes % 60} 分"
        if self.times == 1:
            return f"{self.first}的系统时间比它之前的一条早 {span}：时间倒退"
        often = f"系统时间 {self.times} 次早于前一条，最多早 {span}（记录 {self.most.uid}）"
        return f"{self.first}至{self.last}，{often}：时间倒退"


def _check_times(left: QuerySet[LeftEvent], done: Done) -> Iterator[str]:
    """Each stretch in which time ran backwards, whoever wrote: a worker whose clock is wrong has writers of its own,
    whose events lie among everybody else's."""
    stretch: _Stretch | None = None
    for step in _steps_back(left, done):
        if stretch and abs(step.at - stretch.last.at) <= ONE_STRETCH:
            stretch.add(step)
            continue
        if stretch:
            yield str(stretch)
        stretch = _Stretch(step, step, step)
    if stretch:
        yield str(stretch)


def _steps_back(left: QuerySet[LeftEvent], done: Done) -> Iterator[_StepBack]:
    before: datetime | None = None
    timed = heapq.merge(_timed(Event.objects.all(), "pk"), _timed(left, "event_id"), key=itemgetter(0))
    for batch in batches(timed):
        for _, uid, at in batch:
            if before and at < before - clock.MAY_DIFFER:
                yield _StepBack(uid, at, before - at)
            before = at
        done(len(batch))


def _timed(rows: QuerySet[Any], pk: str) -> Iterator[tuple[Any, ...]]:
    """Id, uid and time of what was counted, in the order of the ids."""
    counted = rows.filter(written_at__isnull=False).order_by(pk)
    return iter(counted.values_list(pk, "uid", "written_at").iterator(BATCH))


# --- the file of heads ------------------------------------------------------------------------------------------------


def _check_published() -> Iterator[str]:
    # Before the file is read: what is sealed from here on is published when it has been.
    begun, ended = ChainLink.objects.first(), ChainLink.objects.last()
    first = last = None
    for lines in batches(enumerate(heads.lines(), 1)):
        read = [(number, heads.read_line(line)) for number, line in lines]
        yield from (
            f"链头公布文件第 {number} 行不完整，读不出来，请从备份恢复" for number, head in read if head is None
        )
        published = [head for _, head in read if head]
        chain = ChainLink.objects.in_bulk([head.position for head in published])
        for head in published:
            if head.position not in chain or chain[head.position].hash != head.hash:
                at = head.at.isoformat()
                yield f"{at} 对外公布的第 {head.position} 环与现有链不符：链尾被截断或重写"
        if published:
            first, last = first or published[0], published[-1]
    if begun and ended:
        yield from _check_publishing(begun, ended, first, last)


def _check_publishing(
    begun: ChainLink, ended: ChainLink, first: heads.Published | None, last: heads.Published | None
) -> Iterator[str]:
    """Every sealing publishes its head at once: where heads are missing somebody took them away."""
    if first is None or last is None:
        yield f"链头公布文件 {heads.heads_file()} 不存在或是空的：无法证明链尾没有被截断，请从备份恢复"
        return
    if first.at - begun.sealed_at > PUBLISHED_WITHIN:
        yield f"链头公布文件从 {first.at.isoformat()} 才开始，此前公布的不见了，请从备份恢复"
    if last.position < ended.position and clock.now() - ended.sealed_at > PUBLISHED_WITHIN:
        yield f"链头公布文件止于第 {last.position} 环，此后公布的不见了，请从备份恢复"
