"""Spot checks of the demo district in every state, made through the services and guards: a clean visit, one with
findings, one that is due today, one to a place that nobody published, and reports from outside."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from training.classes.models import ClassApplication
from training.inspections import services
from training.inspections.case import PHOTO, PROVIDER, sign_code
from training.inspections.models import Inspection
from training.inspections.recording import Found, Seen, keep_picture, send_sheet
from units.demo import account, moment, workdays_from_today
from units.models import Unit

FALSE = Found("false", "3 人签到后离场，由同室人员代签，班主任当场确认。名单见照片")
DISORGANISED = Found("disorganised", "到场时没有班主任，签到表由学员自行传签")


def build() -> str:
    """Visits and reports; nothing where there are any already."""
    if Inspection.objects.exists():
        return "演示监督检查已有，未改动"
    held = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, opens_on__lte=clock.today())
    past = list(held.filter(timetable__counts=True).distinct().order_by("-opens_on", "pk")[:4])
    for course, steps, found in zip(past, STEPS, FOUND, strict=False):
        _visited(course, steps, found)
    _ahead()
    _reports()
    return f"{Inspection.objects.count()} 次监督检查"


# What becomes of the visits to the classes that were held last, and what was found there.
STEPS: tuple[tuple[str, ...], ...] = ((), ("close",), ("take_up",), ("take_up", "close_without"))
FOUND: tuple[tuple[Found, ...], ...] = ((), (), (FALSE,), (DISORGANISED,))


def pair() -> list[Any]:
    return [account("inspector"), account("inspector2")]


def _visited(course: ClassApplication, steps: tuple[str, ...], found: tuple[Found, ...]) -> None:
    """On its first day, in the morning; what follows the days after."""
    day = course.opens_on or clock.today()
    with clock.at(moment(day, 8)):
        case = services.assign(
            application=course, inspectors=pair(), planned_on=day, planned_half_day="morning", actor=account("handler")
        )
    with clock.at(moment(day, 10)):
        record(case, found)
    with clock.at(moment(clock.today())):
        for step in steps:
            why = "情节轻微，已当场改正" if step == "close_without" else ""
            fire(case, step, actor=account("approver" if why else "handler"), note=why)


def record(case: Inspection, found: tuple[Found, ...]) -> None:
    """Everybody signs; the unit says something where something was found."""
    inspector = account("inspector")
    for each in case.inspectors.all():
        keep_picture(case=case, material=sign_code(each), upload=_signature(each.name), actor=inspector)
    keep_picture(case=case, material=PROVIDER, upload=_signature("单位"), actor=inspector)
    keep_picture(case=case, material=PHOTO, upload=_photograph(), actor=inspector)
    send_sheet(case=case, seen=_seen(case, found), actor=inspector)


def _seen(case: Inspection, found: tuple[Found, ...]) -> Seen:
    there = max(0, case.application.enrolments.present().count() - 3) if case.application else 0
    facts: dict[str, Any] = {
        **{"visited_at": clock.now(), "half_day": case.planned_half_day or "morning"},
        **{"present": there, "signed": there},
        **dict.fromkeys(("lecturer", "course", "materials", "fees"), "agrees"),
        **{"signing": "differs" if FALSE in found else "agrees", "proxies": 3 if FALSE in found else 0},
        **{"note": "", "statement": "有人因单位急事离场，未及时销签到" if found else ""},
        **{"signer": case.application.class_teacher if case.application else "", "signer_post": "班主任"},
        **{"refused": False, "refusal": ""},
    }
    facts["signer"] = facts["signer"] or "在场负责人"
    return Seen(facts, found, uuid4())


def _ahead() -> None:
    """Today at a place that nobody published; later at a class that is still to come; one that was called off."""
    handler, today = account("handler"), clock.today()
    services.assign(
        inspectors=pair(), planned_on=today, place="云海酒店 3 楼宴会厅", event_name="职业技能提升班（群众反映）",
        provider_name="云海教育咨询公司", focus="是否以继续教育名义收费", actor=handler,
    )  # fmt: skip
    coming = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, opens_on__gt=today)
    for course, off in zip(coming.order_by("opens_on", "pk")[:2], (False, True), strict=False):
        day: date = course.opens_on or workdays_from_today(3)
        case = services.assign(application=course, inspectors=pair(), planned_on=day, actor=handler)
        if off:
            fire(case, "cancel", actor=handler, note="当日两名检查人另有任务，改期安排")


def _reports() -> None:
    """One to be looked at, one that led to a visit, one that was closed."""
    handler, unit = account("handler"), Unit.objects.get(code="QLNJ")
    taken = [
        services.take_report(channel=channel, received_on=clock.today(), text=text, unit=unit, actor=handler, **more)
        for channel, text, more in (
            ("phone", "反映周末班点名后即散，下午没有上课", {"reporter": "来电群众", "contact": "", "secret": True}),
            ("letter", "反映收取资料费", {"secret": False, "reporter": "纪知远", "contact": "0595-0000-0142"}),
            ("network", "反映培训地点与通知不符", {}),
        )
    ]
    fire(taken[1], "close", actor=handler, note="经核，所反映的资料费为自愿购书，未发现违规")
    services.assign(
        report=taken[2], origin=Inspection.Origin.REPORT, inspectors=pair(), unit=unit, actor=handler,
        planned_on=workdays_from_today(1), place="区农业农村综合楼", focus="上课地点是否与通知一致",
    )  # fmt: skip


def _signature(name: str) -> SimpleUploadedFile:
    """Strokes, as a finger draws them; no two alike."""
    image = Image.new("RGB", (600, 240), "white")
    pen = ImageDraw.Draw(image)
    seed = uuid4().int
    points = [(40 + 40 * step, 60 + (seed >> (4 * step)) % 120) for step in range(13)]
    pen.line(points, fill="black", width=5, joint="curve")
    return _file(image, f"{name}.png", "PNG")


def _photograph() -> SimpleUploadedFile:
    """A class room, as far as a demo needs one."""
    image = Image.new("RGB", (800, 600), (205, 210, 200))
    pen = ImageDraw.Draw(image)
    pen.rectangle((200, 60, 600, 240), fill=(240, 240, 235), outline=(90, 90, 90), width=4)
    for row in range(3):
        for seat in range(6 + uuid4().int % 3):
            pen.ellipse((70 + 90 * seat, 320 + 85 * row, 110 + 90 * seat, 360 + 85 * row), fill=(70, 80, 100))
    return _file(image, f"{uuid4().hex[:12]}.jpg", "JPEG")


def _file(image: Image.Image, name: str, kind: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    image.save(out, kind)
    return SimpleUploadedFile(name, out.getvalue())
