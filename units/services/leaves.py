"""Applying for long absence; its way from there is units/leave_case.py."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.filed_case import EDITABLE
from units.models import Employment, Leave, Person
from units.services.problems import Problems, assign


def draft_leave(
    *, person: Person, reason: str, starts_on: date, ends_on: date, actor: Actor, detail: str = ""
) -> Leave:
    """A draft for a person, by the clerk of the unit where the person works; a second click finds the first one's.
    Raises NotPossible, or PermissionDenied for anybody else."""
    with transaction.atomic():
        job = Employment.objects.filter(person=person, ended_on=None).first()
        if job is None:
            raise NotPossible(starts_on="此人目前没有任职单位，不能登记长期外出或病假")
        must_file_for(job.unit_id, actor)
        leave = Leave(person=person, unit_id=job.unit_id, created_by_id=actor.pk)
        _fill(leave, reason, starts_on, ends_on, detail)
        Person.objects.select_for_update().get(pk=person.pk)
        facts = {name: getattr(leave, name) for name in ("reason", "starts_on", "ends_on", "detail")}
        if same := Leave.objects.filter(person=person, unit=job.unit_id, state=Leave.State.DRAFT, **facts).first():
            return same
        leave.save()
        record(leave, "created", actor=actor)
    return leave


def edit_leave(
    *,
    leave: Leave,
    reason: str,
    starts_on: date,
    ends_on: date,
    actor: Actor,
    detail: str = "",
    version: int | None = None,
    quiet: bool = False,
) -> Leave:
    """Change a draft, or one that was returned. Raises NotPossible or Conflict. `quiet`: saved while it was typed."""
    with transaction.atomic():
        locked = Leave.objects.select_for_update().get(pk=leave.pk)
        if locked.state not in EDITABLE:
            raise NotPossible(starts_on=f"{locked.get_state_display()}，不能再修改")
        locked.must_be(version)
        before = values_of(locked)
        if _fill(locked, reason, starts_on, ends_on, detail):
            locked.count_edit(actor)
            locked.save()
            record_edit(locked, (locked, before), actor=actor, quiet=quiet)
    return locked


def _fill(leave: Leave, reason: str, starts_on: date, ends_on: date, detail: str) -> list[str]:
    problems = Problems()
    problems.add_if(ends_on < starts_on, "ends_on", "终止日期早于起始日期，请核对")
    is_other = reason == Leave.Reason.OTHER
    problems.add_if(is_other and not detail.strip(), "detail", "选“其他”的须说明是什么特殊情况")
    problems.raise_any()
    return assign(leave, {"reason": reason, "starts_on": starts_on, "ends_on": ends_on, "detail": detail.strip()})
