"""Leaves for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from units.models import Leave, OfficerRequest, Person, ReleaseRequest


def leave_of(district: District, state: str = Leave.State.DRAFT, *, person: Person | None = None, **facts) -> Leave:
    """A sick leave of somebody of the owner's unit that began a month ago and lasts half a year."""
    first = facts.pop("starts_on", clock.today() - timedelta(days=30))
    last = facts.pop("ends_on", first + timedelta(days=180))
    return Leave.objects.create(
        person=person or person_in(district.unit),
        unit=district.unit,
        reason=facts.pop("reason", Leave.Reason.SICKNESS),
        starts_on=first,
        ends_on=last,
        state=state,
        created_by=district.owner,
        first_submitted_at=None if state in ("draft", "cancelled") else clock.now(),
        **facts,
    )


def with_evidence(district: District, leave: Leave) -> None:
    attach(case=leave, material="evidence", upload=SimpleUploadedFile("证明.pdf", PDF), actor=district.owner)


def back_yesterday(district: District, leave: Leave) -> dict[str, date]:
    return {"ends_on": clock.today() - timedelta(days=1)}


def one_thing_missing(district: District, leave: Leave) -> dict[str, list[dict[str, str]]]:
    return {"items": [{"where": "证明材料", "wrong": "没有医疗机构的章", "mend": "请补盖"}]}


def request_for(district: District, state: str = "asked", *, person: Person | None = None, **facts) -> ReleaseRequest:
    """The neighbour unit asks for somebody of the owner's unit."""
    someone = person or person_in(district.unit)
    now = clock.now()
    return ReleaseRequest.objects.create(
        person=someone,
        name=facts.pop("name", someone.name),
        unit=district.unit,
        to_unit=facts.pop("to_unit", district.neighbour_unit),
        started_on=clock.today(),
        state=state,
        created_by=district.neighbour,
        first_submitted_at=now,
        submitted_at=now,
        **facts,
    )


def asked_by_the_owner(district: District, request: ReleaseRequest) -> None:
    """The other way round: the neighbour unit employs, the owner's asks."""
    request.unit, request.to_unit = district.neighbour_unit, district.unit
    request.save()


def officer_request(district: District, state: str = "asked") -> OfficerRequest:
    """A new password for the audit officer, asked for by the security officer."""
    agreed = district.system_admin if state in ("confirmed", "done") else None
    return OfficerRequest.objects.create(
        account=district.audit_admin,
        act=OfficerRequest.Act.RESET,
        said="生成新的一次性密码",
        state=state,
        created_by=district.security_admin,
        confirmed_by=agreed,
    )


def four_days_ago(district: District, request: OfficerRequest) -> None:
    request.created_at = clock.now() - timedelta(days=4)
    request.save()


KINDS = [
    Kind(
        OfficerRequest,
        officer_request,
        ready={"expire": four_days_ago},
        outsiders_of={
            "confirm": {"security_admin", "audit_admin"},
            "refuse": {"security_admin", "audit_admin"},
            "withdraw": {"system_admin", "audit_admin"},
            "fetch": {"system_admin", "audit_admin"},
        },
    ),
    Kind(ReleaseRequest, request_for, ready={"withdraw": asked_by_the_owner}),
    Kind(
        Leave,
        leave_of,
        ready={
            "submit": with_evidence,
            "resubmit": with_evidence,
            "allow_return": returned_before,
            "approve": with_evidence,
            "come_back": back_yesterday,
            "return": one_thing_missing,
        },
    ),
]
