"""Writing and reading the event log: canonical form, HMAC, history of a case."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Prefetch

from luojiang_ce import clock
from luojiang_ce.access import Actor, case_key
from luojiang_ce.id_shapes import mask_ids, without_ids

from .case_kind import Context, Transition, Workflow, workflow_of
from .models import Event, EventNote, LogWriter, ReturnItem
from .origin import address_here, note_written
from .readings import person_of
from .writers import free_lane

ANONYMISED = "anonymised"  # an event of which notes were taken away, because they named a person
_RETURNED_AT, _REOPENED_AT = "_returned_at", "_reopened_at"  # what a row remembers of its own events


@dataclass(frozen=True)
class Draft:
    """An event that is not yet saved, with its note and what a return asks for."""

    event: Event
    note: str = ""
    items: Sequence[Mapping[str, str]] = ()


def digest(text: str) -> str:
    """HMAC-SHA-256 under the key of the event log, as hex."""
    return hmac.new(settings.EVENT_LOG_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def canonical(event: Event) -> str:
    """An event as the one text that its HMAC is taken over."""
    facts = [
        str(event.uid),
        event.case_type,
        event.case_id,
        event.name,
        event.source,
        event.target,
        event.actor_id,
        event.at.astimezone(clock.SHANGHAI).isoformat(),
        event.note_sha256,
        event.data,
    ]
    written: datetime | None = getattr(event, "written_at", None)  # migrations know events from before the column
    if written is not None:  # older events have none
        facts += [event.writer, event.number, written.astimezone(clock.SHANGHAI).isoformat()]
    # Events from before these were kept have neither; those of the worker no address.
    where_whom = (getattr(event, "address", ""), getattr(event, "concerns", None))
    if any(where_whom):
        facts += where_whom
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def new_event(case: Any, context: Context, source: str) -> Draft:
    """The event of a transition; `record_all` signs and saves it with its note and return items."""
    event = _build(case, context.transition.name, source, context.transition.target, context.actor, context.note)
    items = context.data.get("items", ()) if context.transition.returns else ()
    event.data = _plain(context.data) | _texts_sealed(items, context.data.get("answers", {}))
    return Draft(event, context.note, items)


def record(case: Any, name: str, *, actor: Actor, note: str = "", data: Mapping[str, Any] | None = None) -> Event:
    """Write an event that changes no state (an edit, a correction, a hand-over), in the caller's transaction."""
    return record_many([(case, data or {})], name, actor=actor, note=note)[0]


def record_many(
    rows: Iterable[tuple[Any, Mapping[str, Any]]], name: str, *, actor: Actor, note: str = ""
) -> list[Event]:
    """Write the same event on many cases, each with its own data; the number of queries does not grow with them."""
    drafts, note = [], mask_ids(note)
    for case, data in rows:
        state = getattr(case, "state", "")
        event = _build(case, name, state, state, actor, note)
        event.data = _plain(without_ids(data))
        event.concerns = data.get("person") or event.concerns
        drafts.append(Draft(event, note))
    return record_all(drafts)


def record_all(drafts: list[Draft]) -> list[Event]:
    """Number, sign and save events with their notes and return items, in the caller's transaction."""
    if not drafts:
        return []
    with transaction.atomic():
        _number([d.event for d in drafts])
        Event.objects.bulk_create((d.event for d in drafts), batch_size=500)
        for name in {d.event.name for d in drafts}:
            note_written(name)
        EventNote.objects.bulk_create(EventNote(event=d.event, text=d.note) for d in drafts if d.note)
        ReturnItem.objects.bulk_create(ReturnItem(event=d.event, **item) for d in drafts for item in d.items)
    return [d.event for d in drafts]


