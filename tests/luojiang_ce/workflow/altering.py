"""What the owner of the machine can do to the log, and to rows behind its back, with SQL and the keys."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow import chain, heads
from luojiang_ce.workflow.events import canonical, digest, record, writer_hmac
from luojiang_ce.workflow.models import ChainLink, Event, EventNote, LogHead, LogWriter, ReturnItem
from luojiang_ce.workflow.triggers import release
from tests.conftest import District
from units.models import Account, Assignment, Leave
from verification.ledger.models import LedgerEntry

APPEND_ONLY = (
    *("workflow_event", "workflow_chainlink", "workflow_loghead", "papers_sealuse", "proof_leaf"),
    "verification_ledger_ledgerentry",
)


@dataclass
class World:
    """What stands and is sealed before anything is altered; `loose`: events that are not sealed yet."""

    district: District
    leave: Leave
    sealed: list[Event]
    loose: list[Event]
    paper: Paper
    file: Attachment
    entry: LedgerEntry
    clerk: Account
    role: Assignment
    kept: str  # a head that left the house


class _Editor:
    connection = connection

    def execute(self, sql: str, params: Any = None) -> None:
        run(sql)


def run(sql: str, *params: Any) -> None:
    """A statement of somebody who has the database's password; `disarm` has dropped the triggers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def disarm() -> None:
    """Drop the triggers, and have the database look at no foreign key."""
    release(_Editor(), APPEND_ONLY)


def as_stored(value: Any) -> Any:
    """As the database of this run has it."""
    return value.hex if isinstance(value, uuid.UUID) and connection.vendor == "sqlite" else value


def copy_of(row: Any, **facts: Any) -> Any:
    """A row like another, with facts of its own, stored as it is."""
    values = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if not each.primary_key}
    return type(row)._base_manager.bulk_create([type(row)(**{**values, **facts})])[0]


# --- what is done -----------------------------------------------------------------------------------------------------


def change(event: Event, **facts: Any) -> None:
    names = ", ".join(f"{name} = %s" for name in facts)
    run(f"UPDATE workflow_event SET {names} WHERE id = %s", *map(as_stored, facts.values()), event.pk)


def delete(event: Event, *, linked: bool = False) -> None:
    EventNote.objects.filter(event=event).delete()
    ReturnItem.objects.filter(event=event).delete()
    if linked:
        run("DELETE FROM workflow_chainlink WHERE event_uid = %s", as_stored(event.uid))
    run("DELETE FROM workflow_event WHERE id = %s", event.pk)


def insert(event: Event, **facts: Any) -> Event:
    """A copy of an event, with other facts and whatever HMAC."""
    copy: Event = copy_of(event, uid=uuid.uuid4(), **facts)
    return copy


def swap_ids(one: Event, other: Event) -> None:
    run("UPDATE workflow_eventnote SET event_id = -event_id WHERE event_id IN (%s, %s)", one.pk, other.pk)
    for before, after in ((one.pk, -1), (other.pk, one.pk), (-1, other.pk)):
        run("UPDATE workflow_event SET id = %s WHERE id = %s", after, before)
    run("UPDATE workflow_eventnote SET event_id = %s WHERE event_id = %s", one.pk, -other.pk)
    run("UPDATE workflow_eventnote SET event_id = %s WHERE event_id = %s", other.pk, -one.pk)


def swap_links(one: int, other: int) -> None:
    for before, after in ((one, 99_999), (other, one), (99_999, other)):
        run("UPDATE workflow_chainlink SET position = %s WHERE position = %s", after, before)


def cut_tail(world: World) -> None:
    """The last sealed event with its link, and the head that was published of it."""
    delete(world.sealed[-1], linked=True)
    drop_heads_from(ChainLink.objects.order_by("-position")[0].position + 1)


def drop_heads_from(position: int) -> None:
    run("DELETE FROM workflow_loghead WHERE position >= %s", position)
    run("DELETE FROM proof_leaf WHERE source = 'log_head'")
    lines = [line for line in heads.lines() if int(line.split()[0]) < position]
    heads.heads_file().write_text("".join(f"{line}\n" for line in lines))


def wipe() -> None:
    """Everything, with its heads."""
    tables = ("returnitem", "eventnote", "chainlink", "event", "loghead", "logwriter")
    for table in tables:
        run(f"DELETE FROM workflow_{table}")
    heads.heads_file().unlink()


def begin_anew() -> None:
    """What a fresh installation has, made with the keys."""
    wipe()
    start = LogHead(position=0, hash="ab" * 32, published_at=clock.now())
    start.hmac = heads.head_hmac(start)
    start.save()


def sign(event: Event, **facts: Any) -> None:
    """With the key: another event, rightly signed."""
    fresh = Event.objects.get(pk=event.pk)
    for name, value in facts.items():
        setattr(fresh, name, value)
    change(event, **facts, hmac=digest(canonical(fresh)))


def make_chain_anew() -> None:
    """With the key: the whole chain over what stands now, its heads and the file of them."""
    run("DELETE FROM workflow_chainlink")
    run("DELETE FROM workflow_loghead WHERE position > 0")
    run("DELETE FROM proof_leaf WHERE source = 'log_head'")
    heads.heads_file().unlink()
    chain.seal()


def count_anew(lane: int) -> None:
    """With the key: number the events that are left, and the count of their writer."""
    events = Event.objects.filter(writer=lane).order_by("number")
    for number, event in enumerate(events, 1):
        sign(event, number=number)
    writer = LogWriter(lane=lane, last=len(events))
    LogWriter.objects.filter(pk=lane).update(last=writer.last, hmac=writer_hmac(writer))


def with_clock_back(world: World) -> None:
    """An act of today, on a machine whose clock was set back."""
    past = clock.machine_now() - timedelta(days=3)
    with patch.object(clock, "machine_now", return_value=past), clock.at(past):
        record(world.district.unit, "edited", actor=world.district.owner)


def spoil(path: str) -> bytes:
    changed = Path(path).read_bytes() + b"\n% later"
    Path(path).write_bytes(changed)
    return changed


def put_in_place(file: Attachment) -> bytes:
    """Another content where the file lies, as files were stored before they were sealed."""
    content = b"%PDF-1.7 invented"
    Path(file.file.path).write_bytes(content)
    return content


def spoil_with_row(file: Attachment) -> None:
    run(
        "UPDATE files_attachment SET sha256 = %s WHERE id = %s",
        hashlib.sha256(put_in_place(file)).hexdigest(),
        file.pk,
    )


def forge_published_head() -> None:
    first, *others = heads.lines()
    position, _, at = first.split(" ")
    heads.heads_file().write_text("".join(f"{line}\n" for line in [f"{position} {'0' * 64} {at}", *others]))
