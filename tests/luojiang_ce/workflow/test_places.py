"""What a return names leads to where it is mended, and stands beside its field."""

from __future__ import annotations

import re
from datetime import time

import pytest
from django.template import Context, Template
from django.urls import reverse

from luojiang_ce.refusals import Mended
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.chain import check
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from luojiang_ce.workflow.forms import ResubmitForm
from luojiang_ce.workflow.places import place_of, to_mend
from tests.luojiang_ce.workflow.walk import collect
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_plan, an_item, with_scheme
from tests.verification.batches.samples import a_draft, staff
from training.classes.models import ClassApplication
from training.classes.services.applications import replace_timetable
from training.plans.models import PlanItem
from training.plans.services import delete_item, restore_item
from verification.batches.services import remove_people

State = ClassApplication.State
PLACES = {
    "地点": "/edit/#id_place",
    "收费批准文号": "/edit/#id_fee_document",
    "收费标准（元/人）": "/edit/#id_fee",
    "课程表": "/timetable/",
    "课程表第 1 行": "/timetable/#r1",
    "课程表第 3 行": "/timetable/#r3",
    "第 2 行 拟定开始日期": "/2/#id_starts_on",
    "第 3 行 拟定开始日期": "/3/#id_starts_on",
    "第 3 行": "/3/",
}


@pytest.mark.parametrize(
    ("where", "url"),
    [
        ("地点", "/edit/#id_place"),
        ("培训地点", "/edit/#id_place"),
        ("收费标准", "/edit/#id_fee"),
        ("课程表", "/timetable/"),
        ("课程表第3行", "/timetable/#r3"),
        ("课程表 第 3 行 授课教师", "/timetable/#r3"),
        ("第3行：拟定开始日期", "/3/#id_starts_on"),
        ("拟定开始日期", ""),  # of which row?
        ("封面", ""),
        ("", ""),
        ("地", ""),
    ],
)
def test_a_place_is_found_by_the_words_of_people(where, url):
    assert place_of(where, PLACES) == url


def returned(case, district, *items):
    rows = [{"where": where, "wrong": wrong, "mend": mend} for where, wrong, mend in items]
    fire(case, "return", actor=district.handler, data={"items": rows})
    return case


@pytest.fixture
def back(district):
    """A class returned for three reasons."""
    case = an_application(district.unit, ClassApplication.State.SUBMITTED, actor=district.owner)
    return returned(
        case,
        district,
        ("地点", "地点不明确", "写到楼层"),
        ("课程表第1行", "缺教室", ""),
        ("封面", "请核对", "按公章"),
    )


@pytest.mark.django_db
class TestReturned:
    def test_the_case_page_says_it_first_with_links(self, client, district, back):
        client.force_login(district.owner)
        html = client.get(back.get_absolute_url()).content.decode()
        basics = reverse("classes:basics", args=[back.pk])
        assert f'<a href="{basics}#id_place">地点</a>' in html
        assert html.index("地点不明确") < html.index('class="lj-cols"')
        assert html.count("地点不明确") == 1  # not a second time below

    def test_only_who_mends_is_led_there(self, client, district, back):
        client.force_login(district.handler)
        html = client.get(back.get_absolute_url()).content.decode()
        assert "地点不明确" in html
        assert "/edit/" not in html  # it would answer with 404

    def test_the_form_says_it_on_top_and_beside_the_field(self, client, district, back):
        client.force_login(district.owner)
        html = client.get(reverse("classes:basics", args=[back.pk])).content.decode()
        assert html.index("退回时指出 3 处") < html.index('<form method="post" novalidate')
        beside = re.search(r'id="id_place_told">.*?</div>', html, re.S)
        assert "地点不明确（写到楼层）" in beside[0]
        field = re.search(r"<input[^>]*id=\"id_place\"[^>]*>", html)
        assert "id_place_told" in field[0]
        assert html.count('_told">') == 1

    def test_the_other_steps_lead_there(self, client, district, back):
        client.force_login(district.colleague)
        html = client.get(reverse("classes:timetable", args=[back.pk])).content.decode()
        assert f"{reverse('classes:timetable', args=[back.pk])}#r1" in html
        assert f"{reverse('classes:basics', args=[back.pk])}#id_place" in html

    def test_once_mended_it_goes_back_into_the_history(self, client, district, back):
        answers = {str(item.pk): "已改" for item in open_items(back)}
        fire(back, "resubmit", actor=district.owner, data={"answers": answers})
        client.force_login(district.owner)
        html = client.get(back.get_absolute_url()).content.decode()
        assert html.index("地点不明确") > html.index('class="lj-cols"')
        assert "_told" not in html

    def test_a_row_of_the_plan(self, client, district):
        plan = a_plan(district.unit, state="submitted")
        item = an_item(plan)
        returned(plan, district, ("第1行 地点", "地点不明确", ""))
        client.force_login(district.owner)
        url = reverse("plans:item_edit", args=[plan.pk, item.pk])
        assert f"{url}#id_place" in client.get(plan.get_absolute_url()).content.decode()
        assert 'id="id_place_told"' in client.get(url).content.decode()

    def test_the_handler_is_offered_the_places(self, client, district):
        case = an_application(district.unit, ClassApplication.State.SUBMITTED)
        client.force_login(district.handler)
        html = client.get(reverse("workflow:act", args=["training_classes.classapplication", case.pk, "return"]))
        assert '<option value="课程表第 1 行">' in html.content.decode()
        assert 'list="places"' in html.content.decode()


