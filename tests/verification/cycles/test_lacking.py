"""Cycles, tenures and series in bulk; the clerk's to-do for teachers without a cycle; other requirements that flag."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import person_in
from tests.todos import todos
from tests.units.views.helpers import browser
from tests.verification.batches.samples import a_draft
from units.models import Person, StudyPeriod, Title
from verification.batches.summary import summary_of
from verification.cycles.models import CycleSetting
from verification.cycles.services import UNSET, Asked, effects, set_flags, set_for_many, setting_of

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(三)3")]
CYCLE = Asked("cycle", 2026, 2030, "")


def people(district: District) -> list[Person]:
    """Two teachers without a cycle, one whose other cycle crosses, one of the office."""
    names = {"顾清和": "teacher", "傅以宁": "teacher", "韩砚青": "teacher", "陆怀远": "general"}
    found = [person_in(district.unit, name, category=category) for name, category in names.items()]
    StudyPeriod.objects.create(person=found[2], kind="cycle", first_year=2024, last_year=2028)
    return found


def tick(person: Person) -> str:
    return f"units.person:{person.pk}"


def test_the_effect_is_shown_before_anything_is_written_and_then_it_is_written(district: District) -> None:
    first, second, crossing, office = people(district)
    client = browser(district.owner)
    sent = {"cases": [tick(each) for each in (first, second, crossing, office)], "kind": "cycle"}
    sent |= {"first_year": "2026", "last_year": "2030"}
    page = client.post(reverse("cycles:set_for_many"), sent).content.decode()
    for words in ("教师五年周期：未登记 → 2026–2030", "年份重叠", "人员类别是一般", "确认登记"):
        assert words in page
    assert StudyPeriod.objects.count() == 1
    answer = client.post(reverse("cycles:set_for_many"), {**sent, "sure": "1"}, follow=True).content.decode()
    assert "已登记 2 人" in answer
    assert "韩砚青" in answer
    spans = StudyPeriod.objects.filter(person__in=[first, second]).values_list("first_year", "last_year")
    assert list(spans) == [(2026, 2030)] * 2
    assert history(first).filter(name="period_saved").exists()
    again = client.post(reverse("cycles:set_for_many"), {**sent, "sure": "1"}, follow=True).content.decode()
    assert "已登记 0 人" in again


def test_a_series_is_set_beside_a_title_and_asked_for_where_there_is_none(district: District) -> None:
    first, second, *_ = people(district)
    Title.objects.create(person=first, name="一级教师", level="middle")
    found = effects([first, second], Asked(series="中小学教师"))
    assert [(each.changes, bool(each.problem)) for each in found] == [
        (["系列：未登记 → 中小学教师"], False),
        ([], True),
    ]
    set_for_many(people=[first.pk, second.pk], asked=Asked(series="中小学教师"), actor=district.owner)
    assert Title.objects.get(person=first).series == "中小学教师"
    assert Title.objects.get(person=first).name == "一级教师"


def test_a_neighbour_sets_nothing_for_people_of_another_unit(district: District) -> None:
    first, *_ = people(district)
    set_for_many(people=[first.pk], asked=CYCLE, actor=district.neighbour)
    assert not StudyPeriod.objects.filter(person=first).exists()
    page = browser(district.neighbour).get(reverse("cycles:lacking")).content.decode()
    assert "顾清和" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [(Asked(), "请填写起止年度或系列"), (Asked("cycle", 2026, 2029), "应为连续 5 年")],
)
def test_what_makes_no_cycle_is_refused(district: District, asked: Asked, said: str) -> None:
    with pytest.raises(NotPossible, match=said):
        set_for_many(people=[], asked=asked, actor=district.owner)


def test_wrong_input_comes_back_with_what_was_typed_and_ticked(district: District) -> None:
    first, *_ = people(district)
    sent = {"cases": [tick(first)], "kind": "cycle", "first_year": "2030", "last_year": "2026"}
    answer = browser(district.owner).post(reverse("cycles:set_for_many"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("终止年度早于起始年度", tick(first), 'value="2030"'):
        assert words in page
    empty = browser(district.owner).post(reverse("cycles:set_for_many"), {"kind": "cycle"}).content.decode()
    assert "还没有勾选" in empty


def test_the_clerk_is_asked_once_for_all_who_have_no_cycle(district: District) -> None:
    first, second, *_ = people(district)
    mine = [each for each in todos(district.owner) if each.title.startswith("登记教师周期")]
    assert [(each.title, each.mine) for each in mine] == [("登记教师周期：2 人没有", True)]
    page = browser(district.owner).get(mine[0].url).content.decode()
    assert "顾清和" in page
    assert "傅以宁" in page
    assert "陆怀远" not in page
    assert not [each for each in todos(district.neighbour) if each.mine and each.title.startswith("登记教师周期")]
    set_for_many(people=[first.pk, second.pk], asked=CYCLE, actor=district.owner)
    assert not [each for each in todos(district.owner) if each.title.startswith("登记教师周期")]


def test_the_approver_says_that_other_requirements_flag_and_takes_it_back(district: District) -> None:
    client = browser(district.approver)
    sent = {"year": "2026", "document": "区教育局函〔2026〕3号", "version": UNSET.version}
    assert client.post(reverse("cycles:flags"), sent).status_code == 302
    row = CycleSetting.objects.get()
    assert history(row).get().name == "cycle_flags_set"
    with pytest.raises(Conflict):
        set_flags(year=2026, document="另一份", actor=district.approver, version=UNSET.version)
    set_flags(year=2026, document="", actor=district.approver, version=setting_of(2026).version)
    assert not CycleSetting.objects.exists()


def test_the_list_of_who_lacks_it_asks_as_often_for_thirty_as_for_three(
    district: District, django_assert_max_num_queries: object
) -> None:
    numbers = []
    for size in (3, 27):
        for n in range(size):
            person_in(district.unit, f"教师{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", category="teacher")
        client = browser(district.owner)
        with django_assert_max_num_queries(15) as queries:  # type: ignore[operator]
            client.get(reverse("cycles:lacking"))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_whose_cycle_is_missing_is_named_before_the_roster_is_filed(district: District) -> None:
    first, *_ = people(district)
    batch = a_draft(district, [first], path="teacher")
    assert dict(summary_of(batch))["没有登记五年周期"].startswith("顾清和，不能判定")
    set_for_many(people=[first.pk], asked=CYCLE, actor=district.owner)
    assert "没有登记五年周期" not in dict(summary_of(batch))


def test_a_link_for_one_unit_lands_among_its_people(district: District) -> None:
    people(district)
    person_in(district.neighbour_unit, "裴南枝", category="teacher")
    client, here = browser(district.handler), reverse("cycles:lacking")
    everybody = client.get(here, {"what": "cycle"}).content.decode()
    assert ("裴南枝" in everybody, "顾清和" in everybody) == (True, True)
    asked = {"what": "cycle", "unit": str(district.unit.pk)}
    page = client.get(here, asked).content.decode()
    assert ("裴南枝" in page, "顾清和" in page) == (False, True)
    assert f"?what=series&amp;unit={district.unit.pk}" in page  # the other lists are of this unit too
    assert '<input type="hidden" name="what" value="cycle"' in page
    assert client.get(here, {"what": "cycle", "q": "傅以宁"}).content.decode().count("顾清和") == 0
    assert client.get(here, {"unit": "x", "what": "x"}).status_code == 200
    filtered = f"{here}?what=cycle&unit={district.unit.pk}"
    sent = {"cases": [tick(Person.objects.get(name="顾清和"))], "kind": "cycle", "back": filtered}
    sent |= {"first_year": "2026", "last_year": "2030", "sure": "1"}
    answer = client.post(reverse("cycles:set_for_many"), sent)
    assert (answer.status_code, answer["Location"]) == (302, filtered)
