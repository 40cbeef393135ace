"""What a change says, old beside new, in the words of screen, notice and paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from luojiang_ce.workdays.text import full, month_day
from training.classes.changes.content import Content, Row, read
from training.half_days import HALF_DAYS

NONE = "没有这一行"
STRUCK = "取消这一行"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is changed: what it is called, as it was, as it is to be."""

    label: str
    was: str
    now: str

    @property
    def said(self) -> str:
        """已调整：地点 乙地，原为 甲地"""
        return f"{self.label} {self.now}，原为 {self.was}"


def lines_of(former: Mapping[str, Any], proposed: Mapping[str, Any]) -> list[Line]:
    """Everything that a change changes: the head in the order of the form, then the timetable by its rows."""
    was, now = read(former), read(proposed)
    return [*head_lines(was.head, now.head), *_rows(was, now)]


def head_lines(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Line]:
    """The same of the fields of the head alone; both hold the fields that differ."""
    return list(_head(was, now))


def _head(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Line]:
    for name, label in (("opens_on", "开班日期"), ("ends_on", "结束日期")):
        if name in now:
            yield Line(label, _day(was[name]), _day(now[name]))
    if "days" in now:
        yield Line("天数", _count(was["days"], "天"), _count(now["days"], "天"))
    if "place" in now:
        yield Line("地点", was["place"] or "未填", now["place"] or "未填")
    if "people" in now:
        yield Line("计划人数", _count(was["people"], "人"), _count(now["people"], "人"))
    if "minimum" in now:
        yield Line("最低人数", _count(was["minimum"], "人"), _count(now["minimum"], "人"))
    if "charges" in now:
        yield Line("是否收费", _yes(was["charges"]), _yes(now["charges"]))
    if "fee" in now:
        yield Line("收费标准", _fee(was["fee"]), _fee(now["fee"]))
    if "fee_document" in now:
        yield Line("收费批准文号", was["fee_document"] or "没有", now["fee_document"] or "没有")


def _rows(was: Content, now: Content) -> Iterator[Line]:
    new = {row["id"]: row for row in now.rows if row["id"] is not None}
    for row in was.rows:
        if other := new.get(row["id"]):
            same = (row["date"], row["half_day"]) == (other["date"], other["half_day"])
            yield Line(named(row), row_said(row, dated=not same), row_said(other, dated=not same))
        else:
            yield Line(named(row), row_said(row, dated=False), STRUCK)
    yield from (Line(named(row), NONE, row_said(row, dated=False)) for row in now.rows if row["id"] is None)


def named(row: Row) -> str:
    """课程表 5月11日上午"""
    return f"课程表 {month_day(row['date'])}{HALF_DAYS.get(row['half_day'], '')}"


def row_said(row: Row, *, dated: bool = True) -> str:
    """A row of the timetable on one line: when, what, how many hours, who, where."""
    hours = f"{Decimal(row['hours'] or 0).normalize():f} 学时" if row["counts"] else "不计学时"
    when = f"{month_day(row['date'])}{HALF_DAYS.get(row['half_day'], '')}" if dated else ""
    facts = (when, f"{row['starts_at']:%H:%M}–{row['ends_at']:%H:%M}", row["course"], hours, row["lecturer"])
    return " ".join(filter(None, (*facts, row["room"], row["teaching_form"], row["note"])))


def brief(former: Mapping[str, Any], proposed: Mapping[str, Any]) -> tuple[list[Line], int]:
    """What is told to those who need no single row: the fields of the head, and how many rows of the timetable."""
    was, now = read(former), read(proposed)
    return list(_head(was.head, now.head)), sum(1 for _ in _rows(was, now))


def told(former: Mapping[str, Any], proposed: Mapping[str, Any]) -> list[str]:
    """The same for trainees and their units, in words."""
    lines, rows = brief(former, proposed)
    return [*(line.said for line in lines), *([f"课程表调整 {rows} 行"] if rows else [])]


def _day(day: date | None) -> str:
    return full(day) if day else "未填"


def _count(value: Decimal | int | None, unit: str) -> str:
    return "未填" if value is None else f"{Decimal(value).normalize():,f} {unit}"


def _fee(value: Decimal | None) -> str:
    return "没有" if value is None else f"{value:,.2f} 元/人"


def _yes(value: bool) -> str:
    return "收费" if value else "不收费"
