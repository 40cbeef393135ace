"""Requests for a correction in the demo district: one in every state, asked by trainees who forgot to sign out."""

from __future__ import annotations

from datetime import datetime, timedelta

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from training.attendance.freezing import open_to_signs
from training.attendance.models import Sign
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot
from units.demo import clerk_of

from .code import OUT
from .models import CorrectionRequest
from .services import ask_for_correction

# Why, what became of it, what was answered.
ASKED = (
    ("下课后手机没电，没有扫上签退，同组学员可以证明", "", ""),
    ("离开时二维码已经换到签到，没有发现没扫上", "approve", "与班主任核对，当时在场"),
    ("上午有事先走", "refuse", "中途离开，没有参加后半段，不能补签退"),
)


def build_requests() -> str:
    """Of classes whose hours are not handed in yet; nothing where there are requests already."""
    if CorrectionRequest.objects.exists():
        return "演示更正申请已有，未改动"
    lacking = _without_sign_out()
    for (trainee, slot), (reason, step, answer) in zip(lacking, ASKED, strict=False):
        with clock.at(slot.ends + timedelta(hours=1)):
            request = ask_for_correction(
                trainee=trainee, slot=slot, kind=OUT, at=slot.ends_at, reason=reason, picture=None
            )
        if step:
            with clock.at(_in_the_evening(slot)):
                fire(request, step, actor=clerk_of(trainee.application.unit), note=answer)
    return f"{CorrectionRequest.objects.count()} 件签到更正申请"


def _without_sign_out() -> list[tuple[Enrolment, Slot]]:
    """Who signed in and not out in a half-day that was over two hours ago, the latest classes first."""
    classes = open_to_signs(ClassApplication.objects.filter(state=ClassApplication.State.APPROVED))
    found = []
    for application in classes.filter(opens_on__lte=clock.today()).order_by("-opens_on", "pk"):
        over = [slot for slot in slots_of_class(application) if _in_the_evening(slot) < clock.now()]
        for slot in over:
            signs = Sign.objects.of_class(application).valid().filter(date=slot.date, half_day=slot.half_day)
            ins, outs = (signs.filter(kind=kind).values_list("enrolment", flat=True) for kind in Sign.Kind.values)
            lacking = application.enrolments.present().filter(pk__in=list(ins)).exclude(pk__in=list(outs))
            found += [(trainee, slot) for trainee in lacking.select_related("application__unit")[:1]]
    return found


def _in_the_evening(slot: Slot) -> datetime:
    return slot.ends + timedelta(hours=3)
