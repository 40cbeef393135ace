"""Writing rules: drafts, requirements, the trial of whose verdicts change, the decision, the end of the old set."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.queries import statements
from tests.units.views.helpers import browser
from tests.verification.batches.samples import learned
from tests.verification.requirements.cases import rules_of, tried
from units.models import Assignment, Title
from verification.batches.models import AnnualRecord
from verification.requirements import services
from verification.requirements.assess import PersonFacts, Rule, RuleSet, choose
from verification.requirements.models import Rule as StoredRule
from verification.requirements.models import RuleSet as StoredRuleSet
from verification.requirements.models import Trial
from verification.requirements.succession import ends_with, with_it, without_it

pytestmark = pytest.mark.django_db
BASICS = {
    "title": "中医药人员 2026",
    "category": "medical",
    "document": "国家中医药管理局《中医药继续教育管理办法（试行）》",
    "levels": ["first", "second", "third"],
    "series": "中医\n中药\n",
    "first_year": "2026",
    "last_year": "",
    "note": "学分数待定",
}
REQUIREMENT = {
    **{"title": "年度总学分", "source": "第八条", "figure": "unset", "required": "", "measure": "credits"},
    **{"period": "year", "counting": "amount", "caps": ""},
}


@pytest.fixture(autouse=True)
def _summer(time_machine):
    time_machine.move_to("2026-07-01T10:00:00+08:00", tick=False)


def saved(client: Any, url: str, **values: Any) -> Any:
    version = client.get(url).context["form"].version_shown
    return client.post(url, {**values, "version": version})


def try_out(rule_set: StoredRuleSet, year: int, actor: Any) -> Trial:
    job = services.try_out(case=rule_set, year=year, actor=actor)
    assert run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    return rule_set.trials.get(year=year)


class TestSuccession:
    old = RuleSet("general-2017", "旧", "", "general", 2017, None, ())
    new = RuleSet("general-2026", "新", "", "general", 2026, None, ())

    def test_the_old_set_ends_the_year_before(self):
        assert ends_with(2017, 2026) == 2025
        held = with_it([self.old], self.new, self.old.code)
        person = PersonFacts("general")
        assert [choose(held, year, person).code for year in (2017, 2025, 2026)] == [
            *["general-2017"] * 2,
            "general-2026",
        ]

    def test_one_of_the_same_year_takes_its_place_wholly(self):
        again = RuleSet("general-2017-2", "新", "", "general", 2017, None, ())
        assert with_it([self.old], again, self.old.code) == (again,)

    def test_an_end_that_was_nearer_stays(self):
        ended = RuleSet("general-2017", "旧", "", "general", 2017, 2020, ())
        assert with_it([ended], self.new, ended.code)[0].last_year == 2020

    def test_without_it(self):
        assert without_it([self.old, self.new], self.new.code) == (self.old,)

    def test_a_set_for_a_series_goes_before_one_for_all(self):
        chinese = RuleSet("a", "中医", "", "medical", 2020, None, (), frozenset({"second"}), frozenset({"中医"}))
        everybody = RuleSet("b", "卫生", "", "medical", 2024, None, (), frozenset({"second"}))
        asked = [PersonFacts("medical", "second", series=series) for series in ("中医", "护理", "")]
        assert [choose([chinese, everybody], 2025, person).code for person in asked] == ["a", "b", "b"]


class TestWriting:
    def test_a_set_for_chinese_medicine_whose_figures_nobody_knows(self, district):
        client = browser(district.handler)
        answer = client.post(reverse("requirements:begin"), BASICS)
        made = StoredRuleSet.objects.get(title="中医药人员 2026")
        assert answer.url == made.get_absolute_url()
        assert (made.state, made.series, made.code) == ("draft", ["中医", "中药"], "medical-2026")
        url = reverse("requirements:rule", args=[made.pk])
        assert saved(client, url, **REQUIREMENT).status_code == 302
        rule = made.rules.get()
        assert (rule.required, rule.setting, rule.position) == (None, "", 1)
        page = client.get(made.get_absolute_url()).content.decode()
        assert "未设定" in page
        assert "卫生专业技术人员（一级、二级、三级医疗卫生机构；系列：中医、中药）" in page

    def test_everything_wrong_is_said_at_once_and_nothing_is_lost(self, district):
        client = browser(district.handler)
        wrong = {**BASICS, "title": "", "levels": [], "first_year": "2016", "last_year": "2010"}
        answer = client.post(reverse("requirements:begin"), wrong)
        html = answer.content.decode()
        assert answer.status_code == 422
        for said in ("名称", "须勾选适用于哪些级别", "应在 2017 年至", "学分数待定"):
            assert said in html
        assert StoredRuleSet.objects.filter(category="medical").count() == 2
        far = client.post(reverse("requirements:begin"), {**BASICS, "last_year": "30000"})
        assert "年度太远" in far.content.decode()

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"figure": "fixed"}, "请填写文件写明的数"),
            ({"figure": "fixed", "required": "0"}, "应大于 0"),
            ({"figure": "unset", "required": "25"}, "请改一处"),
            ({"caps": "远程 12"}, "读不出来"),
            ({"caps": "远程（网络）教育 十二"}, "应大于 0，最多一位小数"),
            ({"figure": "x"}, "应有数"),
        ],
    )
    def test_a_requirement_that_cannot_be(self, district, changes, says):
        made = rules_of(district)
        client, url = browser(district.handler), reverse("requirements:rule", args=[made.pk])
        answer = saved(client, url, **{**REQUIREMENT, **changes})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert made.rules.count() == 1

    def test_caps_are_written_as_they_are_read(self, district):
        made = rules_of(district)
        client, rule = browser(district.handler), made.rules.get()
        url = reverse("requirements:edit_rule", args=[rule.pk])
        sent = {**REQUIREMENT, "figure": "fixed", "required": "25", "caps": "远程（网络）教育 12\n自学 10.5"}
        assert saved(client, url, **sent).status_code == 302
        rule.refresh_from_db()
        assert rule.caps == {"remote": "12", "self_study": "10.5"}
        assert client.get(url).context["form"]["caps"].value() == "远程（网络）教育 12\n自学 10.5"

    def test_every_wrong_line_of_the_caps_is_named(self, district):
        made = rules_of(district)
        client, url = browser(district.handler), reverse("requirements:rule", args=[made.pk])
        assert "如“远程（网络）教育 12”" in client.get(url).content.decode()
        caps = "远程（网络）教育：１２\n听课 3\n自学 0\n远程(网络)教育 5"
        said = saved(client, url, **REQUIREMENT | {"caps": caps}).content.decode()
        for told in (
            "第 2 行：“听课 3”读不出来",
            "第 3 行：“自学 0”的数应大于 0",
            "第 4 行：“远程（网络）教育”已经写过",
        ):
            assert told in said
        assert "第 1 行" not in said
        assert caps.splitlines()[1] in said, "nothing typed is lost"

    def test_the_history_says_what_is_asked_and_prints_no_form(self, district):
        made = rules_of(district)
        client, url = browser(district.handler), reverse("requirements:rule", args=[made.pk])
        asked = REQUIREMENT | {"figure": "fixed", "required": "25", "subjects": ["public"], "levels": ["first"]}
        assert saved(client, url, **asked).status_code == 302
        said = Event.objects.filter(name="edited").latest("pk").note_row.text
        assert said.startswith("添加要求“年度总学分”　应有：25 学分；期间：当年")
        assert "科目：公共科目" in said
        assert "限制：仅一级医疗卫生机构" in said
        assert not any(word in said for word in ("first", "public", "：否", "计量"))
        services.draft(actor=district.handler, title="卫生", category="medical", levels=["first"], first_year=2026)
        assert "级别：一级" in Event.objects.filter(name="created").latest("pk").note_row.text

    def test_a_revision_says_so_and_what_it_replaces(self, district):
        standing = StoredRuleSet.objects.get(code="general-2017")
        made = services.revise(rule_set=standing, actor=district.handler)
        client = browser(district.handler)
        for url in (reverse("requirements:rules"), made.get_absolute_url()):
            html = client.get(url).content.decode()
            assert html.count(f"{made.title}（修订稿）") >= 1
            assert f"修订稿，批准后代替“{standing.title}”" in html.replace("&quot;", '"')
        assert "（修订稿）" not in client.get(standing.get_absolute_url()).content.decode()

    def test_an_edit_of_a_requirement_outdates_the_trial_and_is_on_record(self, district):
        made = rules_of(district)
        tried(district, made)
        rule = made.rules.get()
        rule.required = Decimal(72)
        services.keep_rule(rule=rule, actor=district.handler)
        made.refresh_from_db()
        assert "应有：80 学时 → 72 学时" in Event.objects.get(name="edited").note_row.text
        with pytest.raises(Refused, match="请先试算"):
            fire(made, "propose", actor=district.handler)

    def test_what_is_in_force_is_not_edited(self, district):
        standing = StoredRuleSet.objects.get(code="general-2017")
        rule = standing.rules.first()
        rule.required = 1
        with pytest.raises(NotPossible, match="执行中"):
            services.keep_rule(rule=rule, actor=district.handler)
        with pytest.raises(NotPossible, match="执行中"):
            services.remove_rule(rule=rule, actor=district.handler)
        with pytest.raises(NotPossible, match="执行中"):
            services.keep_set(rule_set=standing, actor=district.handler)
        assert browser(district.handler).get(reverse("requirements:edit_rule", args=[rule.pk])).status_code == 404

    def test_taking_a_requirement_out(self, district):
        made = rules_of(district)
        url = reverse("requirements:remove_rule", args=[made.rules.get().pk])
        assert browser(district.handler).post(url).status_code == 302
        assert not made.rules.exists()
        assert "去掉要求" in Event.objects.get(name="edited").note_row.text

    def test_others_do_not_see_a_draft(self, district):
        made = rules_of(district)
        assert browser(district.owner).get(made.get_absolute_url()).status_code == 404
        assert made.title not in browser(district.owner).get(reverse("requirements:rules")).content.decode()
        assert made.title in browser(district.approver).get(reverse("requirements:rules")).content.decode()


class TestRevising:
    def test_a_copy_takes_its_place_by_decision_and_the_old_set_ends(self, district):
        standing = StoredRuleSet.objects.get(code="general-2017")
        made = services.revise(rule_set=standing, actor=district.handler)
        assert services.revise(rule_set=standing, actor=district.handler) == made
        assert [rule.code for rule in made.rules.all()] == [rule.code for rule in standing.rules.all()]
        made.first_year = 2026
        services.keep_set(rule_set=made, actor=district.handler)
        total = made.rules.get(code="total")
        total.required = Decimal(72)
        services.keep_rule(rule=total, actor=district.handler)
        made.refresh_from_db()
        try_out(made, 2026, district.handler)
        fire(made, "propose", actor=district.handler)
        made.refresh_from_db()
        assert services.load_rulebook().rule_set(2026, PersonFacts("general")).code == "general-2017"
        fire(made, "put_in_force", actor=district.approver, note="闽人社〔2026〕0号")
        book = services.load_rulebook()
        found = [book.rule_set(year, PersonFacts("general")) for year in (2025, 2026)]
        assert [each.code for each in found] == ["general-2017", made.code]
        assert [each.rules[0].required for each in found] == [90, 72]
        standing.refresh_from_db()
        assert (standing.state, standing.last_year) == ("in_force", 2025)
        assert "其后由" in Event.objects.get(name="ended").note_row.text

    def test_one_of_the_same_year_leaves_the_old_one_nothing(self, district):
        standing = StoredRuleSet.objects.get(code="general-2017")
        made = services.revise(rule_set=standing, actor=district.handler)
        try_out(made, 2026, district.handler)
        fire(made, "propose", actor=district.handler)
        made.refresh_from_db()
        fire(made, "put_in_force", actor=district.approver, note="依据")
        standing.refresh_from_db()
        assert standing.state == "off"
        assert services.load_rulebook().rule_set(2020, PersonFacts("general")).code == made.code

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"category": "teacher"}, "修订不改“人员类别”（原为 一般专业技术人员）"),
            ({"first_year": 2025}, "修订不早于“自哪一年度起”（原为 2026）"),
        ],
    )
    def test_another_kind_or_an_earlier_year_is_none(self, district, changes, says):
        standing = rules_of(district, "in_force")
        made = services.revise(rule_set=standing, actor=district.handler)
        facts = {name: getattr(made, name) or "" for name in services.FACTS} | {"levels": [], "series": ""}
        sent = {**facts, **changes, "version": made.version, "do": "submit"}
        edit = reverse("requirements:edit", args=[made.pk])
        answer = browser(district.handler).post(edit, sent)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert browser(district.handler).post(edit, {**sent, **facts, "title": "修订稿"}).status_code == 302
        StoredRuleSet.objects.filter(pk=made.pk).update(**changes)  # as it was written before that was refused
        made.refresh_from_db()
        tried(district, made)
        with pytest.raises(Refused, match=says[:12]):
            fire(made, "propose", actor=district.handler)

    def test_whoever_wrote_it_does_not_decide(self, district):
        both = district.approver
        Assignment.objects.create(
            account=both, role="bureau_handler", unit=district.bureau, valid_from=date(2020, 1, 1)
        )
        made = rules_of(district)
        made.title = "另一个名称"
        services.keep_set(rule_set=made, actor=both)
        made.refresh_from_db()
        tried(district, made)
        fire(made, "propose", actor=district.handler)
        made.refresh_from_db()
        with pytest.raises(Refused, match="两人"):
            fire(made, "put_in_force", actor=both, note="依据")

    def test_sent_back_it_can_be_written_again(self, district):
        made = rules_of(district, "proposed")
        fire(made, "send_back", actor=district.approver, note="第二项没有依据")
        made.refresh_from_db()
        assert made.state == "draft"
        assert "第二项没有依据" in browser(district.handler).get(made.get_absolute_url()).content.decode()


class TestTrial:
    def people(self, district) -> list[Any]:
        """85 hours in the own unit, 40 in the neighbour's; one in the own unit who was filed."""
        found = []
        for unit, amount in ((district.unit, "85"), (district.neighbour_unit, "40"), (district.unit, "85")):
            found.append(person_in(unit))
            learned(found[-1], public="0", professional=amount, year=2026)
        facts = {"year": 2026, "unit": district.unit, "path": "general", "state": "filed"}
        AnnualRecord.objects.create(person=found[-1], first_submitted_at="2026-06-01T10:00:00+08:00", **facts)
        return found

    def test_says_who_changes_by_unit_and_leaves_who_was_filed(self, district):
        people = self.people(district)
        trial = try_out(rules_of(district), 2026, district.handler)
        assert (trial.people, trial.filed) == (2, 1)
        line = trial.lines.get()
        assert (line.person, line.unit, line.before, line.after) == (people[0], district.unit, "unmet", "met")
        client = browser(district.approver)
        html = client.get(reverse("requirements:trial", args=[trial.pk])).content.decode()
        assert "试算 2 人；已报送的 1 人不变" in html
        assert "未达标 → 达标" in html
        answer = client.get(reverse("requirements:trial_export"), {"trial": trial.pk})
        rows = list(load_workbook(BytesIO(b"".join(answer))).active.values)
        assert [row[3] for row in rows[1:]] == [people[0].name]

    def test_of_a_set_in_force_it_says_what_comes_without_it(self, district):
        self.people(district)
        trial = try_out(StoredRuleSet.objects.get(code="general-2017"), 2026, district.handler)
        assert set(trial.lines.values_list("before", "after")) == {("unmet", "undetermined")}

    def test_an_end_needs_a_trial_of_its_own_and_of_the_newest_year(self, district):
        self.people(district)
        made = rules_of(district)
        came = try_out(made, 2026, district.handler)
        fire(made, "propose", actor=district.handler)
        fire(made, "put_in_force", actor=district.approver, note="依据")
        made.refresh_from_db()
        with clock.at(datetime(2027, 3, 1, 10, tzinfo=clock.SHANGHAI)):
            with pytest.raises(Refused, match="请先试算停用以后的 2027 年度"):
                fire(made, "end", actor=district.approver, note="废止")  # what was seen was its beginning
            services.try_out(case=made, year=2026, actor=district.handler)
            run(Job.objects.latest("pk").pk)
            with pytest.raises(Refused, match="请先试算停用以后的 2027 年度"):
                fire(made, "end", actor=district.approver, note="废止")
            page = browser(district.approver).get(made.get_absolute_url()).content.decode()
            assert "停用以后 2026 年度：2 人中" in page
            services.try_out(case=made, year=2027, actor=district.handler)
            run(Job.objects.latest("pk").pk)
            fire(made, "end", actor=district.approver, note="废止")
        assert made.trials.filter(pk=came.pk).exists()  # what the approver saw then stays
        ends = made.trials.get(ends=True, year=2026)
        assert set(ends.lines.values_list("unit", "before", "after")) == {(district.unit.pk, "met", "unmet")}

    def test_again_takes_the_place_of_the_former(self, district):
        made = rules_of(district)
        first = try_out(made, 2026, district.handler)
        assert try_out(made, 2026, district.approver).pk != first.pk
        assert made.trials.count() == 1

    def test_a_year_that_it_does_not_hold_for(self, district):
        made = rules_of(district)
        url = reverse("requirements:try_out", args=[made.pk])
        answer = browser(district.handler).post(url, {"year": "2025"}, follow=True)
        assert "应在 2026 年至 2026 年之间" in answer.content.decode()
        assert not Job.objects.exists()

    def test_a_draft_that_was_deleted_meanwhile(self, district):
        made = rules_of(district)
        job = services.try_out(case=made, year=2026, actor=district.handler)
        made.delete()
        run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.message) == (Job.State.FAILED, "这份草稿已删除，没有试算")

    def test_a_set_for_a_series_judges_whose_title_is_of_it(self, district):
        person = person_in(district.unit, category="medical")
        Title.objects.create(person=person, series="中医", name="中医师")
        other = person_in(district.unit, category="medical")
        type(district.unit).objects.filter(pk=district.unit.pk).update(medical_level="second")
        made = rules_of(district, category="medical", levels=["second"], series=["中医"])
        StoredRule.objects.filter(rule_set=made).update(measure="credits", required=None)
        trial = try_out(made, 2026, district.handler)
        assert list(trial.lines.values_list("person", "before", "after")) == [(person.pk, "unmet", "undetermined")]
        assert other.pk not in trial.lines.values_list("person", flat=True)

    @pytest.mark.parametrize("number", [3, 30])
    def test_queries_do_not_grow_with_the_people(self, district, number):
        for _ in range(number):
            person_in(district.unit)
        job = services.try_out(case=rules_of(district), year=2026, actor=district.handler)
        with statements() as queries:
            run(job.pk)
        assert len(queries) <= 24, len(queries)


def test_few_queries_of_the_pages(district):
    made = rules_of(district)
    trial = try_out(made, 2026, district.handler)
    client = browser(district.handler)
    for url in (made.get_absolute_url(), reverse("requirements:trial", args=[trial.pk])):
        with statements() as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 20, (url, len(queries))


def test_a_rule_without_figure_or_setting_decides_nothing():
    from verification.requirements.assess import assess

    unset = RuleSet("a", "甲", "", "general", 2026, None, (Rule("total", "总", "", "hours"),))
    assert assess(2026, PersonFacts("general"), [], unset, {}).outcome == "undetermined"
