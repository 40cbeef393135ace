"""Deadlines as pure functions of dates, the calendar and the settings in force (domain.md §3).

Law (Civil Code 200–204, Licensing Act 82): the first day does not count; a last day on a rest day rolls to the next
working day; working-day periods leave out rest days; make-up Saturdays and Sundays are working days.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from luojiang_ce.clock import SHANGHAI, local
from luojiang_ce.workdays.calendar import ONE_DAY, Calendar
from luojiang_ce.workdays.text import full, full_with_weekday, month_day


class Kind(StrEnum):
    """The deadlines; the value is the code of `manage.py deadline` and of `workdays:explain`."""

    PLAN = "plan"
    VERIFICATION = "verification"
    OPENING = "opening"
    RECOGNITION = "recognition"
    REPLY = "reply"
    MENDING = "mending"

    @property
    def label(self) -> str:
        return _LABELS[self][0]

    @property
    def clause(self) -> str:
        """The clause of the notice, or the law where the notice says nothing."""
        return _LABELS[self][1]


_LABELS = {
    Kind.PLAN: ("年度培训计划申报", "通知 一(五)1"),
    Kind.VERIFICATION: ("年度验证报送", "通知 二(一)"),
    Kind.OPENING: ("开班申请", "通知 一(五)2"),
    Kind.RECOGNITION: ("学时（学分）认定", "通知 一(五)3"),
    Kind.REPLY: ("区人社局一次告知", "参照《行政许可法》第32条"),
    Kind.MENDING: ("补正", "区人社局设定"),
}


class OpeningMode(StrEnum):
    """How “提前至少10个工作日” is read."""

    DIFFERENCE = "difference"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class DeadlineSettings:
    """The bureau's figures from `valid_from` on. Lengths: working days, except `recognition_days` (calendar days)."""

    valid_from: date
    opening_days: int
    opening_mode: OpeningMode
    recognition_days: int
    reply_days: int
    mending_days: int
    roll: bool
    cutoff_minutes: int
    recognition_done_by: str = "filed"
    document: str = ""

    @property
    def cutoff(self) -> str:
        """24:00 or 17:30"""
        return f"{self.cutoff_minutes // 60:02}:{self.cutoff_minutes % 60:02}"


class NoSettingsError(LookupError):
    """No settings are in force on that day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{full(day)}没有可用的期限参数，无法推算。请系统管理员先录入该日有效的期限参数。")


def settings_in_force(timeline: Iterable[DeadlineSettings], day: date) -> DeadlineSettings:
    """The newest settings that are valid on `day`. Raises NoSettingsError where there are none."""
    valid = [each for each in timeline if each.valid_from <= day]
    if not valid:
        raise NoSettingsError(day)
    return max(valid, key=lambda each: each.valid_from)


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of a count: whether it counts, why or why not, and its number if it has one."""

    date: date
    counted: bool
    why: str
    number: int | None = None


Days = tuple[CountedDay, ...]


@dataclass(frozen=True)
class Deadline:
    """`start`: the day counted from (for plan and verification 1 January of the filing year); `due`: the last day
    in time; `closes`: the first instant that is too late; `counting` makes `days`; `extended_from`: the last day by
    the rule, where the bureau granted a later one."""

    kind: Kind
    start: date
    due: date
    provisional: bool
    explanation: str
    counting: Callable[[], Days] = field(repr=False, compare=False)
    closes: datetime
    extended_from: date | None = None

    @cached_property
    def days(self) -> Days:
        """Every day looked at, in order of time, each explained; made where it is shown, not for every row."""
        return self.counting()


def is_in_time(deadline: Deadline, moment: datetime) -> bool:
    """Whether a filing at this (aware) moment is in time, by the clock of Beijing."""
    return local(moment) < deadline.closes


def working_days_left(calendar: Calendar, today: date, due: date) -> int:
    """Working days after today up to the due day: 0 on the due day itself; afterwards minus the working days overdue.

    On a rest day right after the due day the answer is 0 too: whether something is late is a question of dates.
    """
    if today <= due:
        return calendar.working_days(today, due)
    return -calendar.working_days(due, today)


