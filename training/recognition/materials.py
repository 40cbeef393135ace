"""The package of a recognition (notice 一(五)3) as a checklist, with what looks odd in the photographs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from luojiang_ce import clock
from luojiang_ce.files.materials import Material, MaterialRow, checklist
from luojiang_ce.files.models import Attachment
from luojiang_ce.once import once_per_row
from luojiang_ce.workdays.text import full
from training.attendance.pages import scanned_slots
from training.attendance.timetable import slots_of_class
from training.half_days import Slot

from .models import Recognition

PHOTOS = "photos"
SHEETS = "sheets"
# A photograph taken an hour before the class or after it still shows the class; not a figure of the notice.
AROUND = timedelta(hours=1)


def courseware_code(course: str) -> str:
    """The code under which the courseware of a course is kept: it must outlive a changed timetable."""
    return f"courseware-{hashlib.sha256(course.encode()).hexdigest()[:10]}"


def materials_of(recognition: Recognition) -> tuple[Material, ...]:
    """The checklist of this class. Two queries."""
    application = recognition.application
    slots = slots_of_class(application)
    there = scanned_slots(application)
    unscanned = [slot for slot in slots if slot.key not in there]
    scanned = f"已按半日上传 {len(slots) - len(unscanned)} / {len(slots)} 份"
    return (
        Material("notice", "报名通知", "发给各单位的培训通知或报名通知", "一(五)3"),
        Material("roster", "参加培训人员花名册（盖章扫描件）", "由本页下载打印，盖章后扫描", "一(五)3"),
        Material(
            SHEETS,
            "签到表（签字扫描件）",
            f"每半日签到、签退各一次。{scanned}；没有按半日上传的，在这里整班上传",
            "一(五)3",
            required=lambda case: bool(unscanned),
        ),
        *(
            Material(courseware_code(course), f"讲义、课件：{course}", clause="一(五)3")
            for course in dict.fromkeys(course for slot in slots for course in slot.courses)
        ),
        Material(PHOTOS, "现场照片", "请上传原图：保留拍摄时间，位置信息会自动去除", "一(五)3"),
        Material("exam", "考核成绩单", "盖章的成绩单或考核材料", required=_never),
        Material("other", "其他佐证材料", "如情况说明", required=_never),
    )


def _never(case: Recognition) -> bool:
    return False


@once_per_row
def checklist_of(recognition: Recognition) -> list[MaterialRow]:
    """The materials of a recognition with their files. Three queries, once per loaded row."""
    return checklist(recognition, materials_of(recognition))


@dataclass(frozen=True)
class OddPhoto:
    """A site photograph that somebody should look at, and why."""

    file: Attachment
    why: str


def odd_photos(rows: Iterable[MaterialRow], slots: Iterable[Slot]) -> list[OddPhoto]:
    """Site photographs without a taking time, or taken outside the class (R1): pointed out, not refused."""
    spans = [_span(slot) for slot in slots]
    photos = [file for row in rows if row.material.code == PHOTOS for file in row.files]
    return [OddPhoto(photo, why) for photo in photos if (why := _why_odd(photo, spans))]


def _span(slot: Slot) -> tuple[datetime, datetime]:
    first, last = (datetime.combine(slot.date, at, clock.SHANGHAI) for at in (slot.starts_at, slot.ends_at))
    return first - AROUND, last + AROUND


def _why_odd(photo: Attachment, spans: Iterable[tuple[datetime, datetime]]) -> str:
    if photo.taken_at is None:
        return "没有拍摄时间"
    taken = clock.local(photo.taken_at)
    if any(first <= taken <= last for first, last in spans):
        return ""
    return f"拍摄于 {full(taken)} {taken:%H:%M}，不在培训期间"
