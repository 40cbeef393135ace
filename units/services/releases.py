"""Asking for a person of another unit; the way from there is units/release_case.py."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.workflow.events import record
from units.access import must_file_for, why_suspended
from units.filed_case import titled
from units.models import Employment, Person, ReleaseRequest, Unit
from units.notify import clerks_of, handlers
from units.services.people import check_name, document_of
from units.services.problems import Problems

ASKED, IN_VAIN = "release_asked", "release_asked_in_vain"
NOT_ELSEWHERE = "该证件号码没有在其他单位任职的人员，请核对号码；本单位新来的人员直接“登记人员”"


def ask_for(
    *, unit: Unit, name: str, kind: str, number: str, started_on: date, actor: Actor, department: str = ""
) -> ReleaseRequest:
    """Ask for somebody who works in another unit, by the number typed; asking twice finds the first request.

    Nothing about the person or the other unit is told: a name that is not the one on record is for those to see who
    answer. Raises NotPossible, on record where nobody of that number works elsewhere, or PermissionDenied.
    """
    must_file_for(unit.pk, actor)
    with transaction.atomic():
        job = _job_elsewhere(unit, name, kind, number)
        if job:
            return _ask(job, unit, clean_name(name), started_on, department.strip(), actor)
        record(actor, IN_VAIN, actor=actor, data={"unit": unit.pk})
    raise NotPossible(number=NOT_ELSEWHERE)


def _job_elsewhere(unit: Unit, name: str, kind: str, number: str) -> Employment | None:
    problems = Problems()
    check_name(clean_name(name), problems)
    document = document_of(kind, number, problems)
    if refused := why_suspended(unit, "申请调入"):
        problems.add("unit", refused)
    problems.raise_any()
    assert document is not None
    person = Person.objects.select_for_update().with_id_number(document.number).first()
    return person.employments.filter(ended_on=None).exclude(unit=unit).first() if person else None


def _ask(job: Employment, unit: Unit, name: str, started_on: date, department: str, actor: Actor) -> ReleaseRequest:
    now = clock.now()
    request, new = ReleaseRequest.objects.get_or_create(
        person_id=job.person_id,
        to_unit=unit,
        state=ReleaseRequest.State.ASKED,
        defaults={
            "unit_id": job.unit_id,
            "name": name,
            "started_on": started_on,
            "department": department,
            "created_by_id": actor.pk,
            "first_submitted_at": now,
            "submitted_at": now,
        },
    )
    if new:
        event = record(request, ASKED, actor=actor, data={"unit": unit.pk, "on": started_on})
        told = clerks_of(job.unit_id) | handlers()
        notify(told.distinct(), titled(request, "待答复"), key=f"{ASKED}-{event.uid}", case=request)
    return request
