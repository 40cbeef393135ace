"""Writing what phones bring: signs, and requests for a correction. All of it is done as the system, for trainees."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.services import attach
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from training.attendance.freezing import reasons_against
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot, SlotKey, is_in_order, to_minute

from .code import OUT
from .models import CorrectionRequest

PICTURE = "picture"
MOST_ASKED = 3  # requests for one sign of one half-day: what was refused may be explained better, not for ever
ONE_PHONE_ONE_PERSON = (
    "这部手机本半日已为另一位学员签过，一部手机每半日只能为一人签到签退。请用自己的手机；没有手机的请班主任登记"
)
ONE_PERSON_ONE_PHONE = (
    "您本半日已用另一部手机（或另一个扫码软件）签过。请用那部手机、那个软件再扫一次；"
    "不在手边的请班主任登记，下一个半日可以换手机"
)
DAY_IS_OVER = "已过零点，不能再签前一天的半日；漏签的可以在“我的签到”里申请更正"


@dataclass(frozen=True)
class Signed:
    """A sign as it stands, to the minute, and whether it was there already."""

    time: time
    again: bool


@transaction.atomic
def sign(*, trainee: Enrolment, key: SlotKey, kind: str, device: str) -> Signed:
    """Keep a trainee's sign with the server's time; a second tap finds the first one's.

    One phone signs for one person in a half-day, and one person with one phone. Raises NotPossible.
    """
    # Locked first, so that of two phones at once the second sees what the first has done.
    application = ClassApplication.objects.select_for_update().get(pk=trainee.application_id)
    signs = Sign.objects.of_class(application).valid().filter(date=key[0], half_day=key[1])
    concerned = list(signs.filter(Q(device=device) | Q(enrolment=trainee)))
    own = [each for each in concerned if each.enrolment_id == trainee.pk]
    if len(own) < len(concerned):
        raise NotPossible(ONE_PHONE_ONE_PERSON)
    if any(each.device not in ("", device) for each in own):
        raise NotPossible(ONE_PERSON_ONE_PHONE)
    if (there := _there(own, kind)) is not None:
        return Signed(there, again=True)
    if key[0] != clock.today():  # a scan before midnight is good for minutes after it
        raise NotPossible(DAY_IS_OVER)
    now = to_minute(clock.local(clock.now()).time())
    times = (None, now) if kind == OUT else (now, None)
    record_signs(
        application=application,
        wanted=[Wanted(trainee.pk, *key, *times)],
        source=Sign.Source.PHONE,
        actor=SYSTEM,
        device=device,
        beside=True,
    )
    return Signed(now, again=False)


def _there(signs: Collection[Sign], kind: str) -> time | None:
    """The sign of that kind that holds. A sign-out that is not later than the sign-in is worth nothing: whoever signed
    out too soon, or by mistake, signs out again."""
    ins, outs = (sorted(each.time for each in signs if each.kind == one) for one in Sign.Kind.values)
    if kind != OUT:
        return ins[0] if ins else None
    this_minute = to_minute(clock.local(clock.now()).time())
    if not outs or (ins and not is_in_order(ins[0], outs[-1]) and to_minute(outs[-1]) != this_minute):
        return None
    return outs[-1]


@transaction.atomic
def ask_for_correction(
    *, trainee: Enrolment, slot: Slot, kind: str, at: time, reason: str, picture: Checked | None
) -> CorrectionRequest:
    """Ask the provider for a sign that is missing (product.md A2), with a picture where there is one.

    Sent twice it is asked once. Raises NotPossible with everything that stands in the way.
    """
    ClassApplication.objects.select_for_update().get(pk=trainee.application_id)
    place = {"enrolment": trainee, "date": slot.date, "half_day": slot.half_day, "kind": kind}
    sent = CorrectionRequest.objects.filter(**place, state=CorrectionRequest.State.WAITING)
    if same := sent.filter(time=to_minute(at), reason=reason).first():
        return same
    if reasons := why_not_asked(trainee, slot, kind):
        raise NotPossible(*reasons)
    if wrong := _wrong_time(trainee, slot, kind, at):
        raise NotPossible(time=wrong)
    with refusing_clashes():
        made = CorrectionRequest.objects.create(
            **place, unit_id=trainee.application.unit_id, time=to_minute(at), reason=reason
        )
    record(made, "asked", actor=SYSTEM, note=reason, data={"enrolment": trainee.pk})
    if picture:
        attach(case=made, material=PICTURE, upload=picture, actor=SYSTEM)
    return made


def why_not_asked(trainee: Enrolment, slot: Slot, kind: str) -> list[str]:
    """What forbids asking for this sign now: it is there, is asked for or too early, or may not change any more."""
    application = trainee.application
    if trainee.missed(slot.begins):
        return ["这个半日开始以后才补报您的名字，从下一个半日起计学时"]
    signs = Sign.objects.valid().filter(enrolment=trainee, date=slot.date, half_day=slot.half_day)
    if _there(list(signs), kind) is not None:
        return [f"这个半日已经{Sign.Kind(kind).label}，不用更正"]
    opens = slot.ends if kind == OUT else slot.begins
    if clock.now() < opens:
        return [f"{clock.local(opens):%H:%M} 以后才能申请；现在请在现场扫码{Sign.Kind(kind).label}"]
    asked = CorrectionRequest.objects.filter(enrolment=trainee, date=slot.date, half_day=slot.half_day, kind=kind)
    if asked.filter(state=CorrectionRequest.State.WAITING).exists():
        return ["这一项已经申请过，正在等办班单位答复，不能再改；有误的请直接告诉办班单位"]
    if asked.count() >= MOST_ASKED:
        return [f"这一项已申请过 {MOST_ASKED} 次，都没有同意；还有疑问请直接找办班单位"]
    return reasons_against(application, [slot.key], SYSTEM)


def _wrong_time(trainee: Enrolment, slot: Slot, kind: str, at: time) -> str:
    """What is wrong with the time that a trainee says, beside the other sign and the clock."""
    if slot.date == clock.today() and at > clock.local(clock.now()).time():
        return "这个时间还没有到，请填实际的时间"
    signs = list(Sign.objects.valid().filter(enrolment=trainee, date=slot.date, half_day=slot.half_day))
    ins, outs = ([each.time for each in signs if each.kind == one] for one in Sign.Kind.values)
    if kind == OUT and ins and not is_in_order(min(ins), at):
        return f"签退须晚于签到（{min(ins):%H:%M}）"
    if kind != OUT and outs and not is_in_order(at, max(outs)):
        return f"签到须早于签退（{max(outs):%H:%M}）"
    return ""
