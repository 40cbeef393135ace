"""Heads of the chain as they leave the house: whoever rewrites the log cannot rewrite what others keep.

A head is written to a file beside the database and to the system's log at every sealing, and once a day to a row that
the tree of papers takes in (luojiang_ce/proof), so that other bodies countersign it, and to the mail of the audit
officers. Any of these, or the code that somebody has printed, is held against the log by `check_audit --head`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold

from .events import digest
from .models import ChainLink, Event, LeftEvent, LogHead

LOG = logging.getLogger(__name__)
_LINE = 200  # bytes; no line is as long
CODE_DIGITS = 32  # of a hash in its printed code: 128 bits
# In a code letters stand for digits: nobody takes it for an ID number and masks it.
_AS_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")
_AS_DIGITS = str.maketrans("ghjkmnpqrs", "0123456789")
_KEPT = re.compile(r"(?<!\d)(\d+)[ :：\t]+((?:[0-9a-fghjkmnpqrs]{4}[ -]?){8,16})(?![0-9a-z])")


class Head(NamedTuple):
    """A head as somebody keeps it: its position and the beginning of its hash, or all of it."""

    position: int
    hash: str

    def is_of(self, found: str) -> bool:
        """Is it the head with this hash?"""
        return found.startswith(self.hash)


class Published(NamedTuple):
    """A line of the file of heads."""

    position: int
    hash: str
    at: datetime


def head_hmac(head: Any) -> str:
    """What signs the row of a head."""
    at = clock.local(head.published_at).isoformat()
    return digest(f"head|{head.position}|{head.hash}|{at}|{head.older}")


def beginning() -> LogHead | None:
    """Where the log began; None where its row was taken away."""
    return LogHead.objects.order_by("pk").first()


def publish_of_day() -> LogHead | None:
    """The head of now as a row, to be countersigned and mailed; the last one where nothing was sealed since. None while
    nothing was ever sealed."""
    with transaction.atomic():
        hold(Lock.SEALER)
        last = ChainLink.objects.order_by("-position").first()
        if last is None:
            return None
        known = LogHead.objects.filter(position=last.position).first()
        return known or _published(LogHead(position=last.position, hash=last.hash, published_at=clock.now(), older=0))


def _published(head: LogHead) -> LogHead:
    head.hmac = head_hmac(head)
    head.save()
    return head


def shown() -> list[tuple[str, LogHead]]:
    """What is printed and written down: the beginning, and the last head that was published."""
    first, last = beginning(), LogHead.objects.order_by("-pk").first()
    return [("起点", first), ("最近公布的链头", last)] if first and last else []


def code_of(head: Any) -> str:
    """A head as it is mailed, printed and typed again: 1532 kfap-shbc-…"""
    digits = head.hash[:CODE_DIGITS].translate(_AS_LETTERS)
    return f"{head.position} {'-'.join(digits[at : at + 4] for at in range(0, CODE_DIGITS, 4))}"


def kept_in(text: str) -> list[Head]:
    """The heads in what somebody kept: lines of the file, the mail, a typed code."""
    found = _KEPT.findall(text.lower())
    return [Head(int(at), re.sub(r"[ -]", "", digits).translate(_AS_DIGITS)) for at, digits in found]


def check_kept(text: str) -> list[str]:
    """What heads from outside say against this log; nothing where they are its own."""
    kept = kept_in(text)
    if not kept:
        return ["里面没有链头：应有一行“位置 链头”，如 1532 kfap-shbc-…"]
    return [problem for head in kept for problem in _check_kept(head)]


def _check_kept(head: Head) -> Iterator[str]:
    stands = _hash_at(head.position)
    if stands is None:
        last = ChainLink.objects.order_by("-position").values_list("position", flat=True).first() or 0
        yield f"外面保存的链头在第 {head.position} 环，现有的链只到第 {last} 环：链尾被截断，或记录被清空"
    elif not head.is_of(stands):
        yield f"第 {head.position} 环与外面保存的链头不符：这一环或之前的记录被改写过"


def _hash_at(position: int) -> str | None:
    start = beginning()
    if start and start.position == position:
        return start.hash
    return ChainLink.objects.filter(pk=position).values_list("hash", flat=True).first()


def check_beginning(left: QuerySet[LeftEvent]) -> Iterator[str]:
    """Is the log the one that was begun here? `left`: what stays of the events that went with a sound part."""
    start = beginning()
    if start is None:
        yield "操作记录的起点不见了：记录被清空过，请从备份恢复"
        return
    if settings.AUDIT_BEGINNING and not any(each.is_of(start.hash) for each in kept_in(settings.AUDIT_BEGINNING)):
        yield f"操作记录的起点（{code_of(start)}）不是设定的那个（AUDIT_BEGINNING）：记录被清空后重新开始过"
    older = Event.objects.filter(writer=None).count() + left.filter(writer=None).count()
    if older != start.older:
        yield f"没有编号的记录有 {older} 条，起点登记的是 {start.older} 条：升级以前的记录被删除或插入"


def check_rows() -> Iterator[str]:
    """The heads in the database, against the chain."""
    for head in LogHead.objects.order_by("pk").iterator():
        if head.hmac != head_hmac(head):
            yield f"{_day(head)} 登记的第 {head.position} 环链头被改动"
        stands = ChainLink.objects.filter(pk=head.position).values_list("hash", flat=True).first()
        if head.position and stands != head.hash:
            yield f"{_day(head)} 登记的第 {head.position} 环链头与现有的链不符：链尾被截断或重写"


def _day(head: LogHead) -> str:
    return f"{clock.local(head.published_at):%Y-%m-%d}"


# --- the file beside the database -------------------------------------------------------------------------------------


def heads_file() -> Path:
    """Where heads are published: one line per sealing, `position hash time`."""
    return Path(settings.VAR_DIR) / "audit" / "heads.log"


def write_outside(link: ChainLink) -> None:
    """Publish a link as the head of the chain."""
    path = heads_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as log:
        # Half a line that a full disk left must not swallow this one.
        before = "" if _tail(log, 1) in (b"", b"\n") else "\n"
        log.write(f"{before}{link.position} {link.hash} {link.sealed_at.isoformat()}\n".encode())
    LOG.info("head of the log %s %s", link.position, link.hash)  # for those who ship the log to another machine


def is_written(link: ChainLink) -> bool:
    """Is this link the last head that was written to the file?"""
    if not heads_file().exists():
        return False
    with heads_file().open("rb") as log:
        last = _tail(log, _LINE).decode(errors="replace").splitlines()[-1:]
    return bool(last and (head := read_line(last[0])) and head.position == link.position)


def lines() -> Iterator[str]:
    """The lines of the file, whatever they are."""
    if heads_file().exists():
        with heads_file().open(errors="replace") as log:
            yield from (line.rstrip("\n") for line in log)


def read_line(line: str) -> Published | None:
    """A line of the file; None where it cannot be read (half a line after a full disk)."""
    position, _, rest = line.partition(" ")
    head, _, at = rest.partition(" ")
    if not position.isdecimal() or not head:
        return None
    try:
        return Published(int(position), head, datetime.fromisoformat(at))
    except ValueError:
        return None


def _tail(file: BinaryIO, most: int) -> bytes:
    file.seek(-min(most, file.seek(0, os.SEEK_END)), os.SEEK_END)
    return file.read(most)
