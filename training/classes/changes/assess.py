"""What stands against a change: the one answer behind its form, its guards and its coming into force.

A class with the change must be as sound as one that is filed (readiness.py), and no wider than what was published;
what is past stays as it was (product.md C5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial

from luojiang_ce import clock
from luojiang_ce.once import once_per_row
from luojiang_ce.workdays.text import full
from training.choices import Subject
from training.classes import timetable
from training.classes.afterwards import signed_half_days
from training.classes.changes.content import Content, Row, as_class, lecturers_of, merged, read, standing
from training.classes.changes.levels import is_no_lower
from training.classes.changes.lines import named
from training.classes.changes.models import ClassChange
from training.classes.checks import BASICS, TIMETABLE, Finding
from training.classes.facts import as_values, rows_of
from training.classes.models import ClassApplication, TimetableRule
from training.classes.qualification import standing_of_class
from training.classes.readiness import of_step, without_resume
from training.half_days import Lesson, SlotKey, all_slots
from verification.choices import Measure

SMALL = ("room", "lecturer_id")  # cells of a row that a small change may touch


@once_per_row
def content_of(change: ClassChange) -> Content:
    """The class as it would be. The class is looked at as it was loaded with the change."""
    return merged(standing(change.application), change.former, change.proposed)


@once_per_row
def would_be(change: ClassChange) -> ClassApplication:
    """The same as a class that checks and papers can look at; it is never saved."""
    return as_class(change.application, content_of(change))


def why_not_now(application: ClassApplication, moment: datetime) -> str | None:
    """Why this class cannot be changed at all; None where it can."""
    if application.state != ClassApplication.State.APPROVED:
        return f"培训班现在是“{application.get_state_display()}”，只有准予开班的班可以变更"
    if application.has_ended(clock.local(moment).date()):
        return f"培训班已于 {full(application.ends_on)} 结束，不能再变更"  # type: ignore[arg-type]
    return None


@once_per_row
def findings(change: ClassChange) -> list[Finding]:
    """Everything that stands against it now, with the step and field where it is mended."""
    if not change.proposed:
        return [Finding(BASICS, "id_place", "还没有改动任何内容，请改要变更的地方")]
    now = clock.now()
    return [*_days(change, now), *_past(change, now), *_within(change), *_out_of_scope(change), *_unsound(change)]


def _days(change: ClassChange, now: datetime) -> Iterator[Finding]:
    """notice 一(五)2: an opening is announced ahead; it is not moved into the past, nor out of it."""
    application, head, today = change.application, read(change.proposed).head, clock.local(now).date()
    opens, ends, begun = head.get("opens_on"), head.get("ends_on"), application.has_begun(today)
    if begun and opens:
        said = f"培训班已于 {full(application.opens_on)} 开班，不能再改开班日期；可以改还没有上的课"  # type: ignore[arg-type]
        yield Finding(BASICS, "id_opens_on", said)
    elif opens and opens <= today:
        yield Finding(BASICS, "id_opens_on", f"新的开班日期 {full(opens)} 不在今天以后，请改为以后的日期")
    if ends and ends < today:
        yield Finding(BASICS, "id_ends_on", f"新的结束日期 {full(ends)} 已过，请改为今天或以后的日期")
    if begun and {"charges", "fee", "fee_document"} & head.keys():
        yield Finding(BASICS, "id_fee", "培训班已经开班，不能再改收费")


def held_half_days(application: ClassApplication, moment: datetime) -> set[SlotKey]:
    """The half-days that have begun, or in which somebody has signed: they stay as they were. Two queries."""
    lessons: list[Lesson] = application.lessons()
    return {slot.key for slot in all_slots(lessons) if slot.begins <= moment} | signed_half_days(application)


def _past(change: ClassChange, now: datetime) -> Iterator[Finding]:
    was, wanted = read(change.former), read(change.proposed)
    if not was.rows and not wanted.rows:
        return
    held = held_half_days(change.application, now)
    stuck = {row["id"] for row in was.rows if _key(row) in held}
    for row in was.rows:
        if row["id"] in stuck:
            yield Finding(TIMETABLE, "grid", f"{named(row)}已经开始或已有签到，不能再改")
    for row in wanted.rows:
        began = clock.local(now) >= datetime.combine(row["date"], row["starts_at"], clock.SHANGHAI)
        if row["id"] not in stuck and (began or _key(row) in held):
            yield Finding(TIMETABLE, "grid", f"{named(row)}：改到的时间已过，或这个半日已经开始")


def _key(row: Row) -> SlotKey:
    return row["date"], row["half_day"]


def _within(change: ClassChange) -> Iterator[Finding]:
    """notice 三2: no more than was published; what was approved beyond that with a word stays, and no further."""
    application, head, project = change.application, read(change.proposed).head, change.application.project
    most = max(project.days or Decimal(0), application.days or Decimal(0))
    if (head.get("days") or 0) > most:
        yield Finding(BASICS, "id_days", f"天数多于公布的计划和原批准的 {most.normalize():f} 天")
    places = application.enrolments.present().count() if "people" in head else 0
    if places > (head.get("people") or 0):
        said = f"名单里已有 {places} 人，计划人数不能少于 {places} 人；要减少的，请先移出学员"
        yield Finding(BASICS, "id_people", said)
    if raises_fee(change) and "fee_document" not in head:
        yield Finding(BASICS, "id_fee_document", "提高收费须填新的批准文号；没有批准的不得提高（通知 三2）")
    if application.measure == Measure.HOURS and change.proposed.get("rows"):
        yield from _more_hours(change)


def _out_of_scope(change: ClassChange) -> Iterator[Finding]:
    """notice 三2: the provider is entitled on a new opening day too, if it was on the former one."""
    if not change.opens_on or standing_of_class(change.application).stops:
        return
    found = standing_of_class(would_be(change))
    if found.stops:
        yield Finding(BASICS, "id_opens_on", f"按新的开班日期，{found}")


def _more_hours(change: ClassChange) -> Iterator[Finding]:
    project = change.application.project
    was, now = (timetable.sums(as_values(rows_of(each))) for each in (change.application, would_be(change)))
    for subject in Subject:
        planned = getattr(project, f"{subject}_amount")
        most, wanted = max(planned, getattr(was, subject)), getattr(now, subject)
        if wanted > most:
            said = f"{subject.label}学时共 {wanted.normalize():f}，多于公布的计划和原批准的 {most.normalize():f}"
            yield Finding(TIMETABLE, "grid", f"{said}；需要增加的，请申报增补计划（通知 三2）")


def _unsound(change: ClassChange) -> Iterator[Finding]:
    """What would be wrong with the class, and is not wrong with it already."""
    for check in CHECKS:
        if found := check(would_be(change)):
            known = {each.text for each in check(change.application)}
            yield from (each for each in found if each.text not in known)


# The materials of the class were looked at when it was approved; those of the change lie with the change.
CHECKS = (partial(of_step, BASICS), partial(of_step, TIMETABLE), without_resume)


# --- how far it goes --------------------------------------------------------------------------------------------------


@once_per_row
def why_not_small(change: ClassChange) -> str | None:
    """Why it is more than another room, or another lecturer of no lower level; None where it is no more."""
    was, now = read(change.former), read(change.proposed)
    before = {row["id"]: row for row in was.rows}
    if now.head or len(before) != len(now.rows) or any(row["id"] not in before for row in now.rows):
        return "有教室、授课教师以外的变更"
    for row in now.rows:
        old = before[row["id"]]
        if any(row[name] != old[name] for name in row if name not in (*SMALL, "lecturer")):
            return "有教室、授课教师以外的变更"
    return _lower_lecturer([(before[row["id"]], row) for row in now.rows])


def _lower_lecturer(pairs: list[tuple[Row, Row]]) -> str | None:
    """Of rows before and after the first with a lecturer who is not known to be of the same level. One query."""
    others = [(old, new) for old, new in pairs if old["lecturer_id"] != new["lecturer_id"]]
    lecturers = lecturers_of(row for pair in others for row in pair)
    for old, new in others:
        titles = [lecturers[row["lecturer_id"]].title if row["lecturer_id"] in lecturers else "" for row in (new, old)]
        if not is_no_lower(*titles):
            return f"{named(new)}更换的教师，职称低于原教师，或看不出级别"
    return None


@once_per_row
def handler_decides(change: ClassChange) -> bool:
    """Is it so small that, by the bureau's own rule, a handler decides alone?"""
    rule = TimetableRule.objects.in_force(clock.today())
    return rule.small_changes == TimetableRule.SmallChanges.HANDLER and why_not_small(change) is None


def raises_fee(change: ClassChange) -> bool:
    """Is more to be paid than was approved (notice 三2)?"""
    was, now = (change.application, would_be(change))
    return bool(now.charges and (now.fee or 0) > ((was.fee or 0) if was.charges else 0))
