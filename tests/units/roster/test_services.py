"""Preview and confirmation against the database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luojiang_ce import clock
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.sheets.imports import counts_of, read_file, read_staged, write_staged
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import (
    ImportGone,
    begin_confirmation,
    discard_import,
    purge_imports,
    returned_file,
    stage_import,
    staged_file,
)
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import person_in
from tests.id_ends import LEAST, remaining
from tests.units.roster.rosters import TITLES, number, person, preview_roster, workbook
from units.models import Certificate, Employment, Person, Title, Unit
from units.roster import services
from units.roster.importer import ROSTER_IMPORT

State = ImportBatch.State


def preview(district: District, *rows: Any, unit: Unit | None = None) -> ImportBatch:
    file = workbook(*rows)
    return preview_roster(file=file, name="名单.xlsx", unit=unit or district.unit, actor=district.owner)


def confirm(district: District, batch: ImportBatch) -> ImportBatch:
    begin_confirmation(batch)
    return write_staged(ROSTER_IMPORT, batch, actor=district.owner)


def imported(district: District, *rows: Any) -> ImportBatch:
    return confirm(district, preview(district, *rows))


def snapshot() -> dict[str, list[Any]]:
    models = (Person, Employment, Title, Certificate, Event)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@contextmanager
def only_writes_to(*tables: str) -> Iterator[None]:
    """Any statement that writes another table fails, whoever sends it."""

    def guard(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = sql.lstrip().split(maxsplit=1)[0].upper()
        allowed = verb in ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA") or any(
            f'"{table}"' in sql.split("WHERE")[0] for table in tables
        )
        assert allowed, f"a preview wrote: {sql[:200]}"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(guard):
        yield


FULL = dict(zip(TITLES[2:], ["男", "1985-03", "卫生", "主治医师", "中级", "2015-03", "A-1", "内科", "备"], strict=True))


def test_the_preview_writes_nothing_but_the_import(district: District) -> None:
    person_in(district.unit, "李明", number=number(2))
    before = snapshot()
    with only_writes_to("sheets_importbatch"):
        batch = preview(
            district, person(**FULL), person(姓名="李明", 身份证号=number(2), 职称="工程师"), person(姓名="")
        )
    assert batch.state == State.PREVIEWED
    assert snapshot() == before


def test_planning_reads_only(district: District) -> None:
    file = workbook(person(), person(姓名="李明", 身份证号=number(2)))
    with only_writes_to():
        reading = read_file(ROSTER_IMPORT, file, district.unit)
        assert counts_of(ROSTER_IMPORT, reading)["new"] == 2


def test_the_guard_of_these_tests_holds(district: District) -> None:
    with pytest.raises(AssertionError, match="a preview wrote"), only_writes_to("sheets_importbatch"):
        person_in(district.unit)


def test_a_new_person_with_everything(district: District) -> None:
    batch = imported(district, person(**FULL))
    assert (batch.state, batch.result) == (State.CONFIRMED, {"new": 1})
    added = Person.objects.with_id_number(number(1)).get()
    assert (added.name, added.sex, added.birth, added.category, added.note) == (
        "王明",
        "男",
        date(1985, 3, 12),
        "medical",
        "备",
    )
    assert (added.id_number, added.id_kind, added.masked_id) == (
        number(1),
        "resident",
        "999999********" + number(1)[-4:],
    )
    assert "wangming" in added.pinyin.split()
    assert "wm" in added.initials.split()
    job = added.employments.get()
    assert (job.unit, job.department, job.started_on, job.ended_on) == (district.unit, "内科", None, None)
    title = added.titles.get()
    assert (title.name, title.level, title.since, title.is_current) == ("主治医师", "middle", date(2015, 3, 1), True)
    assert added.certificates.get().number == "A-1"
    assert added.certificates.get().kind == "medical"


@pytest.mark.parametrize(
    ("nature", "category"), [("school", "teacher"), ("medical", "medical"), ("district", "general")]
)
def test_without_a_category_that_of_the_units_system(district: District, nature: str, category: str) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(nature=nature)
    imported(district, person())
    assert Person.objects.get().category == category


def test_permits_are_noted_as_such(district: District) -> None:
    imported(district, person(身份证号=number(1, area="810000")))
    assert Person.objects.get().id_kind == "permit"


def test_importing_again_changes_nothing(district: District) -> None:
    rows = [
        person(**FULL),
        person(姓名="李明", 身份证号=number(2)),
        person(姓名="长", 身份证号=number(3), 备注="长" * 300),
    ]
    imported(district, *rows)
    before = snapshot()
    batch = preview(district, *rows)
    assert batch.counts == {"rows": 3, "new": 0, "changed": 0, "unchanged": 3, "wrong": 0}
    assert confirm(district, batch).result == {"unchanged": 3}
    assert snapshot() == before


def test_changes_are_written_and_nothing_else(district: District) -> None:
    imported(district, person(**FULL))
    before = Person.objects.get()
    batch = imported(district, person(**{**FULL, "备注": "新", "部门": "外科", "人员类别": "", "证书编号": "A-2"}))
    assert batch.result == {"changed": 1}
    after = Person.objects.get()
    assert (after.note, after.category, after.name, after.id_hash) == ("新", "medical", before.name, before.id_hash)
    assert after.employments.get().department == "外科"
    assert {c.number for c in after.certificates.all()} == {"A-1", "A-2"}
    assert after.titles.count() == 1


@pytest.mark.notice("附件4")
def test_a_row_with_the_certificate_of_somebody_else_is_refused(district: District) -> None:
    """In the district, or in a row before; the other person is not named, and the other rows go in."""
    other = person_in(district.neighbour_unit, "温如故")
    Certificate.objects.create(person=other, number="闽A-0007")
    rows = [
        person(姓名="李明", 身份证号=number(2), 证书编号=" 闽a-0007"),
        person(姓名="王明", 身份证号=number(3), 证书编号="闽A-0008"),
        person(姓名="赵明", 身份证号=number(4), 证书编号="闽A-０００８"),
        person(姓名="周明", 身份证号=number(5), 证书编号="无"),
        person(姓名="吴明", 身份证号=number(6), 证书编号="—"),
        person(姓名="郑明", 身份证号=number(7), 证书编号="闽A-0007", 人员类别="卫生"),
    ]
    batch = preview(district, *rows)
    assert batch.counts == {"rows": 6, "new": 4, "changed": 0, "unchanged": 0, "wrong": 2}
    said = str(batch.plan)
    assert "这个证书编号已登记给另一人" in said
    assert "证书编号与第 3 行相同" in said
    assert "温如故" not in said
    confirm(district, batch)
    kept = Certificate.objects.exclude(person=other).values_list("person__name", "kind", "number")
    assert set(kept) == {("王明", "general", "闽A-0008"), ("郑明", "medical", "闽A-0007")}
    assert preview(district, rows[1]).counts["unchanged"] == 1


def test_a_title_gained_later_keeps_the_old_one(district: District) -> None:
    imported(district, person(**FULL))
    imported(district, person(职称="副主任医师", 级别="副高", 任职时间="2021-08-15"))
    titles = list(Person.objects.get().titles.values_list("name", "level", "since", "is_current"))
    assert titles == [
        ("副主任医师", "associate", date(2021, 8, 15), True),
        ("主治医师", "middle", date(2015, 3, 1), False),
    ]


def test_a_corrected_title_is_no_new_one(district: District) -> None:
    imported(district, person(**FULL))
    imported(district, person(职称="主治（主管）医师"))
    assert Person.objects.get().titles.get().name == "主治（主管）医师"
    assert Person.objects.get().titles.get().since == date(2015, 3, 1)


def test_nobody_is_moved_renamed_or_ended(district: District) -> None:
    person_in(district.neighbour_unit, "邻居", number=number(1))
    person_in(district.unit, "旧名", number=number(2))
    person_in(district.unit, "不在表中", number=number(3))
    before = snapshot()
    batch = preview(district, person(姓名="邻居"), person(姓名="新名", 身份证号=number(2)))
    problems = [problem["code"] for row in batch.plan["rows"] for problem in row["problems"]]
    assert problems == ["name-conflict"], "of the own person; of the neighbour's the preview says nothing"
    assert [row["name"] for row in batch.plan["missing"]] == ["不在表中"]
    assert district.neighbour_unit.name not in str(batch.plan)
    assert "旧名" not in str(batch.plan["rows"])
    assert confirm(district, batch).result == {"wrong": 2}
    after = snapshot()
    assert [event["name"] for event in after.pop("Event")] == ["ids_missed"], "of the neighbour's number"
    assert after == {name: rows for name, rows in before.items() if name != "Event"}


def test_who_left_comes_back_as_a_new_employment(district: District) -> None:
    back = person_in(district.neighbour_unit, "归来", number=number(1))
    Employment.objects.update(ended_on=date(2020, 1, 1), end_reason="left")
    imported(district, person(姓名="归来", 部门="二科", 职称="工程师"))
    assert list(back.employments.values_list("unit", "ended_on", "department")) == [
        (district.unit.pk, None, "二科"),
        (district.neighbour_unit.pk, date(2020, 1, 1), ""),
    ]
    assert back.titles.get().name == "工程师"


def test_confirmation_looks_at_the_data_of_its_moment(district: District) -> None:
    batch = preview(
        district, person(), person(姓名="李明", 身份证号=number(2)), person(姓名="张明", 身份证号=number(3))
    )
    assert batch.counts["new"] == 3
    person_in(district.neighbour_unit, "王明", number=number(1))
    person_in(district.unit, "李明", number=number(2))
    assert confirm(district, batch).result == {"new": 1, "unchanged": 1, "wrong": 1}
    assert Employment.objects.filter(unit=district.unit).count() == 2


def test_confirming_twice_writes_once(district: District) -> None:
    batch = preview(district, person())
    assert begin_confirmation(batch)
    assert not begin_confirmation(ImportBatch.objects.get(pk=batch.pk))
    first = write_staged(ROSTER_IMPORT, batch, actor=district.owner)
    before = snapshot()
    again = write_staged(ROSTER_IMPORT, ImportBatch.objects.get(pk=batch.pk), actor=district.owner)
    assert (again.result, again.confirmed_at) == (first.result, first.confirmed_at)
    assert snapshot() == before


def test_an_interrupted_confirmation_goes_on_where_it_stopped(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luojiang_ce.sheets.services.CHUNK_ROWS", 2)
    batch = preview(district, *(person(姓名="王", 身份证号=number(n)) for n in range(1, 6)))
    begin_confirmation(batch)
    steps: list[tuple[int, int]] = []

    def break_off(done: int, total: int) -> None:
        steps.append((done, total))
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_staged(ROSTER_IMPORT, batch, actor=district.owner, progress=break_off)
    half = ImportBatch.objects.get(pk=batch.pk)
    assert (half.state, half.done, half.result, Person.objects.count()) == (State.CONFIRMING, 4, {"new": 4}, 4)
    whole = write_staged(ROSTER_IMPORT, half, actor=district.owner)
    assert (whole.state, whole.done, whole.result, Person.objects.count()) == (State.CONFIRMED, 5, {"new": 5}, 5)
    assert steps == [(2, 5), (4, 5)]


def test_a_chunk_that_fails_leaves_nothing(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = preview(district, person())
    begin_confirmation(batch)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(services, "record", fail)
    before = snapshot()
    with pytest.raises(RuntimeError):
        write_staged(ROSTER_IMPORT, batch, actor=district.owner)
    assert snapshot() == before
    assert ImportBatch.objects.get(pk=batch.pk).done == 0


def test_a_confirmation_leaves_an_event_without_names_and_numbers(district: District) -> None:
    batch = imported(district, person(), person(姓名="李明", 身份证号=number(2)))
    event = Event.objects.get(name="roster_imported")
    assert (event.case_type, event.case_id, event.actor_id) == ("units.unit", district.unit.pk, district.owner.pk)
    assert event.data == {"import": batch.pk, "new": 2, "changed": 0}


def test_a_discarded_import_cannot_be_confirmed_and_its_files_are_gone(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    batch = preview(district, person(姓名=""))
    names, storage = [batch.file.name, batch.returned.name], batch.file.storage
    assert all(storage.exists(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        assert discard_import(batch)
    assert not any(storage.exists(name) for name in names)
    assert not begin_confirmation(batch)
    assert not discard_import(batch)
    with pytest.raises(ImportGone):
        write_staged(ROSTER_IMPORT, batch, actor=district.owner)


def test_an_import_given_up_meanwhile_stops(district: District) -> None:
    batch = preview(district, person())
    begin_confirmation(batch)
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.DISCARDED)
    with pytest.raises(ImportGone, match="放弃"):
        write_staged(ROSTER_IMPORT, batch, actor=district.owner)
    assert not Person.objects.exists()


def test_a_preview_that_comes_after_discarding_is_not_kept(district: District) -> None:
    batch = stage_import(
        kind="roster", file=workbook(person(姓名="")), name="a", scope=district.unit, owner=district.owner
    )
    late = ImportBatch.objects.get(pk=batch.pk)
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.DISCARDED)
    read_staged(ROSTER_IMPORT, late)
    assert ImportBatch.objects.get(pk=batch.pk).state == State.DISCARDED
    assert not ImportBatch.objects.get(pk=batch.pk).returned


def test_purging_deletes_the_files_and_keeps_the_counts(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    batch = preview(district, person(姓名=""))
    name, storage = batch.file.name, batch.file.storage
    assert purge_imports() == 0
    later = clock.now() + timedelta(days=7, minutes=1)
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_imports(later) == 1
    assert purge_imports(later) == 0
    gone = ImportBatch.objects.get(pk=batch.pk)
    assert (gone.state, gone.plan, gone.counts["wrong"]) == (State.DISCARDED, {}, 1)
    assert not storage.exists(name)
    with pytest.raises(ImportGone, match="删除"):
        staged_file(gone)


def test_only_the_owner_finds_the_import(district: District) -> None:
    batch = preview(district, person())
    assert ImportBatch.objects.visible_to(district.owner).get() == batch
    for stranger in (district.colleague, district.neighbour, district.handler, district.system_admin):
        assert not ImportBatch.objects.visible_to(stranger).exists()


def test_files_lie_encrypted_and_bound_to_their_import(district: District) -> None:
    file = io.BytesIO(("姓名,身份证号\n王明," + number(1)).encode())
    batch = preview_roster(file=file, name="a.csv", unit=district.unit, actor=district.owner)
    sealed = Path(batch.file.path).read_bytes()
    assert number(1).encode() not in sealed
    assert staged_file(batch).read() == file.getvalue()
    assert number(1) not in str(batch.plan)
    other = preview(district, person(姓名="李明", 身份证号=number(2)))
    other.file.name = batch.file.name
    with pytest.raises(CannotOpen):
        staged_file(other)


def test_the_wrong_rows_come_back_with_their_reasons(district: District) -> None:
    batch = preview(district, person(), person(姓名="李明", 身份证号=number(2)[:17] + "Z", 级别="x"), person(姓名=""))
    sheet = openpyxl.load_workbook(io.BytesIO(returned_file(batch))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[:2] for row in rows[1:]] == [("李明", number(2)[:17] + "Z"), (None, number(1))]
    assert "原第 3 行：B3 身份证号：" in rows[1][11]
    assert "G3 级别：没有这个级别" in rows[1][11]
    assert "与第 2 行相同" in rows[2][11]


def test_returned_rows_can_be_mended_and_imported_again(district: District) -> None:
    batch = preview(district, person(姓名="李明", 身份证号=number(2), 级别="x"))
    book = openpyxl.load_workbook(io.BytesIO(returned_file(batch)))
    book.active["G2"] = "中级"
    out = io.BytesIO()
    book.save(out)
    again = preview_roster(file=out, name="改.xlsx", unit=district.unit, actor=district.owner)
    assert again.counts["new"] == 1


def test_without_wrong_rows_nothing_comes_back(district: District) -> None:
    with pytest.raises(ImportGone):
        returned_file(preview(district, person()))


def test_a_file_that_cannot_be_used_is_refused_with_its_reason(district: District) -> None:
    file = io.BytesIO(b"%PDF-1.7")
    batch = preview_roster(file=file, name="a.xlsx", unit=district.unit, actor=district.owner)
    assert (batch.state, batch.plan["problem"]) == (State.REFUSED, "unreadable")
    assert "PDF" in batch.plan["message"]


def test_the_preview_shows_values_masked_and_in_place(district: District) -> None:
    rows = [person(), person(姓名=number(5), 身份证号=3.5e17), person(姓名="李明", 身份证号=number(2) + "1")]
    plan = preview(district, *rows).plan
    values = [problem["value"] for row in plan["rows"] for problem in row["problems"]]
    assert values == ["*" * 16 + number(5)[-2:], "3.50000E+17", "*" * 17 + (number(2) + "1")[-2:]]
    assert plan["excerpts"]["letters"][:2] == ["A", "B"]
    assert plan["excerpts"]["around"]["3"] == [2, 3, 4]
    assert plan["excerpts"]["bad"]["3"] == ["A", "B"]
    assert not any(number(n) in str(plan) for n in (1, 2, 5))
    assert plan["titles"] == [["职称", "专业技术职务"]]


BIRTHS = (datetime(1985, 3, 12), "1985-03-12", "1985年3月12日", "1985.3.12", "19850312", 19850312.0, "1985/3/12")
SERIAL = 31118.0  # what Excel makes of that day


@pytest.mark.parametrize(
    ("place", "birth"),
    [(place, each) for place in ("出生年月", "备注", "别的列") for each in BIRTHS] + [("出生年月", SERIAL)],
)
def test_a_preview_gives_no_number_away_however_a_birth_is_written(district: District, place: str, birth: Any) -> None:
    rows = [
        [*person(姓名=name, 身份证号=number(n), **{place: birth}), birth if place == "别的列" else None]
        for n, name in ((1, "王明"), (2, ""))
    ]
    file = workbook(*rows, titles=(*TITLES, "别的列"))
    batch = preview_roster(file=file, name="名单.xlsx", unit=district.unit, actor=district.owner)
    assert batch.counts["wrong"] >= 1
    assert [
        remaining(str(batch.plan), number(n)) for n in (1, 2) if remaining(str(batch.plan), number(n)) < LEAST
    ] == []


def test_queries_do_not_grow_with_the_rows(district: District) -> None:
    counts = []
    for size in (3, 30):
        file = workbook(*(person(姓名="王", 身份证号=number(size * 100 + n)) for n in range(size)))
        batch = preview_roster(file=file, name="a", unit=district.unit, actor=district.owner)
        begin_confirmation(batch)
        with CaptureQueriesContext(connection) as context:
            write_staged(ROSTER_IMPORT, batch, actor=district.owner)
        counts.append(len(context))
    assert counts[0] == counts[1] <= 30
