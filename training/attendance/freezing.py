"""What forbids changes to a class's attendance; apps further up (recognition) register their reason here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.models import Attachment
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.engine import SYSTEM
from training.attendance.models import HalfDaySheet, Sign
from training.attendance.timetable import slots_of_class
from training.choices import HalfDay
from training.classes.models import ClassApplication
from training.half_days import SlotKey, order_of

# Class ids with the reason, in Chinese, why the signs of that class may not change now; one query for many classes.
Freezer = Callable[[Sequence[ClassApplication]], Mapping[int, str]]

_freezers: list[Freezer] = []
_closed: list[Q] = []


def register_freezer(freezer: Freezer, closed: Q) -> None:
    """Called in `ready()`; `closed`: the same as a condition on a class."""
    _freezers.append(freezer)
    _closed.append(closed)


def open_to_signs(rows: QuerySet[ClassApplication]) -> QuerySet[ClassApplication]:
    """Of these classes those whose signs may change now."""
    for closed in _closed:
        rows = rows.exclude(closed)
    return rows


def signs_on_record(application: ClassApplication) -> str:
    """That somebody was there, by the signs or a signed sheet: the class was held (product.md C7). Two queries."""
    signs = Sign.objects.valid().filter(enrolment__application=application).count()
    sheets = application.sheets.values("pk")
    scans = Attachment.objects.filter(case_type=HalfDaySheet._meta.label_lower, case_id__in=sheets, removed_at=None)
    found = [f"{signs} 条签到签退" if signs else "", "签到表扫描件" if scans.exists() else ""]
    said = "、".join(filter(None, found))
    if not said:
        return ""
    return f"已登记{said}，不能按未举办结案；已举办的请申报学时认定，误登的请办班单位先在“考勤”里更正"


def reasons_against(application: ClassApplication, keys: Iterable[SlotKey], actor: Actor) -> list[str]:
    """Everything that forbids writing signs of these half-days now: person, class, day, recognition.

    The system signs for trainees on their own phones, once it knows who holds them.
    """
    if actor is not SYSTEM and application.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        return ["只有办班单位的专办员可以登记签到"]
    if application.state != ClassApplication.State.APPROVED:
        state = application.get_state_display()
        return [f"培训班的状态是“{state}”，{application.once_allowed}才能登记签到"]
    frozen = [reason for freezer in _freezers for reason in freezer([application]).values()]
    return [*_wrong_days(application, sorted(set(keys), key=order_of)), *frozen]


def _wrong_days(application: ClassApplication, keys: list[SlotKey]) -> list[str]:
    planned = {slot.key for slot in slots_of_class(application)}
    labels = dict(HalfDay.choices)
    reasons = []
    for day, half_day in keys:
        if (day, half_day) not in planned:
            reasons.append(f"课程表里 {month_day(day)}{labels.get(half_day, half_day)}没有计学时的课程")
        elif day > clock.today():
            reasons.append(f"{month_day(day)}还没有到，签到从当天起登记")
    return reasons
