"""A draw as a case: the list is published before the seed, the result is carried out once (I1, I4)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import account_with
from tests.luojiang_ce.access.test_matrix import signed_in
from tests.queries import statements
from tests.training.inspections.draws.factories import a_draw, drawn, in_days
from tests.training.inspections.factories import a_class, a_visit, second_inspector
from tests.units.views.helpers import workbook_rows
from training.classes.models import ClassOrganiser
from training.inspections.draws.draw import draw
from training.inspections.draws.models import Draw, DrawFigures
from training.inspections.draws.services import freeze_classes, set_figures
from training.inspections.models import Inspection
from training.inspections.services import declare_conflict
from units.models import Assignment, ProviderRemark

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(五)4")]


def figures(district: District, **facts: Any) -> DrawFigures:
    return set_figures(figures=DrawFigures(reason="局务会研究确定", **facts), actor=district.handler)


def refused(district: District, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(NotPossible) as caught:
        a_draw(district, **kwargs)
    return caught.value.by_field


# --- the list -------------------------------------------------------------------------------------------------------


def test_a_draw_over_an_empty_list_is_refused_in_clear_words(district: District) -> None:
    said = refused(district, classes=0)
    assert said == {"since": ["这段时间没有可以抽取的培训班，名单是空的，不能抽取；请改时间范围"]}
    assert not Draw.objects.exists()


def test_an_inspector_of_the_inspected_unit_is_never_drawn_for_it(district: District) -> None:
    """Also by another account of the same person, and where the unit only holds the class with the provider."""
    third = account_with(Role.INSPECTOR, district.bureau, name="江望舒")
    account_with(Role.UNIT_CLERK, district.neighbour_unit, name="江望舒")
    course = a_class(district, in_days(1))
    ClassOrganiser.objects.create(application=course, part="helper", unit=district.neighbour_unit, name="协办单位")
    case = a_draw(district, classes=0)
    for _ in range(20):
        Draw.objects.filter(pk=case.pk).update(state="frozen", seed="", drawn_at=None)
        case.refresh_from_db()
        drawn(case, district)
        assert third.pk not in case.result[0]["inspectors"]


def test_a_declared_conflict_keeps_a_class_off_the_list_where_too_few_are_left(district: District) -> None:
    second = second_inspector(district)
    declare_conflict(account=second, unit=district.unit, reason="近亲属在该单位工作", actor=district.handler)
    assert "检查人都须回避" in refused(district)["since"][0]
    other = a_class(district, in_days(2))
    other.unit = district.neighbour_unit
    other.save()
    other.organisers.update(unit=district.neighbour_unit)
    case = a_draw(district, classes=0)
    assert [row.key for row in case.the_list.rows] == [other.pk]
    assert [each.why for each in case.the_list.left_out] == ["可派的检查人不足 2 人（其余须回避）"]


def test_one_inspector_alone_is_no_draw(district: District) -> None:
    a_class(district, in_days(1))
    with pytest.raises(NotPossible, match="现在只有 1 名监督检查人员"):
        freeze_classes(since=in_days(0), until=in_days(9), count=1, seed_from="system", actor=district.handler)


def test_what_is_assigned_already_and_what_was_called_off_are_left_out_unless_asked_for(district: District) -> None:
    visited = a_class(district, in_days(1))
    a_visit(district, visited, day=in_days(1))
    off = a_class(district, in_days(3))
    type(off).objects.filter(pk=off.pk).update(state="cancelled")
    case = a_draw(district)
    assert off.pk not in {row.key for row in case.the_list.rows}
    assert [each.key for each in case.the_list.left_out] == [visited.pk]
    fire(case, "cancel", actor=district.handler, note="范围有误")
    assert off.pk in {row.key for row in a_draw(district, classes=0, called_off=True).the_list.rows}


def test_the_list_names_nobody_and_its_digest_is_of_its_bytes(district: District) -> None:
    case = a_draw(district)
    assert case.digest == hashlib.sha256(bytes(case.listed)).hexdigest()
    assert district.inspector.name not in case.text
    assert str(district.inspector.pk) in case.text


def test_weights_and_coverage_come_with_their_reasons(district: District) -> None:
    ProviderRemark.objects.create(unit=district.unit, kind="通报批评", text="未按计划实施")
    figures(district, record_weight=3, first_weight=2, size_from=30, size_weight=1, yearly=True)
    row = a_draw(district).the_list.rows[0]
    assert (row.weight, row.due) == (7, True)
    assert row.why == ("机构记录 1 条，加 3", "计划 40 人，加 1", "首次办班，加 2")


def test_unset_figures_mean_equal_weights(district: District) -> None:
    ProviderRemark.objects.create(unit=district.unit, kind="通报批评", text="未按计划实施")
    assert {(row.weight, row.due) for row in a_draw(district, classes=3).the_list.rows} == {(1, False)}


def test_a_unit_that_was_visited_this_year_is_not_due(district: District) -> None:
    a_visit(district)
    figures(district, yearly=True)
    assert a_draw(district).the_list.rows[0].due is False


def test_a_share_gives_the_count_and_is_kept(district: District) -> None:
    figures(district, class_share=50)
    assert "至少抽 2 个" in refused(district, classes=3, count=1)["count"][0]
    assert a_draw(district, classes=0, count=None).count == 2


def test_without_a_share_the_count_is_asked_for(district: District) -> None:
    assert "没有设定抽查比例" in refused(district, count=None)["count"][0]


@pytest.mark.parametrize(("classes", "count", "says"), [(2, 3, "抽不了 3 个"), (51, 51, "一次最多抽 50 个班")])
def test_a_wrong_count_says_why(district: District, classes: int, count: int, says: str) -> None:
    assert says in refused(district, classes=classes, count=count)["count"][0]


def test_everything_wrong_is_said_at_once(district: District) -> None:
    said = refused(district, classes=1, count=9, seed_from="public", seed_on=in_days(0))
    assert set(said) == {"count", "source", "seed_on"}


def test_two_lists_never_lie_open_at_once(district: District) -> None:
    """A double click freezes one list; nobody draws from the better of two."""
    a_draw(district)
    with pytest.raises(NotPossible, match="名单已公布，还没有抽取"):
        a_draw(district)
    again = Draw.objects.get()
    again.pk, again.number = None, "2026-CQ-0099"
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_a_draw_that_is_not_liked_is_carried_out_before_the_next(district: District) -> None:
    case = drawn(a_draw(district), district)
    assert refused(district) == {"": [f"{case.number} 已经抽取，还没有安排检查；请先办完再生成名单"]}
    fire(case, "assign", actor=district.handler)
    assert a_draw(district).state == "frozen"


def test_only_a_handler_freezes_and_sets(district: District) -> None:
    a_class(district, in_days(1))
    second_inspector(district)
    for actor in (district.approver, district.inspector, district.owner):
        with pytest.raises(PermissionDenied):
            freeze_classes(since=in_days(0), until=in_days(9), count=1, seed_from="system", actor=actor)
        with pytest.raises(PermissionDenied):
            set_figures(figures=DrawFigures(reason="试"), actor=actor)


# --- the seed -------------------------------------------------------------------------------------------------------


def test_the_digest_is_public_before_the_seed_and_no_class_is(district: District, client: Any) -> None:
    case = a_draw(district, seed_from="public", source="福建体彩 31选7 第26130期", seed_on=in_days(2))
    said = client.get(reverse("draws:published")).content.decode()
    assert case.digest in said
    assert "福建体彩 31选7 第26130期" in said
    row = case.the_list.rows[0]
    course = district.unit.classes.get(pk=row.key)
    assert course.title not in said
    assert district.unit.name not in said


def test_a_public_number_must_be_later_than_the_list(district: District) -> None:
    for day in (in_days(0), in_days(-3)):
        said = refused(district, classes=1, seed_from="public", source="福建体彩", seed_on=day)
        assert "应晚于今天" in said["seed_on"][0]


def test_the_number_is_taken_on_its_day_and_not_before(district: District) -> None:
    case = a_draw(district, seed_from="public", source="福建体彩", seed_on=in_days(2))
    with pytest.raises(Refused, match="才公布，到时再录入"):
        drawn(case, district, number="0307")
    with clock.at(clock.now() + timedelta(days=2)):
        drawn(case, district, number="0307")
    assert (case.seed, len(case.result)) == ("0307", 1)


def test_the_other_way_of_seeding_is_not_offered(district: District) -> None:
    case = a_draw(district, seed_from="public", source="福建体彩", seed_on=in_days(2))
    with pytest.raises(Refused):
        fire(case, "draw_by_system", actor=district.handler)


@pytest.mark.parametrize(
    ("typed", "seed"),
    [
        ("03 07、12", "030712"),
        ("０３，０７", "0307"),
        ("3-7", "37"),
        ("甲 7", ""),
        ("，", ""),
        ("", ""),
        ("999999198001010017", ""),
    ],
)
def test_however_the_number_is_spaced_the_seed_is_the_same(district: District, typed: str, seed: str) -> None:
    case = a_draw(district, seed_from="public", source="福建体彩", seed_on=in_days(2))
    with clock.at(clock.now() + timedelta(days=2)):
        url = reverse("workflow:act", args=[case._meta.label_lower, case.pk, "draw_by_number"])
        response = signed_in(district, "handler").post(url, {"number": typed})
    case.refresh_from_db()
    assert case.seed == seed
    assert response.status_code == (302 if seed else 422)


def test_a_seed_is_given_once(district: District) -> None:
    """Two officers at once, or a double click: the second finds it drawn."""
    case = a_draw(district, classes=5)
    other = Draw.objects.get(pk=case.pk)
    drawn(case, district)
    with pytest.raises(Refused):
        drawn(other, district)
    assert Draw.objects.get().seed == case.seed
    assert len(case.seed) == 64


def test_nobody_draws_from_another_list_than_the_published_one(district: District) -> None:
    case = a_draw(district)
    Draw.objects.filter(pk=case.pk).update(listed=bytes(case.listed).replace(b'"weight":1', b'"weight":9'))
    with pytest.raises(Refused, match="名单与已公布的摘要不一致"):
        drawn(Draw.objects.get(), district)


def test_what_was_drawn_is_not_cancelled(district: District) -> None:
    case = drawn(a_draw(district), district)
    with pytest.raises(Refused):
        fire(case, "cancel", actor=district.handler, note="想重抽")


# --- carried out ----------------------------------------------------------------------------------------------------


def test_the_visits_are_assigned_once_and_only_the_inspectors_hear(district: District) -> None:
    case = drawn(a_draw(district, classes=3, count=2), district)
    fire(case, "assign", actor=district.handler)
    with pytest.raises(Refused):
        fire(Draw.objects.get(), "assign", actor=district.handler)
    visits = list(Inspection.objects.order_by("pk"))
    assert [each.origin for each in visits] == ["draw", "draw"]
    assert {each.application_id for each in visits} == {each["key"] for each in case.result}
    assert sorted(case.made.values()) == [each.pk for each in visits]
    for visit, taken in zip(visits, case.result, strict=True):
        assert sorted(visit.inspectors.values_list("pk", flat=True)) == sorted(taken["inspectors"])
        assert visit.planned_on.isoformat() == taken["day"]
    told = set(Notice.objects.values_list("recipient", flat=True))
    assert not told & {district.owner.pk, district.colleague.pk}


def test_the_list_of_visits_can_be_taken_away_before_anybody_was_there(district: District) -> None:
    fire(drawn(a_draw(district), district), "assign", actor=district.handler)
    response = signed_in(district, "handler").get(reverse("inspections:export"))
    assert response.status_code == 200
    assert response.content[:2] == b"PK"


def test_what_cannot_be_assigned_any_more_says_why_and_stops_nothing_else(district: District) -> None:
    """A conflict declared after the draw, and a class whose day has gone by."""
    case = drawn(a_draw(district, classes=2, count=2), district)
    second = second_inspector(district)
    declare_conflict(account=second, unit=district.unit, reason="近亲属刚到该单位工作", actor=district.handler)
    fire(case, "assign", actor=district.handler)
    assert not Inspection.objects.exists()
    assert all("已申报回避" in why for why in case.made.values())
    page = signed_in(district, "handler").get(case.get_absolute_url()).content.decode()
    assert page.count("另行安排") >= 2


def test_a_day_that_has_gone_by_is_said(district: District) -> None:
    case = drawn(a_draw(district), district)
    with clock.at(clock.now() + timedelta(days=5)):
        fire(case, "assign", actor=district.handler)
    assert "已过" in next(iter(case.made.values()))


def test_an_inspector_who_left_since_is_said(district: District) -> None:
    case = drawn(a_draw(district), district)
    Assignment.objects.filter(account=district.inspector).update(stopped_at=clock.now() - timedelta(days=1))
    fire(case, "assign", actor=district.handler)
    assert "现在不是监督检查人员" in next(iter(case.made.values()))


# --- redraw ---------------------------------------------------------------------------------------------------------


def redraw(number: str) -> int:
    try:
        call_command("redraw", number)
    except SystemExit as ended:
        return int(ended.code or 0)
    except CommandError as error:
        return error.returncode
    return 0


def test_redraw_repeats_and_finds_every_change(district: District, capsys: Any) -> None:
    case = drawn(a_draw(district, classes=6, count=3), district)
    assert redraw(case.number) == redraw(str(case.pk)) == 0
    assert "重做的结果与记录一致" in capsys.readouterr().out
    changed = [*case.result]
    changed[0] = {**changed[0], "inspectors": [1, 2]}
    Draw.objects.filter(pk=case.pk).update(result=changed)
    assert redraw(case.number) == 1
    Draw.objects.filter(pk=case.pk).update(result=case.result, seed="1")
    assert redraw(case.number) == 1
    Draw.objects.filter(pk=case.pk).update(seed=case.seed, listed=bytes(case.listed).replace(b'"pair":2', b'"pair":3'))
    assert redraw(case.number) == 1


def test_who_changes_list_and_digest_together_is_found_by_the_log(district: District, capsys: Any) -> None:
    """Whoever may write into the database: neither drawn from nor repeated without a word."""
    case = a_draw(district)
    other = bytes(case.listed).replace(b'"weight":1', b'"weight":9', 1)
    changed = {"listed": other, "digest": hashlib.sha256(other).hexdigest()}
    Draw.objects.filter(pk=case.pk).update(**changed)
    with pytest.raises(Refused, match="与已公布的摘要不一致"):
        drawn(Draw.objects.get(pk=case.pk), district)
    Draw.objects.filter(pk=case.pk).update(listed=case.listed, digest=case.digest)
    case = drawn(Draw.objects.get(pk=case.pk), district)
    Draw.objects.filter(pk=case.pk).update(**changed)
    assert redraw(case.number) == 1
    said = capsys.readouterr().out
    assert f"名单的摘要是 {changed['digest']}，公布的是 {case.digest}" in said


def test_who_changes_seed_and_result_together_is_found_by_the_log(district: District, capsys: Any) -> None:
    case = drawn(a_draw(district, classes=6, count=3), district)
    again = [asdict(each) for each in draw(case.the_list, case.digest, "1")]
    Draw.objects.filter(pk=case.pk).update(seed="1", result=again)
    assert redraw(case.number) == 1
    assert f"种子是 1，抽取时记下的是 {case.seed}" in capsys.readouterr().out


def test_redraw_says_what_cannot_be_repeated(district: District) -> None:
    case = a_draw(district)
    assert redraw(case.number) == redraw("2026-CQ-9999") == redraw("甲") == 2


# --- pages ----------------------------------------------------------------------------------------------------------


def test_freezing_over_http_keeps_what_was_typed(district: District) -> None:
    """An empty list: the reason beside the field, the rest still in the form."""
    second_inspector(district)
    typed = {"since": in_days(0), "until": in_days(9), "count": "1", "pair": "2", "seed_from": "system", "source": ""}
    client = signed_in(district, "handler")
    response = client.post(reverse("draws:new"), typed)
    assert response.status_code == 422
    assert "名单是空的" in response.content.decode()
    a_class(district, in_days(1))
    assert client.post(reverse("draws:new"), typed).status_code == 302
    assert client.post(reverse("draws:new"), typed).status_code == 422
    assert Draw.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"since": "2026-13-01"}, "2026"),
        ({"since": in_days(-1)}, "已经过去的日子不能去检查"),
        ({"until": in_days(-1)}, "止日早于起日"),
        ({"pair": "1"}, "每个班至少 2 名检查人"),
        ({"count": "0"}, "至少抽 1 个"),
        ({"count": "三"}, "请填写整数"),
    ],
)
def test_bad_input_is_said_beside_its_field(district: District, typed: dict[str, Any], says: str) -> None:
    sound = {"since": in_days(0), "until": in_days(9), "count": "1", "pair": "2", "seed_from": "system"}
    response = signed_in(district, "handler").post(reverse("draws:new"), {**sound, **typed})
    assert response.status_code == 422
    assert says in response.content.decode()


def test_figures_are_set_with_a_reason_and_those_before_stay(district: District) -> None:
    client = signed_in(district, "handler")
    url = reverse("draws:set_figures")
    assert client.post(url, {"class_share": "10"}).status_code == 422
    half = client.post(url, {"size_from": "100", "reason": "局务会"})
    assert "须一起填" in half.content.decode()
    assert client.post(url, {"class_share": "10", "reason": "局务会"}).status_code == 302
    assert client.post(url, {"class_share": "20", "reason": "扩大"}).status_code == 302
    assert list(DrawFigures.objects.values_list("class_share", flat=True)) == [20, 10]
    assert [event.name for row in DrawFigures.objects.all() for event in history(row)] == ["draw_figures_set"] * 2


def test_queries_do_not_grow_with_the_rows(district: District) -> None:
    counts: dict[str, list[int]] = {}
    for rows in (3, 30):
        case = drawn(a_draw(district, classes=rows, count=rows), district)
        client = signed_in(district, "handler")
        for url in (case.get_absolute_url(), reverse("draws:record_pdf", args=[case.pk]), reverse("draws:list")):
            with statements() as made:
                client.get(url)
            counts.setdefault(url.replace(str(case.pk), "N"), []).append(len(made))
        fire(case, "assign", actor=district.handler)
        Inspection.objects.update(state="cancelled", application=None)
        for course in district.unit.classes.all():
            course.timetable.all().delete()
    assert all(few == many for few, many in counts.values()), counts
    assert max(many for _, many in counts.values()) <= 20


def test_the_list_is_filtered_and_taken_away(district: District) -> None:
    case = drawn(a_draw(district), district)
    client = signed_in(district, "audit_admin")
    assert case.number in client.get(reverse("draws:list"), {"state": "drawn"}).content.decode()
    assert case.number not in client.get(reverse("draws:list"), {"state": "frozen"}).content.decode()
    head, row = workbook_rows(client.get(reverse("draws:export")))
    told = dict(zip(head, row, strict=True))
    assert (told["编号"], told["名单摘要"], told["种子"]) == (case.number, case.digest, case.seed)


def test_freezing_takes_as_many_queries_for_many(district: District) -> None:
    made: list[int] = []
    for rows in (1, 3, 27):  # the first makes the series of its numbers
        for _ in range(rows):
            a_class(district, in_days(1))
        with statements() as asked:
            case = a_draw(district, classes=0)
        made.append(len(asked))
        fire(case, "cancel", actor=district.handler, note="试")
    assert made[1] == made[2] <= 22  # two of them count the event
