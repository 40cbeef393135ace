"""Conversion tables: empty by default, filled by the bureau with a document, proposed and never forced."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.units.views.helpers import browser
from verification.declarations.conversions import proposal
from verification.declarations.models import Conversion, Declaration

from .cases import a_conversion, declaration_of, with_evidence
from .test_pages import typed

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(四)")]
PAGE, NEW = reverse("declarations:conversions"), reverse("declarations:conversion_new")


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=True):
        yield


def conference(district, **facts) -> Declaration:
    return declaration_of(
        district.unit, form="conference", date_from=date(2026, 5, 6), date_to=date(2026, 5, 8), **facts
    )


class TestProposing:
    def test_an_empty_table_proposes_nothing(self, district):
        assert not Conversion.objects.exists()  # none is shipped
        assert proposal(conference(district)) == ""

    def test_of_the_whole_or_of_each_day(self, district):
        rule = a_conversion()
        case = conference(district)
        assert proposal(case) == "按学时折算标准（测人社〔2020〕3号）建议 6 学时：学术会议：每项（篇、次） 6 学时"
        rule.per = "day"
        rule.save()
        assert "建议 18 学时" in proposal(case)

    def test_of_each_day_of_the_year_that_it_is_declared_for(self, district):
        a_conversion(form="placement", per="day")
        over_new_year = {"form": "placement", "date_from": date(2025, 12, 30), "date_to": date(2026, 1, 3)}
        parts = {year: declaration_of(district.unit, year=year, **over_new_year) for year in (2025, 2026)}
        assert "建议 12 学时" in proposal(parts[2025])
        assert "建议 18 学时" in proposal(parts[2026])

    @pytest.mark.parametrize(
        "facts",
        [
            {"valid_from": date(2026, 5, 9)},
            {"valid_to": date(2026, 5, 7)},
            {"form": "lecture"},
            {"measure": "credits"},
            {"level": "省级"},
        ],
    )
    def test_only_what_holds_on_its_last_day_for_its_form_level_and_measure(self, district, facts):
        a_conversion(**facts)
        assert proposal(conference(district)) == ""

    def test_the_most_particular_figure_goes_before_the_general_one(self, district):
        paper = {"form": "paper", "confirmed_on": date(2026, 4, 1), "level": "省级", "authorship": "first"}
        case = declaration_of(district.unit, **paper)
        a_conversion(form="paper", amount=2)
        assert "建议 2 学时" in proposal(case)
        a_conversion(form="paper", level="省级", amount=4)
        assert "建议 4 学时" in proposal(case)
        a_conversion(form="paper", level="省级", authorship="first", amount=Decimal("7.5"))
        a_conversion(form="paper", level="省级", authorship="second", amount=3)
        assert "建议 7.5 学时" in proposal(case)

    def test_two_figures_that_say_different_things_propose_nothing(self, district):
        a_conversion()
        a_conversion(valid_from=date(2021, 1, 1), amount=8)
        assert proposal(conference(district)) == ""

    def test_is_shown_on_form_and_case_and_forces_nothing(self, district):
        a_conversion(level="省级", amount=6)
        person, clerk = person_in(district.unit), browser(district.owner)
        new = reverse("declarations:new", args=["conference"])
        assert "学时折算标准，只作建议" in clerk.get(new).content.decode()
        sent = typed(person, form="conference", level="省级", amount="12")
        page = clerk.post(new, sent, follow=True).content.decode()
        assert page.count("建议 6 学时") == 2  # when it is saved, and on its page
        case = Declaration.objects.get()
        assert (case.amount, case.level) == (12, "省级")
        fire(with_evidence(case, district.owner), "submit", actor=district.owner)
        fire(case, "accept", actor=district.handler)
        assert "建议 6 学时" in browser(district.handler).get(case.get_absolute_url()).content.decode()

    def test_without_levels_in_the_tables_none_is_asked(self, district):
        page = browser(district.owner).get(reverse("declarations:new", args=["lecture"])).content.decode()
        assert 'type="hidden" name="level"' in page
        assert "学时折算标准，只作建议" not in page


class TestKeeping:
    def sent(self, **changes):
        facts = {
            "form": "paper",
            "level": "省级",
            "authorship": "first",
            "measure": "hours",
            "amount": "6",
            "per": "item",
            "document": "测人社〔2020〕3号",
            "valid_from": "2020-01-01",
            "do": "submit",
        }
        return facts | changes

    def test_the_bureau_enters_and_changes_a_figure_on_record(self, district):
        handler = browser(district.handler)
        assert "折算标准未设定" in handler.get(PAGE).content.decode()
        assert handler.post(NEW, self.sent()).status_code == 302
        rule = Conversion.objects.get()
        assert "省级" in handler.get(PAGE).content.decode()
        change = reverse("declarations:conversion", args=[rule.pk])
        handler.post(change, self.sent(amount="5", valid_to="2026-12-31", version=rule.version))
        rule.refresh_from_db()
        assert (rule.amount, rule.valid_to) == (5, date(2026, 12, 31))
        events = Event.objects.filter(case_type="verification_declarations.conversion").order_by("pk")
        assert [event.name for event in events] == ["created", "edited"]
        assert "折算：6 → 5" in events[1].note_row.text

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"document": ""}, "请填写这一项"),
            ({"amount": "0"}, "没有文件依据的不要填"),
            ({"form": "lecture"}, "只有论文分作者排序"),
            ({"valid_to": "2019-12-31"}, "终止日期早于起始日期"),
            ({"form": "class"}, "form"),
        ],
    )
    def test_says_what_is_wrong(self, district, changes, says):
        answer = browser(district.handler).post(NEW, self.sent(**changes))
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert not Conversion.objects.exists()

    def test_the_same_figure_stands_once(self, district):
        handler = browser(district.handler)
        handler.post(NEW, self.sent())
        assert "已有折算标准" in handler.post(NEW, self.sent(amount="9")).content.decode()
        assert Conversion.objects.count() == 1
