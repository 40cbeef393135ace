"""Attendance and recognitions of the demo district, relative to today, in several states.

Everything goes through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.half_days import Slot, minutes
from units.demo import a_paper, account, clerk_of, moment

from .counting import tally
from .materials import PHOTOS, checklist_of
from .models import Recognition
from .services import Result, decide, open_recognition, save_results

# How far the recognition of a class that is over has got, by the beginning of its project's title.
UNTIL = {
    "农产品质量安全检测": "recognised",
    "专业技术人员公共科目": "partly",
    "压疮护理": "submitted",
    "小型水库安全运行": "returned",
    "小学数学命题": "draft",
    "果蔬冷链保鲜": "refused",
    "危大工程": "checked",
}
DECISION = {"recognised": "recognise", "partly": "recognise_partly", "refused": "refuse"}
WHY_NOT = "课程内容与公布的项目不符"
FORGOTTEN = 60  # of classes that opened so many days ago none was begun, and the time for it is over


def build() -> str:
    """Signs and recognitions; nothing where there are signs already."""
    if Sign.objects.exists():
        return "演示考勤已有，未改动"
    begun = ClassApplication.objects.filter(
        state=ClassApplication.State.APPROVED, opens_on__lte=clock.today()
    ).select_related("unit", "project")
    for application in begun:
        _sign(application)
        opens = application.opens_on or clock.today()
        forgotten = opens < clock.today() - timedelta(days=FORGOTTEN)
        if application.has_ended(clock.today()) and not forgotten:
            title = application.project.title
            until = next((until for start, until in UNTIL.items() if title.startswith(start)), "draft")
            _recognition(application, until)
    return f"{Sign.objects.count()} 条签到，{Recognition.objects.count()} 件学时认定"


def _sign(application: ClassApplication) -> None:
    """Each half-day so far as the class teacher recorded it that evening; a few signs are missing. Of a class under way
    the last one comes as a photograph of its sheet (training.attendance.photographs.demo)."""
    dice = random.Random(application.number)  # noqa: S311  the same demo each time
    people = list(application.enrolments.present().values_list("pk", flat=True))
    over = [slot for slot in slots_of_class(application) if slot.ends <= clock.now()]
    for slot in over if application.has_ended(clock.today()) else over[:-1]:
        wanted = [each for pk in people if (each := _signed(pk, slot, dice))]
        with clock.at(moment(slot.date, 21)):
            record_signs(
                application=application, wanted=wanted, source=Sign.Source.LIST, actor=clerk_of(application.unit)
            )


def _signed(pk: int, slot: Slot, dice: random.Random) -> Wanted | None:
    """In a little early, out a little late; one in thirty is away, one in thirty forgets to sign out."""
    luck = dice.random()
    if luck < 1 / 30:
        return None
    start, end = minutes(slot.starts_at) - dice.randint(1, 20), minutes(slot.ends_at) + dice.randint(0, 12)
    return Wanted(pk, *slot.key, _time(start), None if luck < 2 / 30 else _time(end))


def _time(at: int) -> time:
    return time(*divmod(at, 60))


def _recognition(application: ClassApplication, until: str) -> None:
    ended = application.ends_on or clock.today()
    clerk, handler, approver = clerk_of(application.unit), account("handler"), account("approver")
    with clock.at(_after(ended, 3)):
        case = open_recognition(application=application, actor=clerk)
        _prepare(case, half=until == "draft")
        if until == "draft":
            return
        fire(case, "submit", actor=clerk)
    if until == "submitted":
        return
    with clock.at(_after(ended, 6)):
        if until == "returned":
            items = [{"where": "签到表", "wrong": "第二天下午的签到表没有签字", "mend": "补签后重新扫描上传"}]
            fire(case, "return", actor=handler, data={"items": items})
            return
        if until == "partly":
            _reduce(case)
        fire(case, "check", actor=handler, note="材料齐全，签到与课程表一致")
    if until == "checked":
        return
    with clock.at(_after(ended, 9)):
        fire(case, DECISION[until], actor=approver, note=WHY_NOT if until == "refused" else "")


def _after(day: date, days: int) -> datetime:
    return moment(day + timedelta(days=days))


def _prepare(case: Recognition, *, half: bool) -> None:
    """Results of the assessment and the package; half of it where the draft is still being written."""
    clerk = clerk_of(case.application.unit)
    people = case.application.enrolments.present().values_list("pk", flat=True)
    save_results(recognition=case, results={pk: Result("passed", Decimal(86)) for pk in people}, actor=clerk)
    missing = [row for row in checklist_of(Recognition.objects.get(pk=case.pk)) if row.missing]
    for row in missing[: len(missing) // 2] if half else missing:
        code, title = row.material.code, row.material.title
        upload = _photo(case.application) if code == PHOTOS else a_paper(title)
        attach(case=case, material=code, upload=upload, actor=clerk)


def _reduce(case: Recognition) -> None:
    """The handler recognises less for the first trainee who earned something."""
    trainee = next(each for each in tally(Recognition.objects.get(pk=case.pk)).trainees if each.finals)
    amounts = {(final.year, final.subject): final.amount / 2 for final in trainee.finals}
    decide(
        recognition=case,
        enrolment=trainee.enrolment,
        amounts=amounts,
        reason="第三天由他人代签",
        actor=account("handler"),
    )


def _photo(application: ClassApplication) -> SimpleUploadedFile:
    """A site photograph with its taking time, in the first morning."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{application.opens_on:%Y:%m:%d} 09:30:00"
    out = BytesIO()
    Image.new("RGB", (640, 420), "#c9d3da").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("现场照片.jpg", out.getvalue(), "image/jpeg")
