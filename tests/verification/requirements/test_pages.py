"""The page of the rules, and what the approver decides there."""

from decimal import Decimal

import pytest

from luojiang_ce import clock
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.queries import statements
from tests.units.views.helpers import browser
from tests.verification.batches.samples import learned, staff
from tests.verification.requirements.cases import figure_of, tried
from verification.requirements.models import FigureChange, RequirementSetting
from verification.requirements.services import load_rulebook, set_figure, try_out

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/requirements/"


FIGURE = {"key": "public_minimum", "year": "2025", "amount": "30", "document": "闽人社〔2025〕0号"}


def test_says_what_is_in_force_and_what_is_not_set(client, district):
    client.force_login(district.owner, backend=BACKEND)
    html = client.get(PAGE).content.decode()
    assert html.count("执行中") == 3
    assert html.count("备用，未启用") == 1
    assert "公共科目最低学时、教师周期学时总数" in html
    assert "360" in html  # as a suggestion, in the note
    assert "停用" not in html
    assert "远程（网络）教育最多计 12" in html
    assert html.count("仅一级医疗卫生机构") == 2
    assert html.count("卫生专业技术人员（一级、二级医疗卫生机构）") == 2


def test_few_queries(client, district):
    client.force_login(district.owner, backend=BACKEND)
    with statements() as queries:
        client.get(PAGE)
    assert len(queries) <= 12, queries


class TestFigures:
    def test_is_written_tried_and_decided_by_two_persons(self, client, district):
        handler, approver = browser(district.handler), browser(district.approver)
        assert handler.post(f"{PAGE}figure/", FIGURE).status_code == 302
        change = FigureChange.objects.get()
        assert not RequirementSetting.objects.exists()
        with pytest.raises(Refused, match="请先试算"):
            fire(change, "propose", actor=district.handler)
        run(try_out(case=change, year=2025, actor=district.handler).pk)
        fire(change, "propose", actor=district.handler)
        with pytest.raises(Refused):
            fire(change, "put_in_force", actor=district.handler)
        fire(change, "put_in_force", actor=district.approver, note="按省文件")
        figure = RequirementSetting.objects.get()
        assert (str(figure.amount), figure.document, figure.entered_by) == (
            "30.0", "闽人社〔2025〕0号", district.approver,
        )  # fmt: skip
        assert load_rulebook().figures == {(2025, "public_minimum"): 30}
        assert "30.0" in approver.get(PAGE).content.decode()
        assert "按省文件" in browser(district.owner).get(change.get_absolute_url()).content.decode()

    def test_is_unset_again_the_same_way(self, district):
        set_figure(year=2025, key="public_minimum", amount=Decimal(30), document="甲号", actor=district.approver)
        change = figure_of(district, year=2025, amount=None, document="更正")
        tried(district, change)
        fire(change, "propose", actor=district.handler)
        fire(change, "put_in_force", actor=district.approver, note="录入有误")
        assert not RequirementSetting.objects.exists()
        events = Event.objects.filter(name__startswith="figure").order_by("pk")
        assert [event.name for event in events] == ["figure_set", "figure_unset"]

    @pytest.mark.parametrize(
        ("amount", "says"), [(None, "本来就未设定"), (Decimal(30), "与现在的设定相同")], ids=["unset", "the same"]
    )
    def test_what_changes_nothing_is_not_proposed(self, district, amount, says):
        if amount:
            facts = {"amount": amount, "document": "甲号"}
            set_figure(year=2025, key="public_minimum", actor=district.approver, **facts)
        change = figure_of(district, year=2025, amount=amount, document="甲号")
        tried(district, change)
        with pytest.raises(Refused, match=says):
            fire(change, "propose", actor=district.handler)

    def test_of_one_year_one_is_on_its_way(self, district):
        figure_of(district, year=2025)
        answer = browser(district.handler).post(f"{PAGE}figure/", FIGURE)
        assert answer.status_code == 422
        assert "已在拟定或审批中" in answer.content.decode()

    def test_of_a_year_to_come_nobody_is_tried(self, district):
        change = figure_of(district, year=clock.today().year + 1)
        url = f"{PAGE}figure/{change.pk}/try/"
        told = browser(district.handler).post(url, {"year": f"{change.year}"}, follow=True).content.decode()
        assert "还不用试算" in told
        fire(change, "propose", actor=district.handler)

    def test_the_preview_says_who_changes_by_unit(self, district):
        """72 hours of professional and 18 of public subjects: met, until 24 public ones are asked."""
        year = clock.today().year
        (met,) = staff(district.unit, 1)
        short = person_in(district.unit)
        learned(short, public="18", professional="72", year=year)
        learned(met, year=year)
        change = figure_of(district, year=year, amount=Decimal(24))
        run(try_out(case=change, year=year, actor=district.handler).pk)
        trial = change.trials.get()
        assert list(trial.lines.values_list("person", "before", "after")) == [(short.pk, "met", "unmet")]
        page = browser(district.approver).get(f"{PAGE}trial/{trial.pk}/").content.decode()
        assert "达标 → 未达标" in page
        assert district.unit.name in page

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"document": ""}, "请填写这一项"),
            ({"amount": "0"}, "应大于 0"),
            ({"amount": "-5"}, "应大于 0"),
            ({"year": "2016"}, "应在 2017 年至"),
            ({"year": "20255"}, "应在 2017 年至"),
            ({"key": "x"}, "key"),
        ],
    )
    def test_bad_input_changes_nothing(self, district, changes, says):
        answer = browser(district.handler).post(f"{PAGE}figure/", {**FIGURE, **changes})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert not FigureChange.objects.exists()

    def test_the_approver_decides_and_does_not_write(self, district):
        assert browser(district.approver).get(f"{PAGE}figure/").status_code == 404
        assert browser(district.owner).get(figure_of(district).get_absolute_url()).status_code == 404
