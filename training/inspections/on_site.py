"""What had been filed for the day of a visit, as the inspectors hold it against what they see; and whose signatures a
record wants (product.md I2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.materials import files_of
from luojiang_ce.files.models import Attachment
from training.attendance.timetable import presence, valid_signs
from training.choices import HalfDay
from training.inspections.case import PHOTO, PROVIDER, sign_code
from training.inspections.models import Inspection

NOON, EVENING = 12, 18  # o'clock, where no timetable says which half-day it is


@dataclass(frozen=True)
class FiledLesson:
    """A row of the timetable as it stands now."""

    half_day: str
    times: str
    course: str
    lecturer: str
    room: str
    ends_at: str


@dataclass(frozen=True)
class AsFiled:
    """What is known of a class on one day: how many enrolled, who has signed by half-day (how many), what is taught."""

    enrolled: int = 0
    signed: dict[str, int] = field(default_factory=dict)
    lessons: tuple[FiledLesson, ...] = ()
    fee: str = ""
    textbooks: str = ""
    class_teacher: str = ""

    def half_day_at(self, moment: datetime) -> str:
        """The half-day that is on or comes next, by the timetable or else by the hour."""
        at = clock.local(moment)
        still = [each.half_day for each in self.lessons if each.ends_at >= f"{at:%H:%M}"]
        if self.lessons:
            return (still or [self.lessons[-1].half_day])[0]
        if at.hour < NOON:
            return HalfDay.MORNING.value
        return HalfDay.AFTERNOON.value if at.hour < EVENING else HalfDay.EVENING.value

    def of(self, half_day: str) -> list[FiledLesson]:
        """The rows of one half-day."""
        return [each for each in self.lessons if each.half_day == half_day]

    def frozen(self, half_day: str) -> dict[str, Any]:
        """What the record keeps of it, for one half-day."""
        lessons = self.of(half_day)
        return {
            "enrolled": self.enrolled,
            "signed": self.signed.get(half_day, 0),
            "course": "；".join(dict.fromkeys(each.course for each in lessons if each.course)),
            "lecturer": "、".join(dict.fromkeys(each.lecturer for each in lessons if each.lecturer)),
            "fee": self.fee,
            "textbooks": self.textbooks,
        }


def as_filed(case: Inspection, day: date) -> AsFiled:
    """Of a visit to what nobody published nothing is filed. Three queries."""
    course = case.application
    if course is None:
        return AsFiled()
    rows = course.timetable.filter(date=day).select_related("lecturer").order_by("starts_at", "pk")
    signed = {half_day: len(each.signed_in) for (_, half_day), each in presence(valid_signs(course, day)).items()}
    lessons = [
        FiledLesson(
            row.half_day,
            f"{row.starts_at:%H:%M}–{row.ends_at:%H:%M}",
            row.course,
            row.lecturer.name if row.lecturer else "",
            row.room,
            f"{row.ends_at:%H:%M}",
        )
        for row in rows
    ]
    return AsFiled(
        course.enrolments.present().count(), signed, tuple(lessons), _fee(course), course.textbooks,
        course.class_teacher,
    )  # fmt: skip


def _fee(course: Any) -> str:
    if not course.charges:
        return "不收费"
    return f"{course.fee:f} 元/人，{course.fee_document}" if course.fee is not None else "收费"


# --- photographs and signatures ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signer:
    """Somebody whose signature the record wants; `file`: the signature, where it is there."""

    code: str
    name: str
    part: str
    file: Attachment | None = None


def signers(case: Inspection) -> list[Signer]:
    """The inspectors and the provider, with what they have signed. Two queries."""
    there = {each.material: each for each in files_of(case)}
    wanted = [(sign_code(each), each.name, "检查人") for each in case.inspectors.all()]
    return [Signer(*each, there.get(each[0])) for each in [*wanted, (PROVIDER, "", "单位负责人")]]


def photographs(case: Inspection) -> Sequence[Attachment]:
    """What was photographed on the spot."""
    return [each for each in files_of(case) if each.material == PHOTO]
