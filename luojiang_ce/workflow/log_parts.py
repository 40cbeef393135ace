"""Older readings leave the log as signed files, and what stays of each event goes on proving the chain.

A part is a file of JSON lines: what it is, then each event as it was signed, with its note, its link and the link
before; at the end the signature over all of that. Nothing goes while its file has not been read again and found whole.
Of an event that left, its id, its writer's number and its HMAC stay (LeftEvent), so that the chain and the counts are
checked across the cut without the file; with it (`manage.py check_audit --part FILE`) also what it said.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.disk import flush
from luojiang_ce.locks import Lock, hold

from .engine import SYSTEM
from .events import canonical, digest, record, sha256
from .models import ChainLink, Event, EventNote, LeftEvent, LogPart
from .readings import readings

FORMAT = "luojiang-ce log part 1"
LEFT = "log_part_left"  # an event of the part
MOST = 5_000  # events of a part: its transaction keeps others waiting for a second at most
MONTH = timedelta(days=31)  # no month is longer, so that nothing goes too soon
LEAST_MONTHS = 6  # domain.md §6 (等保2.0, 网络安全法)
_BATCH = 500
_UID, _NOTE = 0, 8  # where they stand in `canonical`


class PartNotWritten(Exception):
    """The file could not be written so that it reads as it should; nothing has gone. The message is for the log."""


@dataclass(frozen=True)
class Signer:
    """How parts are signed: `sign` gives the key's number and its signature, `is_signed` knows one again, of which is
    known that it was made by then; without a day a key that was withdrawn has signed nothing."""

    sign: Callable[[bytes], tuple[str, bytes]]
    is_signed: Callable[[bytes, str, bytes, datetime | None], bool]


_signers: list[Signer] = []


def register_signer(signer: Signer) -> None:
    """Called once, by the block that has the keys (luojiang_ce/proof)."""
    _signers[:] = [signer]


# --- leaving ----------------------------------------------------------------------------------------------------------


def move_out() -> list[LogPart]:
    """Move out all that is older than the setting says, part by part; nothing where no folder is set. Raises
    PartNotWritten, OSError."""
    if not settings.AUDIT_PARTS_DIR:
        return []
    folder, parts, after = Path(settings.AUDIT_PARTS_DIR), [], 0
    while links := _leaving(after):
        after = links[-1].position
        parts.append(_move(links, folder))
    return parts


def _leaving(after: int) -> list[ChainLink]:
    """The links of the oldest readings that are kept no longer, behind this position.

    Words about a person stay for as long as the person's name does: nobody takes them out of a file any more.
    """
    months = max(settings.AUDIT_KEEP_MONTHS, LEAST_MONTHS)
    old = Event.objects.filter(name__in=readings(), at__lt=clock.now() - months * MONTH)
    leaving = old.filter(Q(concerns=None) | Q(note_row=None))
    links = ChainLink.objects.filter(position__gt=after, event_uid__in=leaving.values("uid"))
    return list(links.order_by("position")[:MOST])


def _move(links: Sequence[ChainLink], folder: Path) -> LogPart:
    number = (LogPart.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"events-{number:05}.{os.getpid()}.part"
    events = Event.objects.select_related("note_row").in_bulk([link.event_uid for link in links], field_name="uid")
    body = "".join(_lines(number, links, events)).encode()
    try:
        _write(draft, body)
        if problems := list(check_text(draft.read_bytes())):
            raise PartNotWritten(f"{draft}：{problems[0]}")
        return _leave(number, links, events, draft)
    finally:
        draft.unlink(missing_ok=True)  # where it has not become the part


def _lines(number: int, links: Sequence[ChainLink], events: dict[Any, Event]) -> Iterator[str]:
    before = [link.position - 1 for link in links]
    previous = dict(ChainLink.objects.filter(pk__in=before).values_list("position", "hash"))
    yield _line({"format": FORMAT, "number": number, "count": len(links), "made_at": clock.now().isoformat()})
    for link in links:
        event = events[link.event_uid]
        facts = {"position": link.position, "previous": previous.get(link.position - 1), "link": link.hash}
        note = event.note_row.text if hasattr(event, "note_row") else ""
        yield _line({**facts, "event": json.loads(canonical(event)), "note": note, "hmac": event.hmac})


def _line(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _write(path: Path, body: bytes) -> None:
    kid, signature = _signers[0].sign(body)
    with path.open("wb") as file:
        file.write(body)
        file.write(_line({"key": kid, "signature": b64encode(signature).decode()}).encode())
        file.flush()
        os.fsync(file.fileno())


@transaction.atomic
def _leave(number: int, links: Sequence[ChainLink], events: dict[Any, Event], draft: Path) -> LogPart:
    hold(Lock.SEALER)
    if LogPart.objects.filter(number__gte=number).exists():
        raise PartNotWritten("同时有另一个程序在转出")
    print_of = _print_of(draft)
    # No name is used twice: a database that was put back begins again at an older number.
    file = draft.with_name(f"events-{number:05}-{print_of[:8]}.jsonl")
    part = LogPart(number=number, file=file.name, sha256=print_of)
    left = [_left(part, link, events[link.event_uid]) for link in links]
    part.first, part.last, part.count, part.left_at = links[0].position, links[-1].position, len(links), clock.now()
    part.events, part.hmac = _events_digest(left), ""
    part.hmac = part_hmac(part)
    part.save(force_insert=True)
    LeftEvent.objects.bulk_create(left, batch_size=_BATCH)
    record(part, LEFT, actor=SYSTEM, data={"count": part.count, "sha256": part.sha256})
    _take_away([event.pk for event in events.values()])
    draft.replace(file)
    flush(file.parent)
    return part


def _print_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _left(part: LogPart, link: ChainLink, event: Event) -> LeftEvent:
    told = {name: getattr(event, name) for name in ("uid", "writer", "number", "written_at", "hmac")}
    return LeftEvent(position=link.position, part=part, event_id=event.pk, **told)


def _take_away(pks: Sequence[int]) -> None:
    """The trigger lets go what a LeftEvent of any part stands for; that the part is ours, the check looks after."""
    for start in range(0, len(pks), _BATCH):
        some = pks[start : start + _BATCH]
        EventNote.objects.filter(event__in=some).delete()
        Event.objects.filter(pk__in=some).delete()


def part_hmac(part: LogPart) -> str:
    """What signs the row of a part."""
    at = clock.local(part.left_at).isoformat()
    facts = (part.number, part.file, part.sha256, part.first, part.last, part.count, part.events, at)
    return digest("part|" + "|".join(map(str, facts)))


def _events_digest(left: Iterable[LeftEvent]) -> str:
    whole = hashlib.sha256()
    for each in left:
        at = clock.local(each.written_at).isoformat() if each.written_at else ""
        facts = (each.position, each.event_id, each.uid, each.writer, each.number, at, each.hmac)
        whole.update("|".join(map(str, facts)).encode() + b"\n")
    return digest(f"left|{whole.hexdigest()}")


# --- checking ---------------------------------------------------------------------------------------------------------


def check_rows(sound: set[int]) -> Iterator[str]:
    """What the database says of the parts, against itself and the log.

    `sound` is filled with the numbers of those whose rows are all as they were signed: no other stands for an event.
    """
    left_at = dict(Event.objects.filter(name=LEFT).values_list("case_id", "data__sha256"))
    for part in LogPart.objects.order_by("number"):
        wrong = list(_check_signed(part, left_at.pop(part.number, None)))
        if not wrong:
            sound.add(part.number)
        yield from wrong
        if Event.objects.filter(uid__in=part.left.values("uid")).exists():
            yield f"转出的第 {part.number} 部分里的记录又在库里：被插入"
        if settings.AUDIT_PARTS_DIR:
            yield from _check_place(part)
    if not settings.AUDIT_PARTS_DIR and (number := LogPart.objects.count()):
        yield f"没有设定 AUDIT_PARTS_DIR，转出的 {number} 个文件没有核对：设定存放它们的文件夹后再核对"
    for number in left_at:
        yield f"转出的第 {number} 部分的登记被删除"
    for stray in LeftEvent.objects.exclude(part__in=LogPart.objects.all()).order_by("position"):
        yield f"第 {stray.position} 环的记录 {stray.uid} 被当作已转出删除：没有哪一部分转出过它"


def left_with(parts: Iterable[int]) -> QuerySet[LeftEvent]:
    """What stays of the events that left with these parts."""
    return LeftEvent.objects.filter(part__in=list(parts))


def _check_signed(part: LogPart, left_as: str | None) -> Iterator[str]:
    if part.hmac != part_hmac(part) or left_as != part.sha256:
        yield f"转出的第 {part.number} 部分的登记被改动"
    if _events_digest(part.left.order_by("position").iterator(_BATCH)) != part.events:
        yield f"转出的第 {part.number} 部分留下的记录被改动、增加或删除"


def _check_place(part: LogPart) -> Iterator[str]:
    """Is its file where it was put? Nowhere else is what it says."""
    path = Path(settings.AUDIT_PARTS_DIR) / part.file
    try:
        if _print_of(path) != part.sha256:
            yield f"转出的第 {part.number} 部分的文件 {path} 被改动，请从备份恢复"
    except OSError:
        yield f"转出的第 {part.number} 部分的文件 {path} 不在或读不出来，请从备份恢复"


def check_file(path: Path) -> list[str]:
    """What a part that lies outside says against itself and this log; nothing where it is one of its own. Raises
    OSError."""
    content = path.read_bytes()
    part = LogPart.objects.filter(sha256=hashlib.sha256(content).hexdigest()).first()
    problems = [] if part else ["不是本系统转出的文件，或转出后被改动"]
    known = part is not None and part.hmac == part_hmac(part)
    problems += check_text(content, part.left_at if part and known else None)
    if part and not problems:
        problems += _check_against(part, content)
    return problems


def check_text(content: bytes, signed_by: datetime | None = None) -> Iterator[str]:
    """Is a part whole, signed, and does each event stand in the chain where it says? Without the database's rows, of
    which `signed_by` comes: a key that was withdrawn later makes no liar of what was signed before."""
    body, _, _ = content.rstrip(b"\n").rpartition(b"\n")
    try:
        head, *rows, foot = (json.loads(line) for line in content.decode().splitlines())
        signed = _signers[0].is_signed(body + b"\n", foot["key"], b64decode(foot["signature"]), signed_by)
        if head["format"] != FORMAT or head["count"] != len(rows):
            yield "不是操作记录的一部分，或不完整"
        if not signed:
            yield "签名不对：被改动，或签名密钥已作废"
        for row in rows:
            yield from _check_row(row)
    except (ValueError, KeyError, TypeError, IndexError):
        yield "读不出来：不是转出的操作记录，或已损坏"


def _check_row(row: dict[str, Any]) -> Iterator[str]:
    place, event = f"第 {row['position']} 环", row["event"]
    if row["hmac"] != digest(_line(event).rstrip("\n")):
        yield f"{place}的记录 {event[_UID]} 被改动"
    if row["note"] and sha256(row["note"]) != event[_NOTE]:
        yield f"{place}的说明文字被改动"
    previous = row["previous"]
    if previous is not None and row["link"] != digest(f"{previous}|{row['position']}|{event[_UID]}|{row['hmac']}"):
        yield f"{place}与前后不符"


def _check_against(part: LogPart, content: bytes) -> Iterator[str]:
    """The events of the file are those that left with this part, at these places of the chain."""
    rows = [json.loads(line) for line in content.decode().splitlines()[1:-1]]
    links = dict(ChainLink.objects.filter(pk__range=(part.first, part.last)).values_list("position", "hash"))
    for row in rows:
        if links.get(row["position"]) != row["link"]:
            yield f"第 {row['position']} 环与现在的链不符：链被改写过"
    if {row["position"] for row in rows} != set(part.left.values_list("position", flat=True)):
        yield "文件里的记录与转出时登记的不一致"
