"""The checks on a timetable (product.md C3, 附件3). Pure: plain values in, problems out; no database, no clock.

1 学时 = 45 minutes and the caps per half-day and day come with `Rules`: dated data of the bureau (domain.md §2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar

from training.half_days import HALF_DAYS

Group = TypeVar("Group", bound=Hashable)
PUBLIC, PROFESSIONAL = "public", "professional"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures in force: minutes of an hour (学时), caps in hours, and where half-days begin and end."""

    hour_minutes: int
    half_day_cap: Decimal
    day_cap: Decimal
    morning_until: time
    afternoon_from: time
    afternoon_until: time
    evening_from: time


@dataclass(frozen=True, slots=True)
class Course:
    """A course of the public-subject catalogue and the years for which it stands there."""

    pk: int
    name: str
    first_year: int
    last_year: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the timetable; `number` is what its reader sees, `hours` are 学时.

    `lecturer` is whatever names a lecturer (an id), `lecturer_name` how it is written.
    """

    number: int
    date: date
    half_day: str
    starts: time
    ends: time
    course: str
    counts: bool = True
    subject: str = PROFESSIONAL
    hours: Decimal = ZERO
    lecturer: int | None = None
    lecturer_name: str = ""
    room: str = ""
    catalogue: Course | None = None

    @property
    def minutes(self) -> int:
        return (self.ends.hour - self.starts.hour) * 60 + self.ends.minute - self.starts.minute

    @property
    def when(self) -> str:
        """12/14 下午"""
        return f"{self.date.month}/{self.date.day} {HALF_DAYS.get(self.half_day, self.half_day)}"

    @property
    def span(self) -> str:
        """14:00–17:00"""
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    def overlaps(self, other: Row) -> bool:
        """Do both run at the same time on the same day?"""
        return self.date == other.date and self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the row's number (0: the whole table), the cell, the sentence."""

    row: int
    cell: str
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row of another class that takes a lecturer or a room; `title` names that class where it may be named."""

    date: date
    starts: time
    ends: time
    title: str
    lecturer: int | None = None
    room: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """Hours (学时) of the rows that count, by subject. Always computed, never typed."""

    public: Decimal
    professional: Decimal

    @property
    def total(self) -> Decimal:
        return self.public + self.professional


Entitled = Callable[[Row], bool]


def sums(rows: Iterable[Row]) -> Sums:
    """Public and professional hours of the rows that count."""
    counting = [row for row in rows if row.counts]
    return Sums(*(sum((r.hours for r in counting if r.subject == s), ZERO) for s in (PUBLIC, PROFESSIONAL)))


def day_sums(rows: Iterable[Row]) -> dict[date, Decimal]:
    """Counting hours by day, in order of time."""
    found: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.date] += row.hours if row.counts else ZERO
    return dict(sorted(found.items()))


def most_hours(minutes: int, rules: Rules) -> Decimal:
    """The most hours (学时) that fit into some minutes, to one decimal: 90 minutes are 2.0, 60 are 1.3."""
    return (Decimal(minutes) / rules.hour_minutes).quantize(Decimal("0.1"), ROUND_FLOOR)


def check(
    rows: Sequence[Row],
    *,
    opens: date | None,
    ends: date | None,
    rules: Rules,
    entitled: Entitled,
    elsewhere: Iterable[Elsewhere] = (),
) -> list[Problem]:
    """Everything that is wrong with a timetable, in the order of its rows; empty when it is sound.

    `entitled` answers whether an organiser of the class may organise a row's public course on its day (notice 一(二)).
    """
    if not any(row.counts for row in rows):
        return [Problem(0, "", "课程表里还没有计学时的课程")]
    found = [problem for row in rows for problem in _row(row, opens, ends, rules, entitled)]
    found += _overlaps(rows)
    found += _taken(rows, list(elsewhere))
    found += _caps(rows, rules)
    return sorted(found, key=lambda problem: problem.row)


def _row(row: Row, opens: date | None, ends: date | None, rules: Rules, entitled: Entitled) -> Iterator[Problem]:
    yield from _when(row, opens, ends, rules)
    if not row.course:
        yield Problem(row.number, "course", "没有写课程（专题）名称")
    if not row.counts:
        if row.hours:
            yield Problem(row.number, "hours", f"不计学时的行填了 {row.hours} 学时。改为 0，或勾选计学时")
        return
    yield from _hours(row, rules)
    if row.lecturer is None:
        yield Problem(row.number, "lecturer", "计学时的课程没有授课教师")
    if row.subject == PUBLIC:
        yield from _public(row, entitled)


def _when(row: Row, opens: date | None, ends: date | None, rules: Rules) -> Iterator[Problem]:
    if opens and ends and not opens <= row.date <= ends:
        span = f"{opens.month}/{opens.day} 至 {ends.month}/{ends.day}"
        yield Problem(row.number, "date", f"{row.date.month}/{row.date.day} 不在班期内（{span}）。改日期，或改起止日期")
    if row.ends <= row.starts:
        yield Problem(row.number, "time", f"{row.span} 结束不晚于开始")
    elif wrong := _outside_half_day(row, rules):
        said = f"{row.span} 不是{HALF_DAYS.get(row.half_day, row.half_day)}（{wrong}）。改时段，或改时间"
        yield Problem(row.number, "half_day", said)


def _outside_half_day(row: Row, rules: Rules) -> str:
    if row.half_day == "morning":
        return f"上午不晚于 {rules.morning_until:%H:%M}" if row.ends > rules.morning_until else ""
    if row.half_day == "evening":
        return f"晚上不早于 {rules.evening_from:%H:%M}" if row.starts < rules.evening_from else ""
    inside = rules.afternoon_from <= row.starts and row.ends <= rules.afternoon_until
    return "" if inside else f"下午 {rules.afternoon_from:%H:%M} 至 {rules.afternoon_until:%H:%M}"


def _hours(row: Row, rules: Rules) -> Iterator[Problem]:
    if row.hours <= 0:
        yield Problem(row.number, "hours", "计学时的课程没有填学时。填学时，或去掉计学时")
    elif row.minutes > 0 and row.hours > (most := most_hours(row.minutes, rules)):
        said = f"{row.span} 是 {row.minutes} 分钟，最多 {most} 学时，填了 {row.hours}。改学时，或改时间"
        yield Problem(row.number, "hours", said)


def _public(row: Row, entitled: Entitled) -> Iterator[Problem]:
    """notice 一(二): 公共科目由省人社厅确定，由人社部门组织实施."""
    course, year = row.catalogue, row.date.year
    if course is None:
        yield Problem(row.number, "catalogue", "公共科目须选公共科目目录里的课程；没有依据的请改列专业科目")
    elif not course.first_year <= year <= (course.last_year or year):
        yield Problem(row.number, "catalogue", f"“{course.name}”不在 {year} 年度的公共科目目录里")
    elif not entitled(row):
        said = f"“{course.name}”由人社部门组织实施：办班单位里没有区人社局，也没有当日有效的委托文件"
        yield Problem(row.number, "catalogue", said)


def _overlaps(rows: Sequence[Row]) -> Iterator[Problem]:
    for i, row in enumerate(rows):
        for other in rows[:i]:
            if not row.overlaps(other):
                continue
            if row.room and row.room == other.room:
                yield Problem(row.number, "room", f"教室“{row.room}”{row.when}与第 {other.number} 行时间重叠")
            if row.lecturer is not None and row.lecturer == other.lecturer:
                yield Problem(row.number, "lecturer", f"{row.lecturer_name} {row.when}与第 {other.number} 行时间重叠")


def _taken(rows: Sequence[Row], elsewhere: Sequence[Elsewhere]) -> Iterator[Problem]:
    for row in rows:
        for other in elsewhere:
            if row.date != other.date or row.starts >= other.ends or other.starts >= row.ends:
                continue
            if row.lecturer is not None and row.lecturer == other.lecturer:
                said = f"{row.lecturer_name} {row.when}在“{other.title}”授课。换教师，或换时间"
                yield Problem(row.number, "lecturer", said)
            if row.room and row.room == other.room:
                yield Problem(row.number, "room", f"教室“{row.room}”{row.when}已用于“{other.title}”。换教室，或换时间")


def _caps(rows: Sequence[Row], rules: Rules) -> Iterator[Problem]:
    """The last counting row of a half-day or day says that it is too full."""
    for _, together in _grouped(rows, lambda row: (row.date, row.half_day)):
        total = sum((row.hours for row in together), ZERO)
        if total > rules.half_day_cap:
            said = f"{together[-1].when}共 {total} 学时，超过半日上限 {rules.half_day_cap}"
            yield Problem(together[-1].number, "hours", said)
    for day, together in _grouped(rows, lambda row: row.date):
        total = sum((row.hours for row in together), ZERO)
        if total > rules.day_cap:
            said = f"{day.month}/{day.day} 共 {total} 学时，超过全日上限 {rules.day_cap}"
            yield Problem(together[-1].number, "hours", said)


def _grouped(rows: Sequence[Row], key: Callable[[Row], Group]) -> Iterable[tuple[Group, list[Row]]]:
    groups: dict[Group, list[Row]] = defaultdict(list)
    for row in rows:
        if row.counts:
            groups[key(row)].append(row)
    return groups.items()
