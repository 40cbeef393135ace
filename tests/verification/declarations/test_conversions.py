"""Conversion tables: empty by default, filled by the bureau with a document, proposed and never forced."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.services import run
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import Context, workflow_of
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.units.views.helpers import browser
from tests.verification.batches.samples import learned
from tests.verification.requirements.cases import tried
from verification.declarations.conversions import keep, proposal, revise
from verification.declarations.models import Conversion, Declaration
from verification.requirements.services import try_out

from .cases import a_conversion, conversion_in, declaration_of, with_evidence
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

    def test_two_figures_that_say_different_things_propose_nothing_and_it_is_said(self, district):
        """One for whatever level, one for whatever author: both fit as well as the other."""
        paper = {"form": "paper", "confirmed_on": date(2026, 4, 1), "level": "省级", "authorship": "first"}
        a_conversion(form="paper", level="省级", amount=6)
        a_conversion(form="paper", authorship="first", amount=8)
        said = proposal(declaration_of(district.unit, **paper))
        assert said.startswith("有 2 条学时折算标准同样适用，不能建议，请向区人社局核实：")
        assert "建议 6" not in said

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

    def test_the_bureau_writes_and_changes_a_draft_on_record(self, district):
        handler = browser(district.handler)
        assert "折算标准未设定" in handler.get(PAGE).content.decode()
        assert handler.post(NEW, self.sent()).status_code == 302
        rule = Conversion.objects.get()
        assert "省级" in handler.get(PAGE).content.decode()
        change = reverse("declarations:edit_conversion", args=[rule.pk])
        handler.post(change, self.sent(amount="5", valid_to="2026-12-31", version=rule.version))
        rule.refresh_from_db()
        assert (rule.amount, rule.valid_to, rule.state) == (5, date(2026, 12, 31), "draft")
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


class TestDeciding:
    """In force by decision of a second person, who has seen whose verdicts it changes."""

    def decided(self, district, rule):
        run(try_out(case=rule, year=max(rule.first_year, 2020), actor=district.handler).pk)
        fire(rule, "propose", actor=district.handler)
        fire(rule, "put_in_force", actor=district.approver, note="按文件")
        rule.refresh_from_db()
        return rule

    def test_a_draft_proposes_nothing_until_it_is_decided(self, district):
        rule = a_conversion(state="draft", created_by=district.handler)
        assert proposal(conference(district)) == ""
        assert str(rule) not in browser(district.system_admin).get(PAGE).content.decode()
        with pytest.raises(Refused, match="请先试算"):
            fire(rule, "propose", actor=district.handler)
        with pytest.raises(NotPossible, match="不能再修改"):
            keep(rule=self.decided(district, rule), actor=district.handler)
        assert "建议 6 学时" in proposal(conference(district))

    def test_whoever_wrote_it_does_not_decide(self, district):
        rule = conversion_in(district, "proposed")
        tried(district, rule)
        with pytest.raises(Refused):
            fire(rule, "put_in_force", actor=district.handler)

    def test_the_same_figure_stands_once(self, district):
        a_conversion()
        with pytest.raises(Refused, match="适用的日子重叠"):
            self.decided(district, a_conversion(state="draft", amount=Decimal(9)))

    OVERLAPPING = (
        (None, date(2026, 3, 1), None),
        (None, date(2019, 1, 1), date(2020, 1, 1)),  # the other's first day
        (date(2025, 12, 31), date(2025, 12, 31), date(2026, 6, 30)),  # its last day
    )

    @pytest.mark.parametrize(("other_ends", "begins", "ends"), OVERLAPPING)
    def test_two_that_hold_on_one_day_are_refused_and_the_other_is_named(self, district, other_ends, begins, ends):
        other = a_conversion(valid_to=other_ends)
        rule = a_conversion(state="draft", amount=Decimal(9), valid_from=begins, valid_to=ends)
        with pytest.raises(Refused) as refused:
            self.decided(district, rule)
        assert f"“学术会议：每项（篇、次） 6 学时”（测人社〔2020〕3号，{other.span}）" in str(refused.value)
        assert Conversion.objects.in_force().get() == other

    @pytest.mark.parametrize(("begins", "ends"), [(date(2019, 1, 1), date(2019, 12, 31)), (date(2026, 1, 1), None)])
    def test_one_after_the_other_hold(self, district, begins, ends):
        a_conversion(valid_to=date(2025, 12, 31))
        rule = a_conversion(state="draft", amount=Decimal(9), valid_from=begins, valid_to=ends)
        assert self.decided(district, rule).state == "in_force"

    def test_other_levels_and_measures_hold_on_the_same_days(self, district):
        a_conversion()
        for facts in ({"level": "省级"}, {"measure": "credits"}, {"form": "lecture"}):
            assert self.decided(district, a_conversion(state="draft", **facts)).state == "in_force"

    def test_of_two_that_are_decided_at_once_the_second_is_refused(self, district):
        """Both passed the guards before either was in force."""
        first, second = (a_conversion(state="draft", amount=Decimal(n), valid_from=date(2020, n, 1)) for n in (1, 2))
        for rule in (first, second):
            run(try_out(case=rule, year=2020, actor=district.handler).pk)
            fire(rule, "propose", actor=district.handler)
        fire(first, "put_in_force", actor=district.approver, note="按文件")
        step = workflow_of(Conversion).transition("put_in_force")
        second.refresh_from_db()
        with pytest.raises(NotPossible, match="适用的日子重叠"):
            step.effect(Context(second, district.approver, step, clock.now()))

    @pytest.mark.parametrize(("begins", "ends"), [(date(2026, 3, 1), date(2026, 2, 28)), (date(2020, 1, 1), None)])
    def test_a_revision_takes_its_place(self, district, begins, ends):
        former = a_conversion()
        draft = revise(rule=former, actor=district.handler)
        assert revise(rule=former, actor=district.handler) == draft
        Conversion.objects.filter(pk=draft.pk).update(valid_from=begins, amount=8)
        draft.refresh_from_db()
        self.decided(district, draft)
        former.refresh_from_db()
        assert (former.valid_to, former.state) == (ends, "in_force" if ends else "off")
        assert "建议 8 学时" in proposal(conference(district))

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"form": "lecture", "authorship": ""}, "修订不改“学习形式”"),
            ({"level": "市级"}, "修订不改“级别”（原为 省级）"),
            ({"authorship": "second"}, "修订不改“作者排序”"),
            ({"measure": "credits"}, "修订不改“计量”"),
            ({"valid_from": "2019-12-31"}, "修订不早于“自何日起”"),
        ],
    )
    def test_a_revision_is_of_the_same_learning_and_not_earlier(self, district, changes, says):
        facts = {name: value for name, value in TestKeeping().sent().items() if name != "do"}
        draft = revise(rule=a_conversion(**facts), actor=district.handler)
        change = reverse("declarations:edit_conversion", args=[draft.pk])
        handler = browser(district.handler)
        answer = handler.post(change, {**facts, **changes, "version": draft.version, "do": "submit"})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert (
            handler.post(change, {**facts, "amount": "5", "version": draft.version, "do": "submit"}).status_code == 302
        )
        Conversion.objects.filter(pk=draft.pk).update(**changes)
        draft.refresh_from_db()
        tried(district, draft)
        with pytest.raises(Refused, match="修订不"):
            fire(draft, "propose", actor=district.handler)

    def test_the_preview_says_whose_verdict_it_changes_by_unit(self, district):
        """72 professional hours and 20 declared: met as declared, unmet by 6 of the table."""
        person, other = person_in(district.unit), person_in(district.neighbour_unit)
        for each in (person, other):
            learned(each, public="0", professional="72", year=2026)
        for each, amount in ((person, 20), (other, 6)):
            facts = {"state": "submitted", "amount": Decimal(amount), "first_submitted_at": clock.now()}
            unit = district.unit if each == person else district.neighbour_unit
            days = {"date_from": date(2026, 5, 6), "date_to": date(2026, 5, 8)}
            declaration_of(unit, each, form="conference", **facts, **days)
        rule = a_conversion(state="draft", created_by=district.handler)
        run(try_out(case=rule, year=2026, actor=district.handler).pk)
        lines = rule.trials.get().lines.values_list("person", "unit", "before", "after")
        assert list(lines) == [(person.pk, district.unit.pk, "met", "unmet")]
        page = browser(district.approver).get(rule.get_absolute_url()).content.decode()
        assert "2026 年度：2 人中 1 人会变" in page

    def test_ended_it_proposes_nothing(self, district):
        rule = a_conversion(created_by=district.handler)
        tried(district, rule)
        fire(rule, "end", actor=district.approver, note="文件废止")
        assert proposal(conference(district)) == ""

    def test_a_neighbour_and_a_clerk_do_not_see_it(self, district):
        rule = a_conversion()
        for account in (district.owner, district.neighbour):
            assert browser(account).get(rule.get_absolute_url()).status_code == 404