def _number(events: Sequence[Event]) -> None:
    """Count events as the next ones of a writer that nobody else is at this moment, and sign them."""
    lane, now = free_lane(), clock.machine_now()
    known = LogWriter.objects.filter(pk=lane).values_list("last", flat=True).first() or 0
    for number, event in enumerate(events, known + 1):
        event.writer, event.number, event.written_at = lane, number, now
        event.hmac = digest(canonical(event))
    writer = LogWriter(lane=lane, last=known + len(events))
    writer.hmac = writer_hmac(writer)
    LogWriter.objects.bulk_create(
        [writer], update_conflicts=True, unique_fields=["lane"], update_fields=["last", "hmac"]
    )


def writer_hmac(writer: LogWriter) -> str:
    """What signs how many events a writer has written."""
    return digest(f"writer|{writer.lane}|{writer.last}")


def anonymise_notes(case: Any, events: Iterable[Event], *, actor: Actor, reason: str) -> Event:
    """Take away the words that were kept with events of a case, because they name a person; the events stay, and a new
    one says of which it was done. In the caller's transaction."""
    gone = EventNote.objects.filter(event__in=events, event__case_type=case_key(case)[0], event__case_id=case.pk)
    uids = [str(uid) for uid in gone.order_by("event").values_list("event__uid", flat=True)]
    written = record(case, ANONYMISED, actor=actor, note=reason, data={"notes": uids})
    EventNote.objects.filter(event__uid__in=uids).delete()
    return written


def history(case: Any) -> models.QuerySet[Event]:
    """The events of a case, newest first, with actors, notes and return items at hand."""
    kind, pk = case_key(case)
    return (
        Event.objects.filter(case_type=kind, case_id=pk)
        .select_related("actor", "note_row")
        .prefetch_related(Prefetch("return_items", ReturnItem.objects.select_related("answered_by")))
        .order_by("-pk")
    )


# Who acts without an account: by what the event holds, else by what was done.
_BY_DATA = {"link": "班主任（凭链接）", "slip": "本人（凭查阅条）"}
_BY_NAME = {"signs_recorded": "学员（扫码）", "asked": "学员（扫码）", "file_added": "本人（没有账号）"}


def without_account(event: Event) -> str:
    """Who did what no account did, in words: whoever holds a link or slip, a trainee with a phone, else the system."""
    held = (who for key, who in _BY_DATA.items() if event.data.get(key))
    return next(held, _BY_NAME.get(event.name, "系统"))


def last_actor(case: Any, *names: str) -> Any:
    """Who took the last of these steps with a case; None where nobody did, or the system."""
    event = history(case).filter(name__in=names).first()
    return event.actor if event else None


def open_items(case: Any) -> list[ReturnItem]:
    """What the last return asked for and nobody has answered yet."""
    kind, pk = case_key(case)
    rows = ReturnItem.objects.filter(event__case_type=kind, event__case_id=pk, answered_at=None)
    return list(rows.select_related("event").order_by("pk"))


def answer_items(case: Any, answers: Mapping[str, str], actor: Actor) -> None:
    """Write down how the filer mended what a return asked for; `answers` by the item's id."""
    items = [item for item in open_items(case) if str(item.pk) in answers]
    for item in items:
        item.answer, item.answered_at, item.answered_by_id = answers[str(item.pk)], clock.now(), actor.pk
    ReturnItem.objects.bulk_update(items, ["answer", "answered_at", "answered_by"])


def last_of(case: Any, *names: str) -> str:
    """Which of these events was the last on the case, empty if there was none."""
    kind, pk = case_key(case)
    rows = Event.objects.filter(case_type=kind, case_id=pk, name__in=names).order_by("-pk")
    return rows.values_list("name", flat=True).first() or ""


def event_since(case: Any, name: str, moment: datetime) -> bool:
    """Was there an event of that name on the case at or after the (aware) moment?"""
    kind, pk = case_key(case)
    return Event.objects.filter(case_type=kind, case_id=pk, name=name, at__gte=moment).exists()


