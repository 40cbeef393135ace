"""Deadlines as pure functions of dates, the calendar and the settings in force (domain.md §3).

How days are counted stands here; which deadlines there are, and by which clause, the apps say (`DeadlineKind`).

Law (Civil Code 200–204, Licensing Act 82): the first day does not count; a last day on a rest day rolls to the next
working day; working-day periods leave out rest days; make-up Saturdays and Sundays are working days.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from luojiang_ce.clock import SHANGHAI, local
from luojiang_ce.workdays.calendar import ONE_DAY, Calendar
from luojiang_ce.workdays.text import full, full_with_weekday, month_day

UNSET = "未设定"  # a length that nobody has given: no clock runs


class OpeningMode(StrEnum):
    """How “提前至少10个工作日” is read."""

    DIFFERENCE = "difference"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class DeadlineSettings:
    """The bureau's figures from `valid_from` on. Lengths: working days, except `recognition_days` (calendar days);
    None is unset: no clock runs."""

    valid_from: date
    opening_days: int
    opening_mode: OpeningMode
    recognition_days: int
    reply_days: int
    mending_days: int
    roll: bool
    cutoff_minutes: int
    recognition_done_by: str = "filed"
    release_days: int | None = None
    statement_days: int | None = None
    supplement_days: int | None = None
    objection_days: int | None = None
    waiting_days: int | None = None
    review_days: int | None = None
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


Anchor = int | date  # what a deadline is counted from: a year, for a yearly kind, or a day
SettingsOn = Callable[[date], DeadlineSettings]


@dataclass(frozen=True)
class Count:
    """How deadlines are counted from an anchor, and the same in words under settings: “开班前至少 10 个工作日”."""

    from_anchor: Callable[["DeadlineKind", Any, Calendar, SettingsOn], "Deadline"]
    in_words: Callable[[DeadlineSettings], str]


@dataclass(frozen=True)
class DeadlineKind:
    """One kind of deadline, as the app whose cases it governs declares it.

    `code` is what `manage.py deadline` and `workdays:explain` call it, and what is stored; `clause` is the clause of
    the notice, or the law where the notice says nothing; `count` is how it is counted (the functions below).
    `yearly`: counted from a year, otherwise from a day. `in_working_days`: rest days do not count. `public`: can be
    asked for by its code. `filed`: met by filing something. `extendable`: the bureau may grant a later day. `missed`:
    the state of the record (units' `Lapse`) of one that nobody met; empty where missing it binds nobody. `unmet`: what
    a case then counts as, by law. `advice`: what a refusal of a late filing says can be done. `until`: the last day
    that an extension may reach, by the anchor, as what it is for is over then (`over` says so); None: nothing ends it.
    """

    code: str
    label: str
    clause: str
    count: Count = field(compare=False, repr=False)
    yearly: bool = False
    in_working_days: bool = False
    public: bool = True
    filed: bool = True
    extendable: bool = False
    missed: str = ""
    unmet: str = ""
    advice: str = ""
    until: Callable[[Any], date] | None = field(default=None, compare=False, repr=False)
    over: str = ""

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Deadline:
    """`start`: the day counted from (for plan and verification 1 January of the filing year); `due`: the last day
    in time; `closes`: the first instant that is too late; `days`: every day looked at, in order of time;
    `extended_from`: the last day by the rule, where the bureau granted a later one."""

    kind: DeadlineKind
    start: date
    due: date
    provisional: bool
    explanation: str
    days: tuple[CountedDay, ...]
    closes: datetime
    extended_from: date | None = None


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


def end_of_february(rule: str, years_later: int = 0) -> Count:
    """What is named by a year and due by the end of February, of that year or of a later one (the filing year).

    `rule` says so, with `{year}` and `{filing}`.
    """

    def count(kind: DeadlineKind, year: int, calendar: Calendar, settings_on: SettingsOn) -> Deadline:
        filing = year + years_later
        start, last = date(filing, 1, 1), date(filing, 3, 1) - ONE_DAY
        settings = settings_on(start)
        looked_at = _roll(last, calendar) if settings.roll else [last]
        said = (
            f"{rule.format(year=year, filing=filing)}，2月最后一日是 {full_with_weekday(last)}"
            f"{_roll_said(looked_at, calendar) if settings.roll else ''}"
        )
        days = _rolled_days(looked_at, calendar, CountedDay(last, True, "2月最后一日"))
        return _deadline(kind, start, looked_at[-1], said, days, looked_at if settings.roll else [], calendar, settings)

    def in_words(settings: DeadlineSettings) -> str:
        which = "第二年" if years_later else "当年"
        return f"{which}2月底前{'，最后一日是休息日的顺延到下一个工作日' if settings.roll else ''}"

    return Count(count, in_words)


def working_days_before(event: str, length: Callable[[DeadlineSettings], int]) -> Count:
    """The n-th working day counted back from the day before an event (开班) is the last day in time."""

    def count(kind: DeadlineKind, day: date, calendar: Calendar, settings_on: SettingsOn) -> Deadline:
        settings = settings_on(day)
        clear = settings.opening_mode is OpeningMode.CLEAR
        counted = _count(calendar, day, -ONE_DAY, length(settings) + clear)
        due = counted[-1].date
        days = (*reversed(counted), CountedDay(day, False, f"{event}当日，不计"))
        rule = f"提前至少 {length(settings)} 个工作日" + (f"，报送当日与{event}当日均不计" if clear else "")
        said = (
            f"{full(day)}{event}，{rule}：从{event}前一日 {month_day(day - ONE_DAY)} 往回数，"
            f"第 {length(settings) + clear} 个工作日是 {full_with_weekday(due)}"
        )
        return _deadline(kind, day, due, said, days, [each.date for each in counted], calendar, settings)

    def in_words(settings: DeadlineSettings) -> str:
        clear = f"，报送当日与{event}当日均不计" if settings.opening_mode is OpeningMode.CLEAR else ""
        return f"{event}前至少 {length(settings)} 个工作日{clear}"

    return Count(count, in_words)


def days_after(event: str, length: Callable[[DeadlineSettings], int]) -> Count:
    """Calendar days after the end of something (培训), that day not counted; a last day on a rest day rolls."""

    def count(kind: DeadlineKind, ended: date, calendar: Calendar, settings_on: SettingsOn) -> Deadline:
        settings = settings_on(ended)
        most = length(settings)
        counted = [CountedDay(ended + timedelta(days=n), True, f"第 {n} 日", n) for n in range(1, most + 1)]
        rolled = _roll(counted[-1].date, calendar)
        days = (
            CountedDay(ended, False, f"{event}结束当日，不计"),
            *counted[:-1],
            *_rolled_days(rolled, calendar, counted[-1]),
        )
        said = f"{event}于 {full(ended)} 结束，次日起算，第 {most} 日是 {full_with_weekday(rolled[0])}"
        said += _roll_said(rolled, calendar)
        return _deadline(kind, ended, rolled[-1], said, days, rolled, calendar, settings)

    return Count(count, lambda settings: f"{event}结束后 {length(settings)} 日内，最后一日是休息日的顺延到下一个工作日")


def working_days_after(event: str, length: Callable[[DeadlineSettings], int]) -> Count:
    """The n-th working day after a day on which something happened (提交, 退回), that day not counted."""

    def count(kind: DeadlineKind, day: date, calendar: Calendar, settings_on: SettingsOn) -> Deadline:
        settings = settings_on(day)
        counted = _count(calendar, day, ONE_DAY, length(settings))
        due = counted[-1].date
        days = (CountedDay(day, False, f"{event}当日，不计"), *counted)
        said = f"{full(day)}{event}，次日起算，第 {length(settings)} 个工作日是 {full_with_weekday(due)}"
        return _deadline(kind, day, due, said, days, [each.date for each in counted], calendar, settings)

    def in_words(settings: DeadlineSettings) -> str:
        return f"{event}后 {days} 个工作日内" if (days := length(settings)) else UNSET

    return Count(count, in_words)


def the_day_itself(said: str) -> Count:
    """A day that somebody has set (an appointment, a day given at the counter); `said` names it, with `{day}`."""

    def count(kind: DeadlineKind, day: date, calendar: Calendar, settings_on: SettingsOn) -> Deadline:
        text = said.format(day=full_with_weekday(day)) + "。"
        return Deadline(kind, day, day, False, text, (CountedDay(day, True, "这一天"),), _closes(day, settings_on(day)))

    return Count(count, lambda settings: "逐件定日")


def extend(deadline: Deadline, due: date, said: str, settings: DeadlineSettings) -> Deadline:
    """The deadline moved to a later day by a decision that `said` names; a decision never shortens one."""
    if due <= deadline.due:
        return deadline
    text = f"{deadline.explanation}{said}，延至 {full_with_weekday(due)}，当日 {settings.cutoff} 前报送均为按时。"
    days = (*deadline.days, CountedDay(due, True, "批准延期到这一天"))
    closes = _closes(due, settings)
    return replace(
        deadline,
        due=due,
        provisional=False,
        explanation=text,
        days=days,
        closes=closes,
        extended_from=deadline.due,
    )


def no_later_than(deadline: Deadline, day: date, said: str) -> Deadline:
    """The deadline, or an earlier day where something else (`said`) ends it before."""
    if deadline.due <= day:
        return deadline
    closes = deadline.closes - (deadline.due - day)
    return replace(deadline, due=day, closes=closes, explanation=f"{deadline.explanation}{said}", days=())


def later(first: Deadline | None, second: Deadline) -> Deadline:
    """Of two deadlines for the same act the one that leaves more time; the first may be missing."""
    return first if first is not None and first.closes > second.closes else second


def _count(calendar: Calendar, start: date, step: timedelta, length: int) -> list[CountedDay]:
    """The days from the one beside `start` to the `length`-th working day, in the order of counting."""
    days: list[CountedDay] = []
    number, day = 0, start
    while number < length:
        day += step
        info = calendar.day(day)
        number += info.working
        makeup = "，调休上班" if info.kind == "makeup" else ""
        days.append(
            CountedDay(day, True, f"第 {number} 个工作日{makeup}", number)
            if info.working
            else CountedDay(day, False, info.reason)
        )
    return days


def _roll(last: date, calendar: Calendar) -> list[date]:
    """`last` and, where it is a rest day, every day after it up to the next working day."""
    until = calendar.on_or_after(last)
    return [last + timedelta(days=n) for n in range((until - last).days + 1)]


def _rolled_days(looked_at: list[date], calendar: Calendar, last: CountedDay) -> tuple[CountedDay, ...]:
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
    kind: DeadlineKind,
    start: date,
    due: date,
    said: str,
    days: tuple[CountedDay, ...],
    looked_at: Iterable[date],
    calendar: Calendar,
    settings: DeadlineSettings,
) -> Deadline:
    # The last days of a published year wait for the next one.
    unpublished = sorted(
        {
            day.year if calendar.provisional(date(day.year, 1, 1)) else day.year + 1
            for day in looked_at
            if calendar.provisional(day)
        }
    )
    text = f"{said}，当日 {settings.cutoff} 前报送均为按时。" if kind.filed else f"{said}。"
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
    # The cases of a list share their anchors: each deadline is counted once.
    _found: dict[tuple[str, Anchor], Deadline] = field(default_factory=dict, init=False, repr=False, compare=False)

    def settings_on(self, day: date) -> DeadlineSettings:
        return settings_in_force(self.timeline, day)

    def due(self, kind: DeadlineKind, anchor: Anchor) -> Deadline:
        """The deadline of this kind counted from a year or a day. Raises UnknownYearError, NoSettingsError."""
        found = self._found.get((kind.code, anchor))
        if found is None:
            found = self._found[(kind.code, anchor)] = kind.count.from_anchor(
                kind, anchor, self.calendar, self.settings_on
            )
        return found

    def earliest(self, kind: DeadlineKind, moment: datetime) -> date:
        """The first day for which a filing at this (aware) moment is in time: the inverse of `due`."""
        day = local(moment).date() + ONE_DAY
        while not is_in_time(self.due(kind, day), moment):
            day += ONE_DAY
        return day


_kinds: dict[str, DeadlineKind] = {}


def register_deadline_kinds(*kinds: DeadlineKind) -> None:
    """Make kinds known by their codes; called in the app's `ready()`."""
    _kinds.update((kind.code, kind) for kind in kinds)


def deadline_kinds() -> list[DeadlineKind]:
    """Every kind, in the order registered."""
    return list(_kinds.values())


def deadline_kind(code: str) -> DeadlineKind:
    """The kind of this code; LookupError where no app has registered it."""
    return _kinds[code]
