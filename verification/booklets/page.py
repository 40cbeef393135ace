"""What stands on a year's page of a booklet: values in, values out.

The columns are usual ones, not an official layout: they stand here alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import span
from units.models import Certificate, Person
from verification.choices import Form, Measure, Subject, measure_of

TEACHERS = "福建省专业技术人员继续教育证书"  # notice 二(一)

COLUMNS = (
    Column("days", "起止时间", width=16),
    Column("title", "学习内容", width=30),
    Column("form", "学习形式", width=10),
    Column("subject", "科目", width=10),
    Column("amount", "学时（学分）", width=10),
    Column("organiser", "主办单位", width=20),
)
HEAD = (
    HeadField("name", "姓名"),
    HeadField("unit", "单位"),
    HeadField("number", "证书编号"),
    HeadField("year", "年度"),
)
FOOT = (
    HeadField("total", "合计"),
    HeadField("filled_by", "登记单位（盖章）"),
    HeadField("writer", "登记人"),
    HeadField("day", "登记日期"),
)


@dataclass(frozen=True)
class Line:
    """An entry of the page: what was learned, as it is written down."""

    days: str
    title: str
    form: str
    subject: str
    amount: str
    organiser: str

    @property
    def said(self) -> str:
        """In one sentence, as it is copied by hand."""
        organised = f"{self.organiser}主办" if self.organiser else ""
        parts = (self.days, self.title, organised, self.form, f"{self.subject} {self.amount}")
        return "，".join(filter(None, parts))


@dataclass(frozen=True)
class Page:
    """A person's page of a year. `number` empty: the person has no booklet of this kind yet."""

    title: str
    kind: str
    number: str
    lines: Sequence[Line]
    totals: str
    entries_seen: int

    @property
    def plain(self) -> list[dict[str, str]]:
        """Its lines as they are kept."""
        return [asdict(line) for line in self.lines]

    @property
    def mark(self) -> str:
        """What tells it from what it was before: whoever wrote a page wrote this one."""
        said = json.dumps([self.number, self.entries_seen, self.plain], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def title_of(person: Person) -> str:
    """How the booklet is called in the notice."""
    if person.category == Person.Category.MEDICAL:
        return str(Certificate.Kind.MEDICAL.label)
    return TEACHERS if person.category == Person.Category.TEACHER else str(Certificate.Kind.GENERAL.label)


def page_of(person: Person, kind: str, number: str, entries: Sequence[Any]) -> Page:
    """The page of a year; `entries`: all of that year, counter-entries too, which take away what they counter."""
    sums = _net(entries)
    return Page(title_of(person), kind, number, [_line(*each) for each in sums.items()], _totals(sums), len(entries))


_Key = tuple[str, str, str, str, str, str]  # first day as it sorts, days, title, organiser, form, subject


def _net(entries: Iterable[Any]) -> Mapping[_Key, Decimal]:
    found: dict[_Key, Decimal] = defaultdict(Decimal)
    for each in entries:
        days = span(each.date_from, each.date_to)
        found[f"{each.date_from or ''}", days, each.title, each.organiser, each.form, each.subject] += each.amount
    return {key: found[key] for key in sorted(found) if found[key] > 0}


def _line(key: _Key, amount: Decimal) -> Line:
    _, days, title, organiser, form, subject = key
    return Line(days, title, Form(form).label, Subject(subject).label, _said(amount, subject), organiser)


def _totals(sums: Mapping[_Key, Decimal]) -> str:
    """公共科目 24 学时，专业科目 72 学时，共 96 学时; hours and credits each by themselves."""
    by_subject: dict[str, Decimal] = defaultdict(Decimal)
    for key, amount in sums.items():
        by_subject[key[-1]] += amount
    said = [f"{Subject(each).label} {_said(by_subject[each], each)}" for each in Subject.values if each in by_subject]
    for measure in Measure:
        whole = [amount for each, amount in by_subject.items() if measure_of(each) == measure]
        said += [f"共 {_plain(sum(whole, Decimal(0)))} {measure.label}"] if whole else []
    return "，".join(said)


def _said(amount: Decimal, subject: str) -> str:
    return f"{_plain(amount)} {measure_of(subject).label}"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def sheet_of(page: Page) -> SheetForm:
    """The page as a form: its columns on paper."""
    return SheetForm("证书登记页", f"《{page.title}》登记页", COLUMNS, head=HEAD, foot=FOOT)
