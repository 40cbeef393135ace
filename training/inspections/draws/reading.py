"""A draw as pages and its record show it: names beside the ids, the numbers as somebody can check them by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from luojiang_ce.workdays.text import full
from training.classes.models import ClassApplication
from training.inspections.models import Inspection
from units.models import Account
from verification.declarations.models import Declaration

from .draw import LeftOut, Row
from .models import Draw, OriginalsCheck

# What the draw does, as its record and the public page say it (the words of draw.py).
STEPS = (
    "名单是一份文本：抽查的范围和数量一行，每个培训班（申报）、每名检查人各一行，只写编号，不写姓名。"
    "文本的 SHA-256 即“名单摘要”，在种子产生以前公布。",
    "把“名单摘要:种子:序号”连成一行（序号从 1 起），取 SHA-256，当作一个整数，除以份数取余数，得到一个号；"
    "落在最后不满一轮的整数作废，取下一个序号，使每一份机会完全相等。",
    "每个班（申报）有与权重相同的份数，按名单顺序排开；号落在谁的份上就抽中谁，抽中的退出名单，再取下一个号。",
    "设定了每年覆盖的，本年还没有检查过的施教机构先抽，每个机构抽中一个以后再抽其余的。",
    "每个抽中的班再依次抽日期和检查人。须回避的检查人不在该班的人选之内；人手够时，同一天已派往别处的也不在内。",
)


@dataclass(frozen=True)
class Subject:
    """A class or a declaration by name."""

    name: str
    number: str
    unit: str
    url: str


NOT_THERE = Subject("已删除", "", "", "")


@dataclass(frozen=True)
class Shown:
    """What was drawn: in which place, by which number, and what became of it (`after`: words, `url`: a page)."""

    place: int
    subject: Subject
    row: Row
    taken: dict[str, Any]
    day: str
    inspectors: list[str]
    after: str = ""
    url: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Listed:
    """A row of the list."""

    subject: Subject
    row: Row


@dataclass(frozen=True)
class Left:
    """What could not be drawn."""

    subject: Subject
    why: str


def subjects_of(case: Draw, keys: Collection[int]) -> dict[int, Subject]:
    """The classes or declarations of these ids. One query."""
    model: Any = ClassApplication if case.of_classes else Declaration
    found = model.objects.filter(pk__in=keys).select_related("unit")
    return {
        each.pk: Subject(
            str(each) if case.of_classes else each.title, each.number or "", each.unit.name, each.get_absolute_url()
        )
        for each in found
    }


def listed_of(case: Draw, most: int | None = None) -> list[Listed]:
    """The rows of the list, or the first of them. One query."""
    rows = case.the_list.rows[:most]
    named = subjects_of(case, [row.key for row in rows])
    return [Listed(named.get(row.key, NOT_THERE), row) for row in rows]


def left_out_of(case: Draw) -> list[Left]:
    """What was left out, and why. One query."""
    left: Iterable[LeftOut] = case.the_list.left_out
    named = subjects_of(case, [each.key for each in left])
    return [Left(named.get(each.key, NOT_THERE), each.why) for each in left]


def shown_of(case: Draw) -> list[Shown]:
    """What was drawn, in its order. Three queries."""
    rows = {row.key: row for row in case.the_list.rows}
    named = subjects_of(case, [each["key"] for each in case.result])
    people = names_of({pk for each in case.result for pk in each["inspectors"]})
    became = _visits(case) if case.of_classes else _checks(case)
    return [
        Shown(
            place, named.get(each["key"], NOT_THERE), rows[each["key"]], each,
            full(date.fromisoformat(each["day"])) if each["day"] else "",
            [people.get(pk, "") for pk in each["inspectors"]],
            *became.get(each["key"], ("", "", False)),
        )
        for place, each in enumerate(case.result, 1)
    ]  # fmt: skip


def names_of(accounts: Collection[int]) -> dict[int, str]:
    """The names of accounts. One query."""
    return dict(Account.objects.filter(pk__in=accounts).values_list("pk", "name"))


def _visits(case: Draw) -> dict[int, tuple[str, str, bool]]:
    """What became of the classes: the visit, or why there is none."""
    visits = Inspection.objects.in_bulk([pk for pk in case.made.values() if isinstance(pk, int)])
    return {
        int(key): (visits[pk].number or "", visits[pk].get_absolute_url(), False)
        if isinstance(pk, int)
        else (f"没有安排：{pk}", "", True)
        for key, pk in case.made.items()
    }


def _checks(case: Draw) -> dict[int, tuple[str, str, bool]]:
    """What became of the declarations: the check and how it stands, or why there is none."""
    became = {int(key): (why, "", True) for key, why in case.made.items() if why}
    for check in OriginalsCheck.objects.filter(draw=case):
        became[check.declaration_id] = (
            f"{check.number} {check.get_state_display()}",
            check.get_absolute_url(),
            False,
        )
    return became
