"""What the handler should look at in a row of 附件1 (product.md P5): pointed out, never refused. Pure: values in, out.

A mark belongs to a column of 附件1. What a row may not say at all is in checks.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from luojiang_ce.workdays.text import full, month_day
from training.choices import Form
from verification.choices import Measure

from .checks import title_key

NAMED = 3
_BETWEEN_NAMES = re.compile(r"[、，,；;/\s]+|（[^）]*）|\([^)]*\)|和|及|与")
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,8}")
_A_TITLE = re.compile("(?:副?教授|讲师|研究员|工程师|医师|护师|教师|老师|博士|专家|主任|院长|校长|所长|处长|科长)$")
_NOBODY = re.compile("待定|外聘|拟聘|聘请|相关|有关|本单位|专家|骨干|师资|人员|教授团|各|等$")
# What every unit may call a room of its own, or is none.
_ANYWHERE = re.compile("^(?:本|单位|会议室|多功能|培训室|报告厅|待定|另行|各|线上|网络|腾讯|钉钉)")


class Mark(NamedTuple):
    """A column of 附件1 by its key, and what there is to say of it; `refused`: with it no plan is filed (checks.py)."""

    key: str
    text: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of 附件1 as it is held against others. `where`: how it is called; `unit`: whose it is, by id."""

    pk: int | None
    where: str
    unit_id: int
    title: str
    content: str
    category: str
    organiser: str
    starts_on: date | None
    ends_on: date | None
    days: Decimal | None
    place: str
    form: str
    measure: str
    public_amount: Decimal
    professional_amount: Decimal
    lecturers: str
    charges: bool
    fee: Decimal | None
    fee_document: str

    @property
    def when(self) -> str:
        """5月11日–5月13日; empty while neither day is known."""
        days = dict.fromkeys(month_day(day) for day in (self.starts_on, self.ends_on) if day)
        return "–".join(days)

    @property
    def called(self) -> str:
        """How another row names it."""
        return f"{self.where}（{self.when}）" if self.when else self.where

    @property
    def names(self) -> set[str]:
        """The lecturers who are named, without their titles."""
        parts = (_A_TITLE.sub("", part) for part in _BETWEEN_NAMES.split(self.lecturers))
        return {part for part in parts if _NAME.fullmatch(part) and not _NOBODY.search(part)}

    def overlaps(self, other: Planned) -> bool:
        """Do both lie on one day?"""
        if not (self.starts_on and self.ends_on and other.starts_on and other.ends_on):
            return False
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def of_itself(row: Planned, year: int, day_cap: Decimal | None) -> Iterator[Mark]:
    """What does not fit within a row. `day_cap`: the most hours of a day by the rules in force, None where unset."""
    yield from _of_time(row, year)
    yield from _of_hours(row, day_cap)
    yield from _of_fee(row)


def _of_time(row: Planned, year: int) -> Iterator[Mark]:
    if row.ends_on and row.ends_on.year != year:
        yield Mark("period", f"结束日期 {full(row.ends_on)} 超出 {year} 年度")
    if row.starts_on and row.starts_on.year != year:
        yield Mark("period", f"开始日期 {full(row.starts_on)} 不在 {year} 年度", True)
    if row.starts_on and row.ends_on and row.days:
        span = (row.ends_on - row.starts_on).days + 1
        if row.days > span:
            yield Mark("days", f"天数 {row.days.normalize():f} 多于起止日期之间的 {span} 天")


def _of_hours(row: Planned, day_cap: Decimal | None) -> Iterator[Mark]:
    """More hours than the days hold."""
    hours = row.public_amount + row.professional_amount
    if day_cap is not None and row.days and row.measure == Measure.HOURS and hours > row.days * day_cap:
        most = (row.days * day_cap).normalize()
        amount = "professional_amount" if row.professional_amount else "public_amount"
        yield Mark(
            amount,
            f"共 {hours.normalize():f} 学时，{row.days.normalize():f} 天每天不超过 {day_cap.normalize():f} 学时，"
            f"最多 {most:f} 学时",
        )


def _of_fee(row: Planned) -> Iterator[Mark]:
    """notice 三2: 禁止违规收费."""
    if row.charges and not row.fee:
        yield Mark("fee", "收费，没有标准", True)
    if row.charges and not row.fee_document:
        yield Mark("fee", "收费，没有批准文号", True)
    if row.fee and not row.charges:
        yield Mark("fee", "填了收费标准，但“是否收费”选了否", True)


def among(rows: Sequence[Planned], others: Sequence[Planned]) -> list[list[Mark]]:
    """What each of these rows has in common with another of them, or of the `others` of the district and year."""
    everyone = [*rows, *(other for other in others if other.pk not in {row.pk for row in rows if row.pk})]
    titles = _by(everyone, lambda row: [title_key(row.title)])
    documents = _by(everyone, lambda row: [_document_key(row.fee_document)] if row.charges else [])
    lecturers, places = _by(everyone, lambda row: row.names), _by(everyone, _place_keys)

    def marks(row: Planned) -> Iterator[Mark]:
        yield from _same_title(row, titles[title_key(row.title)])
        for name in sorted(row.names):
            if met := [other for other in lecturers[name] if other is not row and row.overlaps(other)]:
                yield Mark("lecturers", f"{name}同时在 {_listed(met)}，时间有重叠")
        there = [other for key in _place_keys(row) for other in places[key]]
        if met := [other for other in there if other is not row and row.overlaps(other)]:
            yield Mark("place", f"同一地点还有 {_listed(met)}，时间有重叠")
        if row.charges and (
            same := [other for other in documents[_document_key(row.fee_document)] if other is not row]
        ):
            yield Mark("fee", f"同一批准文号还用于 {_listed(same)}")

    return [list(marks(row)) for row in rows]


def _same_title(row: Planned, found: Iterable[Planned]) -> Iterator[Mark]:
    """The same class (title, organiser and first day), and others that are called the same."""
    same = [other for other in found if other is not row]
    twins = [other for other in same if (other.organiser, other.starts_on) == (row.organiser, row.starts_on)]
    named = [other for other in same if other not in twins]
    if twins:
        yield Mark("title", f"与 {_listed(twins)} 是同一个班")
    if named:
        yield Mark("title", f"与 {_listed(named)} 同名")


def _place_keys(row: Planned) -> list[str]:
    """A place of the district; within a unit also its own room."""
    key = re.sub(r"\s+", "", row.place)
    if not key or row.form == Form.REMOTE:
        return []
    return [f"{row.unit_id}:{key}"] if _ANYWHERE.match(key) else [key]


def _document_key(text: str) -> str:
    return re.sub(r"[\s\[\]【】〔〕（）()]+", "", text)


def _by(rows: Iterable[Planned], keys: Callable[[Planned], Iterable[str]]) -> dict[str, list[Planned]]:
    found: dict[str, list[Planned]] = defaultdict(list)
    for row in rows:
        for key in filter(None, keys(row)):
            found[key].append(row)
    return found


def _listed(rows: Sequence[Planned]) -> str:
    said = "、".join(row.called for row in rows[:NAMED])
    return said if len(rows) <= NAMED else f"{said}等 {len(rows)} 个班"
