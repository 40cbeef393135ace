"""What an import would do, given what is known: no database."""

from datetime import date, datetime

import pytest

from luojiang_ce.sheets.cells import Value
from tests.units.roster.rosters import number, person, roster
from units.roster.rows import KnownPerson, RowPlan, plan_rows

SOUND = number(1)


def planned(known: KnownPerson | None, **values: Value) -> RowPlan:
    rows = roster(person(**values))
    return plan_rows(rows.rows, rows.problems, {SOUND: known} if known else {})[0]


def known(**facts) -> KnownPerson:
    return KnownPerson(**{"person_id": 7, "name": "王明", "works_here": True, "works_elsewhere": False, **facts})


def test_who_is_not_known_is_new() -> None:
    assert planned(None).outcome == "new"


def test_who_works_nowhere_now_is_new_here() -> None:
    assert planned(known(works_here=False)).outcome == "new"


def test_nothing_new_is_unchanged() -> None:
    facts = {
        "category": "教师",
        "title": "一级教师",
        "level": "中级",
        "since": date(2015, 3, 17),
        "department": "语文组",
    }
    plan = planned(
        known(**facts, certificates=frozenset({"A1", "B2"}), note="x"),
        **{
            "人员类别": "教师",
            "职称": "一级教师",
            "级别": "中级",
            "任职时间": "2015-03",
            "证书编号": "A1",
            "部门": "语文组",
            "备注": "x",
        },
    )
    assert (plan.outcome, plan.changes) == ("unchanged", ())


def test_empty_cells_and_missing_columns_change_nothing() -> None:
    assert planned(known(title="工程师", note="x", since=date(2015, 3, 1))).outcome == "unchanged"


@pytest.mark.parametrize(
    ("column", "value", "key", "old", "new"),
    [
        ("人员类别", "卫生", "category", "一般", "卫生"),
        ("职称", "高级工程师", "title", "工程师", "高级工程师"),
        ("级别", "副高", "level", "中级", "副高级"),
        ("部门", "二科", "department", "一科", "二科"),
        ("备注", "新", "note", "旧", "新"),
        ("任职时间", "2020-01", "since", "2015-03-17", "2020-01"),
        ("任职时间", datetime(2015, 3, 18), "since", "2015-03-17", "2015-03-18"),
        ("证书编号", "C3", "certificate", "B2", "C3"),
    ],
)
def test_what_changes(column: str, value: Value, key: str, old: str, new: str) -> None:
    before = known(
        category="一般", title="工程师", level="中级", since=date(2015, 3, 17), department="一科", note="旧",
        certificate="B2", certificates=frozenset({"B2"}),
    )  # fmt: skip
    plan = planned(before, **{column: value})
    assert plan.outcome == "changed"
    assert [(change.key, change.old, change.new) for change in plan.changes] == [(key, old, new)]


def test_long_texts_are_cut_visibly_and_the_same_each_time() -> None:
    plan = planned(known(), 备注="长" * 300)
    cut = plan.changes[0].new
    assert (len(cut), cut[-2:]) == (200, "长…")
    assert planned(known(note=cut), 备注="长" * 300).outcome == "unchanged"


def test_who_works_elsewhere_is_not_moved() -> None:
    plan = planned(known(works_here=False, works_elsewhere=True))
    assert (plan.outcome, [(p.key, p.code) for p in plan.problems]) == ("wrong", [("id_number", "employed-elsewhere")])


def test_who_is_known_under_another_name_is_not_renamed() -> None:
    plan = planned(known(name="李明"))
    assert (plan.outcome, [(p.key, p.code) for p in plan.problems]) == ("wrong", [("name", "name-conflict")])
    assert "李明" not in plan.problems[0].message


def test_a_wrong_row_changes_nothing() -> None:
    plan = planned(known(title="工程师"), 职称="高级工程师", 级别="x")
    assert (plan.outcome, plan.changes) == ("wrong", ())
