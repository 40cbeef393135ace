"""Series, tenure and teacher's cycle come with the roster (product.md U4; notice 一(三)2, 一(三)3)."""

from __future__ import annotations

from typing import Any

import pytest

from luojiang_ce.sheets.imports import write_staged
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import begin_confirmation
from tests.conftest import District
from tests.factories import person_in
from tests.units.roster.rosters import number, preview_roster, roster, workbook
from units.models import StudyPeriod, Title
from units.roster.columns import ROSTER
from units.roster.importer import ROSTER_IMPORT
from units.roster.rows import years_in
from units.roster.services import plan_against_current

TITLES = ("姓名", "身份证号", "人员类别", "职称", "职称系列", "任职周期", "教师周期")
TEACHER = ("顾清和", number(1), "教师", "一级教师", "中小学教师", None, "2023-2027")
DOCTOR = ("李明", number(2), "卫生", "主治医师", "卫生", "2022年至2026年", None)


def imported(district: District, *rows: Any) -> ImportBatch:
    file = workbook(*rows, titles=TITLES)
    batch = preview_roster(file=file, name="名单.xlsx", unit=district.unit, actor=district.owner)
    begin_confirmation(batch)
    return write_staged(ROSTER_IMPORT, batch, actor=district.owner)


def periods() -> list[tuple[str, str, int, int]]:
    return list(StudyPeriod.objects.order_by("pk").values_list("person__name", "kind", "first_year", "last_year"))


@pytest.mark.django_db
@pytest.mark.notice("一(三)3")
def test_they_are_written_and_the_same_roster_again_changes_nothing(district: District) -> None:
    imported(district, TEACHER, DOCTOR)
    wanted = {("顾清和", "cycle", 2023, 2027), ("李明", "tenure", 2022, 2026)}
    assert set(periods()) == wanted
    assert set(Title.objects.values_list("series", flat=True)) == {"中小学教师", "卫生"}
    plans = plan_against_current(roster(TEACHER, DOCTOR, titles=TITLES).checked(), district.unit)
    assert [plan.outcome for plan in plans] == ["unchanged", "unchanged"]
    imported(district, TEACHER, DOCTOR)
    assert len(periods()) == 2


@pytest.mark.django_db
def test_a_person_who_is_known_gets_what_was_missing_and_nothing_else_is_touched(district: District) -> None:
    known = person_in(district.unit, "顾清和", number=number(1), category="teacher")
    Title.objects.create(person=known, name="一级教师", level="middle")
    imported(district, TEACHER)
    assert periods() == [("顾清和", "cycle", 2023, 2027)]
    title = Title.objects.get(person=known)
    assert (title.name, title.level, title.series) == ("一级教师", "middle", "中小学教师")


@pytest.mark.django_db
def test_a_cycle_that_crosses_one_on_record_is_named_and_not_written(district: District) -> None:
    known = person_in(district.unit, "顾清和", number=number(1), category="teacher")
    StudyPeriod.objects.create(person=known, kind="cycle", first_year=2021, last_year=2025)
    (plan,) = plan_against_current(roster(TEACHER, titles=TITLES).checked(), district.unit)
    assert [(each.key, each.code) for each in plan.problems] == [("cycle", "period-overlap")]
    imported(district, TEACHER)
    assert periods() == [("顾清和", "cycle", 2021, 2025)]


@pytest.mark.django_db
def test_a_cycle_of_who_works_elsewhere_is_not_told(district: District) -> None:
    known = person_in(district.neighbour_unit, "顾清和", number=number(1), category="teacher")
    StudyPeriod.objects.create(person=known, kind="cycle", first_year=2021, last_year=2025)
    (plan,) = plan_against_current(roster(TEACHER, titles=TITLES).checked(), district.unit)
    assert [each.code for each in plan.problems] == ["employed-elsewhere"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023起", "years-unreadable"),
        ("5年", "years-unreadable"),
        ("2027-2023", "years-out-of-order"),
        ("2023-2026", "cycle-length"),
    ],
)
def test_what_is_no_cycle_is_named_with_its_cell(text: str, code: str) -> None:
    found = roster((*TEACHER[:6], text), titles=TITLES)
    assert [(each.key, each.code) for each in found.problems[2]] == [("cycle", code)]


@pytest.mark.parametrize("text", ["2023-2027", "2023—2027", "2023年至2027年", "2023 ～ 2027", "2023年度-2027年度"])
def test_spans_are_read_as_people_write_them(text: str) -> None:
    assert years_in(text) == (2023, 2027)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("系列", "series"),
        ("专业技术职务系列", "series"),
        ("任职周期", "tenure"),
        ("五年周期", "cycle"),
        ("继续教育周期", "cycle"),
    ],
)
def test_the_columns_have_their_synonyms(written: str, key: str) -> None:
    column = ROSTER.column(key)
    assert written in (column.title, *column.synonyms)