def plan(year: int, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """The plans of a year are due by the end of February of that year."""
    # notice 一(五)1
    return _end_of_february(Kind.PLAN, year, f"{year}年度培训计划应在当年2月底前报送", calendar, settings)


def verification(year: int, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """The verification of a year is due by the end of February of the next one, the filing year."""
    # notice 二(一)
    said = f"{year}年度验证应在第二年（{year + 1}年）2月底前报送"
    return _end_of_february(Kind.VERIFICATION, year + 1, said, calendar, settings)


def opening(opens: date, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """The last filing day for a class that opens on `opens`: the n-th working day counted back from the day before."""
    # notice 一(五)2
    clear = settings.opening_mode is OpeningMode.CLEAR
    counted = _count(calendar, opens, -ONE_DAY, settings.opening_days + clear)
    due = counted[-1]
    rule = f"提前至少 {settings.opening_days} 个工作日" + ("，报送当日与开班当日均不计" if clear else "")
    said = (
        f"{full(opens)}开班，{rule}：从开班前一日 {month_day(opens - ONE_DAY)} 往回数，"
        f"第 {settings.opening_days + clear} 个工作日是 {full_with_weekday(due)}"
    )

    def days() -> Days:
        return (*reversed(_numbered(counted, calendar)), CountedDay(opens, False, "开班当日，不计"))

    return _deadline(Kind.OPENING, opens, due, said, days, counted, calendar, settings)


def recognition(last_day: date, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """30 calendar days after the last day of a class, that day not counted; a last day on a rest day rolls."""
    # notice 一(五)3
    length = settings.recognition_days
    rolled = _roll(last_day + timedelta(days=length), calendar)
    said = f"培训于 {full(last_day)} 结束，次日起算，第 {length} 日是 {full_with_weekday(rolled[0])}"
    said += _roll_said(rolled, calendar)

    def days() -> Days:
        counted = [CountedDay(last_day + timedelta(days=n), True, f"第 {n} 日", n) for n in range(1, length + 1)]
        first = CountedDay(last_day, False, "培训结束当日，不计")
        return (first, *counted[:-1], *_rolled_days(rolled, calendar, counted[-1]))

    return _deadline(Kind.RECOGNITION, last_day, rolled[-1], said, days, rolled, calendar, settings)


def reply(submitted: date, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """The bureau tells a filer once, all that is missing, within 5 working days of the submission."""
    return _working_days_after(Kind.REPLY, submitted, settings.reply_days, "提交", calendar, settings)


def mending(returned: date, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    """A returned case may be mended within some working days, even past its first deadline (P2)."""
    return _working_days_after(Kind.MENDING, returned, settings.mending_days, "退回", calendar, settings)


def extend(deadline: Deadline, due: date, said: str, settings: DeadlineSettings) -> Deadline:
    """The deadline moved to a later day by a decision that `said` names; a decision never shortens one."""
    if due <= deadline.due:
        return deadline
    text = f"{deadline.explanation}{said}，延至 {full_with_weekday(due)}，当日 {settings.cutoff} 前报送均为按时。"
    return replace(
        deadline,
        due=due,
        provisional=False,
        explanation=text,
        counting=lambda: (*deadline.days, CountedDay(due, True, "批准延期到这一天")),
        closes=_closes(due, settings),
        extended_from=deadline.due,
    )


def later(first: Deadline | None, second: Deadline) -> Deadline:
    """Of two deadlines for the same act the one that leaves more time; the first may be missing."""
    return first if first is not None and first.closes > second.closes else second


def _end_of_february(kind: Kind, year: int, rule: str, calendar: Calendar, settings: DeadlineSettings) -> Deadline:
    last = date(year, 3, 1) - ONE_DAY
    looked_at = _roll(last, calendar) if settings.roll else [last]
    said = f"{rule}，2月最后一日是 {full_with_weekday(last)}{_roll_said(looked_at, calendar) if settings.roll else ''}"

    def days() -> Days:
        return _rolled_days(looked_at, calendar, CountedDay(last, True, "2月最后一日"))

    start = date(year, 1, 1)
    return _deadline(kind, start, looked_at[-1], said, days, looked_at if settings.roll else [], calendar, settings)


def _working_days_after(
    kind: Kind, start: date, length: int, event: str, calendar: Calendar, settings: DeadlineSettings
) -> Deadline:
    counted = _count(calendar, start, ONE_DAY, length)
    due = counted[-1]
    said = f"{full(start)}{event}，次日起算，第 {length} 个工作日是 {full_with_weekday(due)}"

    def days() -> Days:
        return (CountedDay(start, False, f"{event}当日，不计"), *_numbered(counted, calendar))

    return _deadline(kind, start, due, said, days, counted, calendar, settings)


def _count(calendar: Calendar, start: date, step: timedelta, length: int) -> list[date]:
    """The days from the one beside `start` to the `length`-th working day, in the order of counting."""
    days: list[date] = []
    number, day = 0, start
    while number < length:
        day += step
        number += calendar.is_working(day)
        days.append(day)
    return days


def _numbered(counted: Iterable[date], calendar: Calendar) -> Days:
    """The days of a count in its order, each with its number or why it has none."""
    days: list[CountedDay] = []
    number = 0
    for day in counted:
        info = calendar.day(day)
        number += info.working
        makeup = "，调休上班" if info.kind == "makeup" else ""
        days.append(
            CountedDay(day, True, f"第 {number} 个工作日{makeup}", number)
            if info.working
            else CountedDay(day, False, info.reason)
        )
    return tuple(days)


def _roll(last: date, calendar: Calendar) -> list[date]:
    """`last` and, where it is a rest day, every day after it up to the next working day."""
    until = calendar.on_or_after(last)
    return [last + timedelta(days=n) for n in range((until - last).days + 1)]


def _rolled_days(looked_at: list[date], calendar: Calendar, last: CountedDay) -> Days:
    if len(looked_at) == 1:
        return (last,)
    resting = [CountedDay(day, False, f"{calendar.day(day).reason}，顺延") for day in looked_at[:-1]]
    return (*resting, CountedDay(looked_at[-1], True, "顺延到的工作日"))


def _roll_said(looked_at: list[date], calendar: Calendar) -> str:
    info = calendar.day(looked_at[0])
    if len(looked_at) > 1:
        why = "休息日" if info.kind == "weekend" else info.reason
        return f"（{why}），顺延至下一个工作日 {full_with_weekday(looked_at[-1])}"
    return "（调休上班，不顺延）" if info.kind == "makeup" else ""


def _deadline(
    kind: Kind,
    start: date,
    due: date,
    said: str,
    days: Callable[[], Days],
    looked_at: Iterable[date],
    calendar: Calendar,
    settings: DeadlineSettings,
) -> Deadline:
    unpublished = sorted({day.year for day in looked_at if calendar.provisional(day)})
    text = f"{said}。" if kind is Kind.REPLY else f"{said}，当日 {settings.cutoff} 前报送均为按时。"
    if unpublished:
        text += f"{'、'.join(map(str, unpublished))}年放假安排尚未公布，日期暂定。"
    return Deadline(kind, start, due, bool(unpublished), text, days, _closes(due, settings))


def _closes(due: date, settings: DeadlineSettings) -> datetime:
    """The first instant after the last day in time, by the cut-off hour."""
    return datetime.combine(due, datetime.min.time(), SHANGHAI) + timedelta(minutes=settings.cutoff_minutes)


@dataclass(frozen=True)
class Rules:
    """The calendar and all settings: everything that a deadline depends on. Which settings apply: domain.md §3."""

    calendar: Calendar
    timeline: tuple[DeadlineSettings, ...]

    def settings_on(self, day: date) -> DeadlineSettings:
        return settings_in_force(self.timeline, day)

    def plan(self, year: int) -> Deadline:
        return plan(year, self.calendar, self.settings_on(date(year, 1, 1)))

    def verification(self, year: int) -> Deadline:
        return verification(year, self.calendar, self.settings_on(date(year + 1, 1, 1)))

    def opening(self, opens: date) -> Deadline:
        return opening(opens, self.calendar, self.settings_on(opens))

    def recognition(self, last_day: date) -> Deadline:
        return recognition(last_day, self.calendar, self.settings_on(last_day))

    def reply(self, submitted: date) -> Deadline:
        return reply(submitted, self.calendar, self.settings_on(submitted))

    def mending(self, returned: date) -> Deadline:
        return mending(returned, self.calendar, self.settings_on(returned))

    def earliest_opening(self, moment: datetime) -> date:
        """The first opening day for which a filing at this (aware) moment is in time: the inverse of `opening`."""
        opens = local(moment).date() + ONE_DAY
        while not is_in_time(self.opening(opens), moment):
            opens += ONE_DAY
        return opens

    def of_year(self, kind: Kind, year: int) -> Deadline:
        """A deadline that is named by a year: plan or verification."""
        return self.plan(year) if kind is Kind.PLAN else self.verification(year)

    def of_day(self, kind: Kind, day: date) -> Deadline:
        """A deadline that is counted from a day."""
        counts: dict[Kind, Callable[[date], Deadline]] = {
            Kind.OPENING: self.opening,
            Kind.RECOGNITION: self.recognition,
            Kind.REPLY: self.reply,
            Kind.MENDING: self.mending,
        }
        return counts[kind](day)


OF_YEAR = frozenset({Kind.PLAN, Kind.VERIFICATION})
