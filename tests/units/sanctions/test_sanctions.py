"""Sanctions on persons: recorded by the unit, read by the bureau and the present unit, withdrawn (notice 三3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import lxml.html
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.files.models import Attachment
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.documents import PDF
from tests.factories import UnitFactory, assignment, person_in
from tests.units.sanctions.cases import days_ago, facts, sanction_of, with_decision
from tests.units.views.helpers import browser, cost, queries, workbook_rows
from units.models import Account, Person, Unit
from units.sanctions import services
from units.sanctions.models import Sanction
from units.services import end_employment, merge_unit, transfer
from units.services.people import rename_person

pytestmark = [pytest.mark.django_db, pytest.mark.notice("三3")]
LIST = reverse("sanctions:list")
TYPED = {
    "breach": "own_time",
    "learning": "自费研修班",
    "narrative": "工作日外出三天",
    "criticism": "on",
    "no_refund": "on",
    "document": "青农〔2026〕7号",
}


def typed(person: Person, **other: Any) -> dict[str, Any]:
    days = {"happened_on": str(days_ago(60)), "decided_on": str(days_ago(30))}
    return {**TYPED, **days, "person": person.pk, **other}


def act(sanction: Sanction, name: str) -> str:
    return reverse("workflow:act", args=["sanctions.sanction", sanction.pk, name])


def shown(account: Account, url: str) -> str:
    return browser(account).get(url).content.decode()


def why_not(sanction: Sanction, name: str, actor: Account, **data: Any) -> str:
    with pytest.raises(Refused) as refused:
        fire(sanction, name, actor=actor, data=data)
    return " ".join(refused.value.reasons)


def moved(district: District, person: Person, to: Unit | None = None) -> Person:
    """The bureau moved the person three weeks ago: after what happened two months ago."""
    transfer(
        person=person, to=to or district.neighbour_unit, on=days_ago(20), actor=district.handler, reason="组织调动"
    )
    return person


def test_the_whole_way_from_the_form_to_the_withdrawal(district: District) -> None:
    person, clerk = person_in(district.unit), browser(district.owner)
    page = clerk.post(reverse("sanctions:begin"), typed(person)).headers["Location"]
    sanction = Sanction.objects.get()
    assert (sanction.unit, sanction.state, sanction.measures) == (
        district.unit, "draft", "通报批评、不予报销学习费用"
    )  # fmt: skip
    assert "还缺材料" in clerk.get(page).content.decode()
    upload = reverse("files:upload", args=["sanctions.sanction", sanction.pk, "decision"])
    clerk.post(upload, {"files": SimpleUploadedFile("决定.pdf", PDF), "next": page})
    clerk.post(act(sanction, "record"), {"note": ""})
    sanction.refresh_from_db()
    assert (sanction.state, sanction.number) == ("in_force", f"{clock.today().year}-WG-001")
    clerk.post(act(sanction, "withdraw"), {"withdrawn_on": str(clock.today()), "note": "复核撤销"})
    sanction.refresh_from_db()
    assert (sanction.state, sanction.withdrawn_on) == ("withdrawn", clock.today())
    bureau = shown(district.handler, page)
    assert "已撤销" in bureau
    assert "复核撤销" in bureau
    assert [event.name for event in history(sanction)] == ["withdraw", "record", "file_added", "created"]
    assert Attachment.objects.of(sanction).exists()


def test_the_bureau_is_not_asked_and_sees_no_draft(district: District) -> None:
    sanction = sanction_of(district)
    with_decision(district, sanction)
    assert not Sanction.objects.visible_to(district.handler).exists()
    fire(sanction, "record", actor=district.owner)
    assert Sanction.objects.visible_to(district.handler).get() == sanction
    page = shown(district.approver, sanction.get_absolute_url())
    assert act(sanction, "withdraw") not in page
    assert not Notice.objects.filter(recipient__in=[district.handler, district.approver]).exists()


class TestBadInput:
    def test_everything_that_is_wrong_is_said_at_once_and_what_was_typed_stays(self, district: District) -> None:
        wrong = typed(
            person_in(district.unit),
            breach="other",
            criticism="",
            no_refund="",
            happened_on=str(clock.today() + timedelta(days=1)),
            decided_on="昨天",
            document="",
        )
        answer = browser(district.owner).post(reverse("sanctions:begin"), wrong)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {
            "breach_detail", "criticism", "happened_on", "decided_on", "document"
        }  # fmt: skip
        assert "工作日外出三天" in answer.content.decode()
        assert not Sanction.objects.exists()

    def test_days_in_the_wrong_order(self, district: District) -> None:
        late = typed(person_in(district.unit), decided_on=str(days_ago(61)), ends_on=str(days_ago(62)))
        errors = browser(district.owner).post(reverse("sanctions:begin"), late).context["form"].errors
        assert "早于发生日期" in errors["decided_on"][0]
        assert "早于决定日期" in errors["ends_on"][0]

    def test_somebody_of_another_unit_is_no_choice_and_refused_by_the_service_too(self, district: District) -> None:
        stranger = person_in(district.neighbour_unit)
        errors = browser(district.owner).post(reverse("sanctions:begin"), typed(stranger)).context["form"].errors
        assert "没有在您的单位任过职" in errors["person"][0]
        with pytest.raises(PermissionDenied):
            services.draft(person=stranger, actor=district.owner, **facts())

    @pytest.mark.parametrize("person", ["", "abc", "²", "9" * 30, "999999"])
    def test_an_address_that_names_nobody_shows_the_form(self, district: District, person: str) -> None:
        assert browser(district.owner).get(reverse("sanctions:begin"), {"person": person}).status_code == 200

    def test_the_database_keeps_what_the_forms_ask(self, district: District) -> None:
        for wrong in (
            {"criticism": False},
            {"breach": "other"},
            {"breach": "late"},
            {"ends_on": days_ago(31)},
            {"decided_on": days_ago(61)},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                sanction_of(district, **wrong)

    def test_a_withdrawal_before_the_decision_or_ahead_or_without_a_reason(self, district: District) -> None:
        sanction, client = sanction_of(district, "in_force"), browser(district.owner)
        for day in (days_ago(31), clock.today() + timedelta(days=1)):
            answer = client.post(act(sanction, "withdraw"), {"withdrawn_on": str(day), "note": "复核"})
            assert (answer.status_code, "撤销日期须不早于决定日期" in answer.content.decode()) == (422, True)
        errors = client.post(act(sanction, "withdraw"), {"withdrawn_on": "", "note": ""}).context["form"].errors
        assert set(errors) == {"withdrawn_on", "note"}
        sanction.refresh_from_db()
        assert sanction.state == "in_force"

    def test_an_id_number_in_the_facts_is_masked(self, district: District) -> None:
        person = person_in(district.unit)
        browser(district.owner).post(reverse("sanctions:begin"), typed(person, narrative=f"{person.id_number} 未到课"))
        assert person.id_number not in Sanction.objects.get().narrative


class TestTwoAtOnce:
    def test_a_double_click_makes_one_draft_and_one_record(self, district: District) -> None:
        person, client = person_in(district.unit), browser(district.owner)
        for _ in range(2):
            client.post(reverse("sanctions:begin"), typed(person))
        sanction = Sanction.objects.get()
        with_decision(district, sanction)
        for _ in range(2):
            client.post(act(sanction, "record"), {"note": ""})
        assert [event.name for event in history(sanction)].count("record") == 1

    def test_two_clerks_with_a_draft_each_record_one(self, district: District) -> None:
        person = person_in(district.unit)
        first, second = (sanction_of(district, person=person) for _ in range(2))
        for each in (first, second):
            with_decision(district, each)
        fire(first, "record", actor=district.owner)
        assert f"已经登记（{first.number}）" in why_not(second, "record", district.colleague)
        with pytest.raises(IntegrityError), transaction.atomic():
            Sanction.objects.filter(pk=second.pk).update(state="in_force")

    def test_what_a_colleague_recorded_meanwhile_is_not_edited(self, district: District) -> None:
        sanction = sanction_of(district)
        with_decision(district, sanction)
        fire(Sanction.objects.get(pk=sanction.pk), "record", actor=district.colleague)
        with pytest.raises(NotPossible, match="请撤销后重新登记"):
            services.edit(sanction=sanction, actor=district.owner, version=0, **facts())


class TestWhoHasMoved:
    def test_the_former_unit_records_what_happened_in_its_time_and_only_criticism_or_another_measure(
        self, district: District
    ) -> None:
        person = moved(district, person_in(district.unit))
        wrong = typed(person, dismissal="on")
        errors = browser(district.owner).post(reverse("sanctions:begin"), wrong).context["form"].errors
        assert set(errors) == {"no_refund", "dismissal"}
        assert "解聘专业技术职务须由现任职单位决定" in errors["dismissal"][0]
        late = facts(happened_on=days_ago(10), decided_on=days_ago(5))
        with pytest.raises(NotPossible, match="不在本单位任职，本单位只能登记其在职期间发生的情况"):
            services.draft(person=person, actor=district.owner, **late)
        made = services.draft(person=person, actor=district.owner, **facts(other_measure="取消评优资格"))
        assert (made.unit, made.measures) == (district.unit, "通报批评、取消评优资格")

    def test_who_works_nowhere_now_is_treated_as_who_has_moved(self, district: District) -> None:
        person = person_in(district.unit)
        end_employment(person=person, reason="left", last_day=days_ago(20), actor=district.owner)
        assert f"（证件尾号 {person.masked_id[-4:]}），已离开" in shown(district.owner, reverse("sanctions:begin"))
        with pytest.raises(NotPossible, match=f"最后一天是 {full(days_ago(20))}"):
            services.draft(person=person, actor=district.owner, **facts(no_refund=True))
        assert services.draft(person=person, actor=district.owner, **facts()).unit == district.unit

    def test_whose_first_day_is_unknown_had_begun_before(self, district: District) -> None:
        person = person_in(district.unit)
        person.employments.update(started_on=None)
        made = services.draft(person=person, actor=district.owner, **facts(happened_on=days_ago(4000)))
        assert made.unit == district.unit

    def test_a_clerk_of_both_units_records_it_of_the_one_in_which_it_happened(self, district: District) -> None:
        person = moved(district, person_in(district.unit))
        assignment(district.owner, Role.UNIT_CLERK, district.neighbour_unit).save()
        clerk = district.fresh(district.owner)
        assert services.draft(person=person, actor=clerk, **facts()).unit == district.unit
        late = facts(happened_on=days_ago(10), decided_on=days_ago(5), dismissal=True)
        assert services.draft(person=person, actor=clerk, **late).unit == district.neighbour_unit

    def test_who_moved_while_the_draft_lay_is_asked_again_with_the_place_to_mend(self, district: District) -> None:
        sanction = sanction_of(district, dismissal=True)
        with_decision(district, sanction)
        moved(district, sanction.person)
        assert "须由现任职单位决定" in why_not(sanction, "record", district.owner)
        page = shown(district.owner, sanction.get_absolute_url())
        assert f"{reverse('sanctions:edit', args=[sanction.pk])}#id_dismissal" in page

    def test_the_new_unit_records_nothing_of_before(self, district: District) -> None:
        person = moved(district, person_in(district.unit))
        with pytest.raises(NotPossible, match="不在本单位任职"):
            services.draft(person=person, actor=district.neighbour, **facts())

    def test_the_new_unit_sees_what_is_in_force_and_is_told(self, district: District) -> None:
        person = moved(district, person_in(district.unit))
        sanction = sanction_of(district, person=person)
        with_decision(district, sanction)
        new = district.neighbour
        assert not Sanction.objects.visible_to(new).exists()
        fire(sanction, "record", actor=district.owner)
        assert Sanction.objects.visible_to(new).get() == sanction
        assert act(sanction, "withdraw") not in shown(new, sanction.get_absolute_url())
        assert person.name not in Notice.objects.get(recipient=new).title
        fire(sanction, "withdraw", actor=district.owner, note="复核", data={"withdrawn_on": clock.today()})
        assert not Sanction.objects.visible_to(new).exists()
        assert Notice.objects.filter(recipient=new).count() == 2

    def test_one_whose_last_day_is_over_goes_no_further_than_the_unit_and_the_bureau(self, district: District) -> None:
        sanction = sanction_of(district, "in_force", ends_on=clock.today())
        moved(district, sanction.person)
        assert Sanction.objects.visible_to(district.neighbour).exists()
        with clock.at(clock.now() + timedelta(days=1)):
            assert not Sanction.objects.visible_to(district.neighbour).exists()
            for account in (district.owner, district.handler, district.audit_admin):
                assert Sanction.objects.visible_to(account).get().get_state_display() == "已届满"


def test_the_unit_into_which_another_was_merged_goes_on_with_its_sanctions(district: District) -> None:
    old = UnitFactory(name="洛江区石溪林业站")
    sanction = sanction_of(district, "in_force", person=person_in(old), unit=old)
    drafted = sanction_of(district, person=person_in(old), unit=old, dismissal=True)
    merge_unit(unit=old, into=district.unit, on=days_ago(3), actor=district.handler, reason="机构改革")
    assert set(Sanction.objects.visible_to(district.owner)) == {sanction, drafted}
    with_decision(district, drafted)
    fire(Sanction.objects.get(pk=drafted.pk), "record", actor=district.owner)
    fire(
        Sanction.objects.get(pk=sanction.pk), "withdraw", actor=district.owner, note="复核",
        data={"withdrawn_on": clock.today()},
    )  # fmt: skip
    before = services.draft(person=sanction.person, actor=district.owner, **facts(dismissal=True))
    assert before.unit == district.unit


def test_another_name_or_document_of_the_person_changes_nothing_of_it(district: District) -> None:
    sanction = sanction_of(district, "in_force")
    rename_person(person=sanction.person, name="王大明", reason="户口簿", actor=district.handler)
    assert "王大明" in shown(district.owner, LIST)
    with pytest.raises(ProtectedError):
        sanction.person.delete()


class TestWhereItIsShown:
    def test_on_the_pages_of_the_person_and_of_the_hours(self, district: District) -> None:
        person = person_in(district.unit)
        own = reverse("sanctions:person", args=[person.pk])
        pages = (person.get_absolute_url(), reverse("ledger:person", args=[person.pk]))
        for page in pages:
            assert own in shown(district.owner, page)
            assert own not in shown(district.handler, page)
        sanction = sanction_of(district, "in_force", person=person)
        for account in (district.owner, district.colleague, district.handler, district.audit_admin):
            for page in pages:
                assert "违规处理 1 件生效中" in shown(account, page)
            assert sanction.number in shown(account, own)
        for page in pages:
            assert "违规处理" not in lxml.html.fromstring(shown(district.keeper, page)).text_content()

    def test_a_reviewing_authority_reads_no_sanctions(self, district: District) -> None:
        sanction = sanction_of(district, "in_force")
        district.unit.supervisor = district.health
        district.unit.save()
        assert not Sanction.objects.visible_to(district.health_reviewer).exists()
        assert browser(district.health_reviewer).get(sanction.get_absolute_url()).status_code == 404

    def test_the_filters_find_and_the_workbook_says_the_same(self, district: District) -> None:
        kept = sanction_of(district, "in_force", person=person_in(district.unit, "陈若溪"), dismissal=True)
        sanction_of(district, "in_force", ends_on=days_ago(1))
        sanction_of(district, "withdrawn", breach="failed", other_measure="取消评优资格")
        sanction_of(district, document="青农〔2026〕8号")
        client = browser(district.owner)
        for query, number in (
            ({"q": "陈若溪"}, 1), ({"state": "in_force"}, 1), ({"state": "ended"}, 1), ({"state": "withdrawn"}, 1),
            ({"state": "draft"}, 1), ({"measure": "dismissal"}, 1), ({"measure": "other_measure"}, 1),
            ({"breach": "failed"}, 1), ({"q": "8号"}, 1), ({}, 4),
        ):  # fmt: skip
            assert len(client.get(LIST, query).context["page_obj"]) == number, query
            assert len(workbook_rows(client.get(reverse("sanctions:export"), query))) == number + 1, query
        cells = workbook_rows(client.get(reverse("sanctions:export"), {"measure": "dismissal"}))[1]
        assert [cells[1], cells[6]] == [kept.person.name, "通报批评、解聘专业技术职务"]


def test_queries_do_not_grow(district: District) -> None:
    few, many = cost(district.handler, LIST, lambda: sanction_of(district, "in_force"))
    assert few == many <= 12
    person = person_in(district.unit)
    own = reverse("sanctions:person", args=[person.pk])
    serial = iter(range(100))
    few, many = cost(
        district.owner,
        own,
        lambda: sanction_of(district, "in_force", person=person, document=f"青农〔2026〕{next(serial)}号"),
    )
    assert few == many <= 12
    assert queries(district.owner, Sanction.objects.first().get_absolute_url()) <= 20
