"""The rules in force, the yearly figures, and the verdict as it is shown and frozen."""

import json
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from verification.requirements.assess import PersonFacts
from verification.requirements.display import freeze, thaw, verdict_of
from verification.requirements.models import RequirementSetting, Rule, RuleSet
from verification.requirements.reference import load_rule_sets
from verification.requirements.services import load_rulebook, set_figure, years_needed

from .rules import ACTIVE, credits, hours, verdict

pytestmark = pytest.mark.django_db


def test_a_fresh_database_has_the_rules_of_the_notice_in_force():
    assert {each.code for each in load_rulebook().rule_sets} == {"general-2017", "medical-2017", "teacher-2017"}
    assert load_rulebook().rule_sets == tuple(sorted(ACTIVE, key=lambda each: each.category))
    assert RuleSet.objects.get(code="medical-2024-20").state == "off"
    assert not RequirementSetting.objects.exists()


def test_loading_again_changes_nothing_and_brings_back_what_is_missing():
    RuleSet.objects.filter(code="general-2017").update(state="off")
    RuleSet.objects.filter(code="teacher-2017").delete()
    load_rule_sets(apps)
    assert RuleSet.objects.get(code="general-2017").state == "off"
    assert RuleSet.objects.get(code="teacher-2017").rules.count() == 3
    assert RuleSet.objects.count() == 4


def test_an_older_alternative_gets_general_practice_and_the_levels_it_holds_for():
    def known():
        (rule_set,) = RuleSet.objects.filter(code="medical-2024-20").values()
        return rule_set, [{**rule, "id": 0} for rule in Rule.objects.filter(rule_set=rule_set["id"]).values()]

    shipped = known()
    RuleSet.objects.filter(code="medical-2024-20").update(levels=[], note="")
    Rule.objects.filter(rule_set__code="medical-2024-20", code="general_practice").delete()
    migration = import_module("verification.requirements.migrations.0002_alternative_keeps_general_practice")
    for _ in range(2):
        migration.keep_general_practice(apps, None)
        assert known() == shipped


def test_is_loaded_with_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        book = load_rulebook()
        for _ in range(30):
            book.assess(2025, PersonFacts("general"), [])


def test_a_rule_has_a_figure_or_a_setting_never_both():
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.filter(code="public").update(required=10)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.filter(code="total", setting="").update(required=0)


class TestFigures:
    def test_a_figure_holds_for_its_year_only(self, district):
        set_figure(
            year=2025, key="public_minimum", amount=Decimal("30"), document="闽人社〔2025〕0号", actor=district.handler
        )
        book, person = load_rulebook(), PersonFacts("general")
        assert book.settings(2025, person) == {"public_minimum": Decimal(30)}
        assert book.settings(2026, person) == {}

    def test_the_total_of_a_cycle_is_that_of_its_last_year(self, district):
        set_figure(year=2025, key="teacher_cycle_total", amount=Decimal("360"), document="测试", actor=district.handler)
        book = load_rulebook()
        assert book.settings(2022, PersonFacts("teacher", cycle=(2021, 2025))) == {"teacher_cycle_total": Decimal(360)}
        assert book.settings(2026, PersonFacts("teacher", cycle=(2026, 2030))) == {}

    def test_entering_again_replaces(self, district):
        for amount in ("30", "36"):
            set_figure(year=2025, key="public_minimum", amount=Decimal(amount), document="测试", actor=district.handler)
        assert [str(row.amount) for row in RequirementSetting.objects.all()] == ["36.0"]

    @pytest.mark.parametrize("amount", ["0", "-1"])
    def test_zero_is_not_a_figure(self, amount):
        with pytest.raises(IntegrityError), transaction.atomic():
            RequirementSetting.objects.create(year=2025, key="public_minimum", amount=amount, document="测试")


def test_years_needed():
    assert years_needed(2025, PersonFacts("general")) == (2025, 2025)
    assert years_needed(2024, PersonFacts("teacher", cycle=(2021, 2025))) == (2021, 2024)
    assert years_needed(2026, PersonFacts("medical", "first", tenure=(2023, 2025))) == (2026, 2026)


class TestDisplay:
    over = verdict(
        PersonFacts("medical", "first", tenure=(2023, 2025)),
        2024,
        credits(2024, "class_2", "12"),
        credits(2024, "class_2", "15", "remote"),
    )

    def test_rows(self):
        shown = verdict_of(self.over)
        total, practice = shown.rows
        assert (total.required, total.reached, total.counted, total.conclusion, total.css) == (
            "25",
            "27.0",
            "24.0",
            "差 1.0",
            "unmet",
        )
        assert total.notes == ("远程（网络）教育最多计 12，超出 3.0 不计",)
        assert (practice.conclusion, practice.notes) == ("未到期", ("2023–2025 年，期满判定",))
        assert (shown.label, shown.meaning) == ("未达标", "is-soon")

    def test_what_is_not_set_says_so(self):
        row = verdict_of(verdict(PersonFacts("general"), 2025, hours(2025, "public", "24"))).rows[2]
        assert (row.required, row.reached, row.conclusion, row.css, row.unset) == (
            "未设定",
            "24.0",
            "仅提示",
            "unset",
            True,
        )

    def test_says_why_there_is_no_verdict(self):
        assert "不自动判定" in verdict_of(verdict(PersonFacts("medical", "third"), 2025)).remark
        assert "没有登记包含本年度的五年周期" in verdict_of(verdict(PersonFacts("teacher"), 2025)).remark
        short = verdict_of(verdict(PersonFacts("medical", "first"), 2025))
        assert (short.label, short.remark) == (
            "未达标",
            "没有登记包含本年度的任职周期；本年度的要求未达到，补登也不能达标。",
        )
        assert verdict_of(self.over).remark == ""

    def test_courses_are_whole_numbers(self):
        found = verdict(
            PersonFacts("teacher", cycle=(2021, 2025)), 2025, hours(2023, "public", "24", course="师德修养")
        )
        assert [(row.reached, row.conclusion) for row in verdict_of(found).rows[:2]] == [("0", "差 1"), ("1", "差 1")]

    def test_a_frozen_verdict_is_shown_as_it_was(self):
        shown = verdict_of(self.over)
        assert thaw(json.loads(json.dumps(freeze(shown)))) == shown

    def test_the_template(self):
        html = render_to_string("parts/verdict.html", {"verdict": verdict_of(self.over)})
        assert '<td class="unmet text-nowrap">差 1.0</td>' in html
        assert "远程（网络）教育最多计 12，超出 3.0 不计" in html
        assert "规则“卫生人员 2017”" in html


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_flushed_has_its_rules_again():
    call_command("flush", interactive=False, verbosity=0)
    assert len(load_rulebook().rule_sets) == 3
