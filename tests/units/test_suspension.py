"""A suspended unit files nothing until it is resumed (product.md U1); the bureau's acts on its cases go on."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from tests.factories import id_number
from tests.luojiang_ce.workflow.walk import collect
from tests.queries import statements
from tests.units.cases import leave_of, with_evidence
from tests.units.roster.rosters import person, preview_roster, workbook
from tests.units.views.helpers import browser
from units.models import Leave, Person
from units.services import Newcomer, enrol, resume_unit, suspend_unit

KINDS = collect()
TABLES = {kind.key: table for kind, table in kinds_with_a_table()}
REAL = sorted((key, table) for key, table in TABLES.items() if not key.startswith("toy."))
FILINGS = [(key, t.name) for key, table in REAL for t in table.transitions if t.files]


def suspend(district) -> None:
    suspend_unit(unit=district.unit, actor=district.handler, reason="资质到期未换证")


def test_these_are_the_filings() -> None:
    assert FILINGS == [
        ("sanctions.sanction", "record"),
        ("terms.extension", "submit"),
        ("terms.extension", "resubmit"),
        ("training_changes.classchange", "submit"),
        ("training_changes.classchange", "resubmit"),
        ("training_classes.classapplication", "submit"),
        ("training_classes.classapplication", "resubmit"),
        ("training_classes.teachingproof", "submit"),
        ("training_classes.teachingproof", "resubmit"),
        ("training_plans.plan", "submit"),
        ("training_plans.plan", "resubmit"),
        ("training_plans.projectchange", "submit"),
        ("training_plans.projectchange", "resubmit"),
        ("training_recognition.recognition", "submit"),
        ("training_recognition.recognition", "resubmit"),
        ("training_recognition.recognitioncorrection", "submit"),
        ("training_recognition.recognitioncorrection", "resubmit"),
        ("units.leave", "submit"),
        ("units.leave", "resubmit"),
        ("verification_batches.batch", "submit"),
        ("verification_batches.batch", "resubmit"),
        ("verification_batches.batch", "send"),
        ("verification_batches.batch", "resend"),
        ("verification_declarations.declaration", "submit"),
        ("verification_declarations.declaration", "resubmit"),
        ("verification_record.attestation", "submit"),
        ("verification_record.attestation", "resubmit"),
        ("verification_record.transfer", "submit"),
        ("verification_record.transfer", "resubmit"),
        ("verification_self_study.selfstudy", "submit"),
        ("verification_self_study.selfstudy", "resubmit"),
    ]


@pytest.mark.parametrize(("key", "name"), FILINGS, ids=lambda part: part)
def test_a_suspended_unit_does_not_file(district, key, name) -> None:
    kind = KINDS[key]
    (source,) = TABLES[key].transition(name).sources[:1]
    case = kind.build(district, source)
    data = kind.data_for(name, district, case)
    suspend(district)
    with pytest.raises(Refused) as refused:
        fire(case, name, actor=district.owner, data=data)
    (reason,) = refused.value.reasons
    assert all(part in reason for part in ("暂停", "资质到期未换证", "促进就业和培训股", district.unit.name))
    resume_unit(unit=district.unit, actor=district.handler, reason="已换证")
    fire(case, name, actor=district.owner, data=data)


def test_its_pages_stay_open_and_the_button_says_why(district) -> None:
    leave = leave_of(district)
    with_evidence(district, leave)
    suspend(district)
    page = browser(district.owner).get(leave.get_absolute_url())
    assert page.status_code == 200
    assert "资质到期未换证" in page.content.decode()


def test_what_is_filed_already_goes_on(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    suspend(district)
    fire(leave, "approve", actor=district.approver)
    assert leave.state == Leave.State.APPROVED


def test_it_may_still_take_back_and_give_up(district) -> None:
    leave = leave_of(district, "submitted")
    suspend(district)
    fire(leave, "take_back", actor=district.owner)
    fire(leave, "cancel", actor=district.owner)
    assert leave.state == Leave.State.CANCELLED


def test_the_clerks_are_told_when_it_begins_and_ends(district) -> None:
    suspend(district)
    resume_unit(unit=district.unit, actor=district.handler, reason="已换证")
    for account in (district.owner, district.colleague):
        told = Notice.objects.filter(recipient=account).order_by("pk")
        assert [(notice.title, notice.text) for notice in told] == [
            (f"{district.unit.name}已被暂停，不能新申报", "资质到期未换证。各项期限照常走"),
            (f"{district.unit.name}已恢复，可以申报", "已换证。暂停期间过期的，可以申请延期"),
        ]
    assert not Notice.objects.filter(recipient=district.neighbour).exists()


def test_an_active_unit_costs_no_look_into_the_log(district) -> None:
    leave = leave_of(district)
    with_evidence(district, leave)
    actions_for(leave, district.owner)
    with statements() as made:
        actions_for(leave, district.owner)
    assert not [sql for sql in made if "suspended" in str(sql)]


class TestNewPeople:
    def test_nobody_is_taken_on(self, district) -> None:
        suspend(district)
        district.unit.refresh_from_db()
        with pytest.raises(NotPossible, match="资质到期未换证"):
            enrol(
                unit=district.unit,
                newcomer=Newcomer(name="仇远", kind="resident", number=id_number()),
                started_on=date(2026, 1, 5),
                actor=district.owner,
            )

    def test_no_roster_is_read_or_written(self, district) -> None:
        batch = preview_roster(file=workbook(person()), name="名单.xlsx", unit=district.unit, actor=district.owner)
        suspend(district)
        client = browser(district.owner)
        response = client.post(reverse("roster:upload"), {"file": SimpleUploadedFile("名单.xlsx", b"x")})
        assert "资质到期未换证" in response.content.decode()
        page = client.post(reverse("roster:confirm", args=[batch.token]), follow=True)
        assert "资质到期未换证" in page.content.decode()
        assert not Person.objects.exists()