def was_moved(case: Any) -> bool:
    """Has any transition ever moved the case? Until then nobody but its filer has seen it."""
    kind, pk = case_key(case)
    moves = [transition.name for transition in workflow_of(case).transitions]
    return Event.objects.filter(case_type=kind, case_id=pk, name__in=moves).exists()


def with_returns(rows: models.QuerySet[Any], table: Workflow) -> models.QuerySet[Any]:
    """Rows that know when they were last sent back and brought back, as `returned_at` and `reopened_at` ask, without a
    query of their own."""
    of_case = Event.objects.filter(case_type=rows.model._meta.label_lower, case_id=models.OuterRef("pk"))
    known: models.QuerySet[Any] = rows
    for kept, kind in ((_RETURNED_AT, "returns"), (_REOPENED_AT, "reopens")):
        back = {each.name: each.target for each in table.transitions if getattr(each, kind)}
        if back:
            last = models.Subquery(of_case.filter(name__in=back).order_by("-pk").values("at")[:1])
            known = known.annotate(**{kept: models.Case(models.When(state__in=set(back.values()), then=last))})
    return known


def returned_at(case: Any) -> datetime | None:
    """When a case that stands returned was sent back; None for any other. Looked up once a row."""
    return _last_at(case, _RETURNED_AT, {each.name for each in _arriving(case) if each.returns})


def reopened_at(case: Any) -> datetime | None:
    """When a case that was answered was brought back to where it stands; None for any other. Looked up once a row."""
    return _last_at(case, _REOPENED_AT, {each.name for each in _arriving(case) if each.reopens})


def _arriving(case: Any) -> list[Transition]:
    return [each for each in workflow_of(case).transitions if each.target == case.state]


def _last_at(case: Any, kept: str, names: set[str]) -> datetime | None:
    if not names:
        return None
    if kept not in case.__dict__:
        kind, pk = case_key(case)
        events = Event.objects.filter(case_type=kind, case_id=pk, name__in=names)
        case.__dict__[kept] = events.order_by("-pk").values_list("at", flat=True).first()
    found: datetime | None = case.__dict__[kept]
    return found


def _build(case: Any, name: str, source: str, target: str, actor: Actor, note: str) -> Event:
    kind, pk = case_key(case)
    return Event(
        case_type=kind,
        case_id=pk,
        name=name,
        source=source,
        target=target,
        actor_id=actor.pk,
        at=clock.now(),
        note_sha256=sha256(note),
        address=address_here(),
        concerns=person_of(case),
    )


def sha256(text: str) -> str:
    """How a text that lies outside an event is sealed into it; empty for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def items_sha256(items: Iterable[Mapping[str, str]]) -> str:
    """What a return asked for, as one digest; empty where it asked for nothing."""
    asked = [[item.get(part, "") for part in ("where", "wrong", "mend")] for item in items]
    return sha256(json.dumps(asked, ensure_ascii=False)) if asked else ""


def _texts_sealed(items: Iterable[Mapping[str, str]], answers: Mapping[str, str]) -> dict[str, Any]:
    """The texts of a return and of its answers, which live beside the log, by digests that lie in it."""
    sealed: dict[str, Any] = {}
    if asked := items_sha256(items):
        sealed["items_sha256"] = asked
    if answers:
        sealed["answers_sha256"] = {str(item): sha256(text) for item, text in answers.items()}
    return sealed


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    kept: Iterable[tuple[str, Any]] = ((k, v) for k, v in data.items() if k not in ("items", "answers"))
    return {k: _as_json(v) for k, v in kept if v not in (None, "") and not isinstance(v, UploadedFile)}


def _as_json(value: Any) -> Any:
    """A value typed with a transition, as the event may keep it: plain, and never a name or a file."""
    if isinstance(value, dict):
        return {str(k): _as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, models.QuerySet)):
        return [_as_json(v) for v in value]
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (bool, int)) or value is None:
        return value
    return str(value)