@pytest.mark.django_db
class TestRowsMove:
    """A reason stays with the row for which it was written, whatever number that has now."""

    @pytest.fixture
    def plan(self, district):
        plan = a_plan(district.unit, state="submitted")
        self.items = [an_item(plan, position=n, title=f"第{n}班") for n in range(1, 6)]
        reasons = [
            ("第4行 拟定结束日期", "写到了 2028 年", ""),
            ("第 2 行", "请删除", ""),
            ("", "第 1 行与第 2 行重复", ""),
        ]
        return returned(plan, district, *reasons)

    def told(self, plan):
        return [(each.url, each.now) for each in to_mend(plan)]

    def field(self, plan, item):
        return reverse("plans:item_edit", args=[plan.pk, item.pk])

    def test_a_row_before_it_is_deleted(self, client, district, plan):
        client.force_login(district.owner)
        second, third, fourth, fifth = self.items[1:]
        assert self.told(plan)[0] == (f"{self.field(plan, fourth)}#id_ends_on", "")
        rows = delete_item(item=PlanItem.objects.get(pk=second.pk), actor=district.owner)
        assert self.told(plan) == [
            (f"{self.field(plan, fourth)}#id_ends_on", "原第 4 行现在是第 3 行"),
            ("", "原第 2 行已删除"),
            ("", "原第 2 行已删除"),
        ]
        page = client.get(plan.get_absolute_url()).content.decode()
        assert f'{self.field(plan, fourth)}#id_ends_on">第4行 拟定结束日期</a>' in page
        assert "（原第 4 行现在是第 3 行）" in page
        assert "（原第 2 行已删除）" in page
        assert 'id="id_ends_on_told"' in client.get(self.field(plan, fourth)).content.decode()
        for other in (third, fifth):
            assert "_told" not in client.get(self.field(plan, other)).content.decode()
        restore_item(rows=rows, actor=district.owner)
        assert self.told(plan)[:2] == [(f"{self.field(plan, fourth)}#id_ends_on", ""), (self.field(plan, second), "")]

    def test_the_row_itself_is_deleted_and_its_field_leads_to_no_other(self, client, district, plan):
        for item in [*self.items[:2], *self.items[3:]]:
            delete_item(item=PlanItem.objects.get(pk=item.pk), actor=district.owner)
        assert self.told(plan)[0] == ("", "原第 4 行已删除")

    def test_filed_again_the_handler_reads_which_row_it_is_now(self, client, district, plan):
        delete_item(item=self.items[0], actor=district.owner)
        form = ResubmitForm(case=plan, actor=district.owner)
        assert "第4行 拟定结束日期（原第 4 行现在是第 3 行）：写到了 2028 年" in {f.label for f in form.fields.values()}
        with_scheme(plan, district.owner)
        answers = {str(item.pk): "已改" for item in open_items(plan)}
        fire(plan, "resubmit", actor=district.owner, data={"answers": answers})
        client.force_login(district.handler)
        assert "（原第 4 行现在是第 3 行）" in client.get(plan.get_absolute_url()).content.decode()
        assert check().problems == []

    def test_the_timetable_which_is_saved_whole(self, client, district):
        case = an_application(district.unit, ClassApplication.State.SUBMITTED, actor=district.owner)
        row = case.timetable.order_by("date", "starts_at").last()
        number = case.timetable.count()
        returned(case, district, (f"课程表第{number}行 学时", "学时不对", ""))
        stored = [
            {k: v for k, v in each.items() if k not in ("id", "application_id")} for each in case.timetable.values()
        ]
        before = stored[0] | {"course": "开班动员", "starts_at": time(6), "ends_at": time(6, 30), "hours": 0}
        changed = stored[-1] | {"hours": 1, "room": "另一间"}
        case = replace_timetable(
            application=case, rows=[before, *stored[:-1], changed], version=case.version, actor=district.owner
        )
        url = f"{reverse('classes:timetable', args=[case.pk])}#r{number + 1}"
        assert self.told(case) == [(url, f"原第 {number} 行现在是第 {number + 1} 行")]
        assert case.timetable.get(pk=row.pk).hours == 1
        replace_timetable(application=case, rows=[before, *stored[:-1]], version=case.version, actor=district.owner)
        assert self.told(case) == [("", f"原第 {number} 行已删除")]


