"""Hours of self-study: only under a filing that was approved before, within its days and hours (notice 一(四))."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import person_in
from tests.units.views.helpers import browser
from tests.verification.self_study.cases import study_of
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry

from .cases import declaration_of, with_evidence

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(四)")]
NEW, MANY = reverse("declarations:new", args=["self_study"]), reverse("declarations:new_many")
PLANNED = {"date_from": date(2026, 5, 4), "date_to": date(2026, 6, 30)}


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=True):
        yield


@pytest.fixture
def filing(district):
    return study_of(district, "approved", people=(person_in(district.unit, "仇远"),), **PLANNED)


def declared(filing, person=None, **facts) -> Declaration:
    return declaration_of(filing.unit, person or filing.people.first(), form="self_study", filing=filing, **facts)


def typed(under, person=None, **changes):
    facts = {
        "person": (person or under.people.first()).pk,
        "form": "self_study",
        "filing": under.pk,
        "date_from": "2026-05-04",
        "date_to": "2026-06-20",
        "year": "2026",
        "amount": "12",
        "do": "submit",
    }
    return facts | changes


class TestForm:
    def test_title_subject_and_basis_are_those_of_the_filing(self, district, filing):
        answer = browser(district.owner).post(NEW, typed(filing))
        case = Declaration.objects.get()
        assert answer.headers["Location"] == case.get_absolute_url()
        assert (case.title, case.organiser, case.subject, case.filing) == (
            filing.title, district.unit.name, "professional", filing,
        )  # fmt: skip
        assert case.basis.startswith(f"自学备案 {filing.number}（2026年11月24日核准）")

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"filing": ""}, "自学须事先经区人社局核准备案"),
            ({"date_from": "2026-05-03"}, "此前的学习没有经过核准备案，不计学时"),
            ({"date_to": "2026-07-01"}, "不能晚于备案的止日"),
            ({"amount": "20.5"}, "备案每人 20 学时，还可申报 20 学时"),
        ],
    )
    def test_what_the_filing_does_not_allow_is_said_with_the_clause(self, district, filing, changes, says):
        answer = browser(district.owner).post(NEW, typed(filing, **changes))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert says in html
        assert "通知 一(四)" in html
        assert not Declaration.objects.exists()

    def test_offers_approved_filings_of_the_clerks_own_people_only(self, district, filing):
        others = [
            study_of(district, "submitted", title="还没有核准的自学"),
            study_of(district, "approved", title="邻单位的自学", unit=district.neighbour_unit,
                     people=(person_in(district.neighbour_unit, "孟归鸿"),)),
        ]  # fmt: skip
        html = browser(district.owner).get(NEW, {"filing": filing.pk}).content.decode()
        assert f'<option value="{filing.pk}" selected>' in html
        assert not any(each.title in html for each in others)
        for each in others:
            answer = browser(district.owner).post(NEW, typed(each, filing.people.first()))
            assert answer.status_code == 422

    def test_somebody_who_is_not_in_the_filing(self, district, filing):
        stranger = person_in(district.unit, "莫知之")
        html = browser(district.owner).post(NEW, typed(filing, stranger)).content.decode()
        assert "的人员中没有莫知之" in html

    def test_many_at_once_leave_out_who_is_not_in_the_filing(self, district, filing):
        person_in(district.unit, "莫知之")
        sent = typed(filing) | {"names": "仇远\n莫知之"}
        page = browser(district.owner).post(MANY, sent, follow=True).content.decode()
        assert [case.person.name for case in Declaration.objects.all()] == ["仇远"]
        assert "不在自学备案" in page

    def test_another_form_of_learning_names_no_filing(self, district, filing):
        case = declared(filing)
        sent = typed(filing, form="remote", title="网络课程", organiser="平台", subject="professional", basis="证明",
                     version=case.version)  # fmt: skip
        browser(district.owner).post(reverse("declarations:edit", args=[case.pk]), sent)
        case.refresh_from_db()
        assert (case.form, case.filing) == ("remote", None)


class TestGuards:
    def test_from_filing_to_hours(self, district, filing):
        case = with_evidence(declared(filing), district.owner)
        fire(case, "submit", actor=district.owner)
        fire(case, "accept", actor=district.handler)
        entry = LedgerEntry.objects.get()
        assert (entry.form, entry.amount, entry.subject) == ("self_study", Decimal(12), "professional")

    def test_needs_the_result_of_the_examination_and_no_invitation(self, district, filing):
        case = with_evidence(declared(filing), district.owner, without="result")
        with pytest.raises(Refused, match="还缺材料：考核结果"):
            fire(case, "submit", actor=district.owner)

    def test_hours_are_not_exceeded_in_sum_per_person(self, district, filing):
        first, other = filing.people.get(), person_in(district.unit, "莫知之")
        filing.people.add(other)
        cases = [with_evidence(declared(filing, first, title=f"第{part}阶段"), district.owner) for part in "一二"]
        fire(cases[0], "submit", actor=district.owner)
        with pytest.raises(Refused, match="备案每人 20 学时，还可申报 8 学时（通知 一\\(四\\)）"):
            fire(cases[1], "submit", actor=district.owner)
        fire(with_evidence(declared(filing, other), district.owner), "submit", actor=district.owner)
        fire(cases[0], "withdraw", actor=district.owner)
        fire(cases[1], "submit", actor=district.owner)

    @pytest.mark.parametrize(
        ("facts", "says"),
        [
            ({"state": "submitted"}, "现为“待核准”，不能按它申报学时"),
            ({"state": "revoked"}, "现为“备案已撤销”"),
            ({"date_from": date(2026, 5, 10)}, "没有经过核准备案，不计学时"),
        ],
    )
    def test_a_filing_that_does_not_stand_stops_it_with_the_clause(self, district, filing, facts, says):
        case = with_evidence(declared(filing), district.owner)
        type(filing).objects.filter(pk=filing.pk).update(**facts)
        for step, actor, state in (("submit", district.owner, "draft"), ("accept", district.handler, "submitted")):
            Declaration.objects.filter(pk=case.pk).update(state=state, first_submitted_at="2026-11-20T09:00+08:00")
            with pytest.raises(Refused, match=f"{says}.*通知 一\\(四\\)"):
                fire(Declaration.objects.get(pk=case.pk), step, actor=actor)

    def test_the_case_page_leads_to_the_filing(self, client, district, filing):
        case = declared(filing, state="submitted", first_submitted_at="2026-11-20T09:00+08:00")
        assert filing.get_absolute_url() in browser(district.handler).get(case.get_absolute_url()).content.decode()
