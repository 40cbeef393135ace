"""Slips: made for people by whoever keeps their record, told once on paper, withdrawn at any time (product.md U6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.case_kind import register_events
from luojiang_ce.workflow.events import record_many
from luojiang_ce.workflow.readings import register_readings
from units.models import Person
from units.notify import handlers

from .codes import new_address, new_code
from .models import Objection, Slip, hash_of

LASTS = timedelta(days=30)  # unless the clerk says another day
LONGEST = timedelta(days=180)
MEANWHILE = "slip_made_meanwhile"  # event of an objection
_MEANWHILE_SAID = "请核对是不是本人要的。用新的查阅条不能撤回原来的异议"


@dataclass(frozen=True)
class Told:
    """What is printed for one person and kept nowhere: the whole address and the code."""

    slip: Slip
    url: str
    code: str


def register() -> None:
    """How the history of a person calls what happens to slips, and who looked."""
    register_events(
        slip_made="生成本人查阅条",
        slip_withdrawn="收回本人查阅条",
        slip_replaced="换发本人查阅条，原来的一张作废",
        own_record_opened="凭查阅条打开本人记录",
        own_paper_opened="凭查阅条下载本人文书",
    )
    register_readings("own_record_opened", "own_paper_opened")


@transaction.atomic
def make_slips(*, people: Sequence[Person], last_day: date, actor: Actor) -> list[Told]:
    """A slip for each of these; one that still held is withdrawn, and where an objection to the actor's unit waits its
    handlers are told. A bounded number of queries."""
    keys = [person.pk for person in people]
    list(Person.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    former = Slip.objects.filter(person__in=keys, withdrawn_at=None)
    _withdraw(list(former.select_related("person")), "slip_replaced", actor)
    told = [_new(person, last_day, actor) for person in people]
    Slip.objects.bulk_create([each.slip for each in told])
    record_many([(each.slip.person, {"slip": each.slip.pk}) for each in told], "slip_made", actor=actor)
    _tell_handlers({each.slip.person_id: each.slip.pk for each in told}, actor)
    return told


def withdraw_slips(*, people: Sequence[Person], actor: Actor) -> int:
    """From now on these people's slips open nothing; of how many that was so."""
    with transaction.atomic():
        rows = list(Slip.objects.standing().select_for_update().select_related("person").filter(person__in=people))
        _withdraw(rows, "slip_withdrawn", actor)
    return len(rows)


def _withdraw(rows: Sequence[Slip], event: str, actor: Actor) -> None:
    if not rows:
        return
    Slip.objects.filter(pk__in=[row.pk for row in rows]).update(withdrawn_at=clock.now(), withdrawn_by_id=actor.pk)
    record_many([(row.person, {"slip": row.pk}) for row in rows], event, actor=actor)


def _tell_handlers(slips: Mapping[int, int], actor: Actor) -> None:
    """Of new slips (by person) that a unit makes while its people's objections to it wait: whoever holds one could
    speak as the person. The bureau hears of it, and it stands on the objection's page."""
    own = Objection.objects.filter(unit__in=actor.unit_ids(Role.UNIT_CLERK), state__in=Objection.OPEN)
    if rows := list(own.filter(person__in=slips)):
        record_many([(row, {"slip": slips[row.person_id]}) for row in rows], MEANWHILE, actor=actor)
        only = rows[0].get_absolute_url() if len(rows) == 1 else reverse("own_record:list")
        title = f"{len(rows)} 件本人异议等答复时，单位给本人换发了查阅条"
        notify(handlers(), title, key=f"slips-meanwhile-{max(slips.values())}", text=_MEANWHILE_SAID, url=only)


def _new(person: Person, last_day: date, actor: Actor) -> Told:
    token, code = new_address(), new_code()
    slip = Slip(
        person=person,
        token=hash_of(token),
        code=hash_of(token, code),
        last_day=last_day,
        made_by_id=actor.pk,  # type: ignore[misc]  # the system makes none
    )
    return Told(slip, f"{settings.PUBLIC_URL.rstrip('/')}{reverse('own:door', args=[token])}", code)