@pytest.mark.django_db
def test_the_rows_of_a_roster_go_with_their_people(district):
    batch = a_draft(district, staff(district.unit, 3))
    _, second, _ = batch.records.order_by("person__pinyin", "pk")
    fire(batch, "submit", actor=district.owner)
    returned(batch, district, ("第 3 行", "缺佐证", ""), ("第2行", "移出", ""))
    remove_people(batch=batch, records=[second.pk], actor=district.owner)
    assert [each.now for each in to_mend(batch)] == ["原第 3 行现在是第 2 行", "原第 2 行已删除"]


def shown(reason):
    return Template("{% load home %}{{ reason|linked }}").render(Context({"reason": reason}))


def test_a_reason_with_links_is_escaped():
    reason = Mended("还缺材料：<b>通知</b>", {"<b>通知</b>": "/x/?a=1&b=2"})
    assert shown(reason) == '还缺材料：<a href="/x/?a=1&amp;b=2">&lt;b&gt;通知&lt;/b&gt;</a>'
    assert shown("<i>") == "&lt;i&gt;"
    assert reason == "还缺材料：<b>通知</b>"


def test_of_names_inside_each_other_each_leads_to_its_own_place():
    links = {"签到表": "/sheet/", "签到表扫描件": "/scan/", "照片": "/photos/", "a": "/a/"}
    said = shown(Mended("还缺 4 项材料：签到表扫描件、签到表、照片、a，签到表盖章", links))
    assert said == (
        '还缺 4 项材料：<a href="/scan/">签到表扫描件</a>、<a href="/sheet/">签到表</a>、'
        '<a href="/photos/">照片</a>、<a href="/a/">a</a>，签到表盖章'
    )
    rows = {"第 1 行": "/1/", "第 1 行：没有填地点": "/1/#place", "第 11 行": "/11/"}
    said = shown(Mended("第 11 行有误；第 1 行：没有填地点；第 1 行有误", rows))
    assert said == (
        '<a href="/11/">第 11 行</a>有误；<a href="/1/#place">第 1 行：没有填地点</a>；<a href="/1/">第 1 行</a>有误'
    )


@pytest.mark.django_db
def test_what_keeps_a_draft_from_being_filed_leads_to_the_field(client, district):
    case = an_application(district.unit, place="", actor=district.owner)
    client.force_login(district.owner)
    html = client.get(case.get_absolute_url()).content.decode()
    assert f'<a href="{reverse("classes:basics", args=[case.pk])}#id_place">还没有填地点</a>' in html


FILED = {
    key: kind
    for key, kind in collect().items()
    if "returned" in getattr(kind.model, "State", State).values and not key.startswith("toy.")  # whose page is bare
}


@pytest.mark.django_db
@pytest.mark.parametrize("key", FILED)
def test_every_place_of_every_kind_answers_its_filer(client, district, key):
    """The addresses lead somewhere, whatever the kind; its fields and files are there under their names."""
    case = FILED[key].build(district, "returned")
    client.force_login(district.owner)
    places = kind_of(case).places(case)
    assert places
    for label, url in places.items():
        page, _, anchor = url.partition("#")
        answer = client.get(page)
        assert answer.status_code == 200, (label, url)
        assert not anchor or f'id="{anchor}"' in answer.content.decode(), (label, url)
