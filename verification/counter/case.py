"""An appointment: its table and its kind (notice 二(一): 按照预约时间)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce.access import BOOK, DO_BUREAU_WORK
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.jobs.services import ring_after_commit
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Duty, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import Refused
from units.access import BUREAU, HANDLER, NOBODY
from units.notify import tell
from verification.batches.models import Appointment
from verification.batches.turns import APPOINTED
from verification.batches.who import BOOKER, bookers_of

from .seats import SETTLE, take_seat, waiting_without_a_slot

A = Appointment.State
# notice 二(一), 二(三)2: what follows when nobody came
MISSED = "请重新预约，不预约也可以到柜台排队。集中验证截止以前没有到柜台办理的，视同放弃验证权利（通知 二(三)2）"


# --- guards -----------------------------------------------------------------------------------------------------------


def not_begun(context: Context) -> str | None:
    appointment: Appointment = context.case
    return "预约时间已到，不能再改期或取消" if appointment.slot.begins <= context.now else None


def begun(context: Context) -> str | None:
    appointment: Appointment = context.case
    return None if appointment.slot.begins <= context.now else "还没有到预约时间"


def on_the_day(context: Context) -> str | None:
    appointment: Appointment = context.case
    return None if appointment.slot.date <= context.now.date() else "还没有到预约的日子"


# --- effects ----------------------------------------------------------------------------------------------------------


def tell_units(appointment: Appointment, title: str, context: Context, *, text: str = "") -> None:
    """Tell whoever booked, and the clerks of every unit whose batch an appointment carries."""
    units = {appointment.unit_id, *appointment.batches.values_list("unit_id", flat=True)}
    tell(bookers_of(units), title, context, text=text)


def move(context: Context) -> None:
    appointment: Appointment = context.case
    try:
        appointment.slot, appointment.seat = take_seat(context.data["slot"].pk, now=context.now)
        ring_after_commit(SETTLE)  # whoever waits for the place that is free now
    except NotPossible as reason:
        raise Refused(context.transition, [str(reason)]) from reason
    tell_units(appointment, f"预约已改到 {appointment}", context)


def free(context: Context) -> None:
    ring_after_commit(SETTLE)  # whoever waits for it


def cancel(context: Context) -> None:
    free(context)
    tell_units(context.case, f"预约已取消：{context.case}", context)


def miss(context: Context) -> None:
    tell_units(context.case, f"未按预约到场：{context.case}，请重新预约", context, text=MISSED)


# --- duties -----------------------------------------------------------------------------------------------------------


def slots_to_open(asked: Asked) -> Iterator[Owed]:
    """Units wait for an appointment and none can be booked (notice 二(一): 按照预约时间办理)."""
    if waiting := waiting_without_a_slot():
        title = f"开放预约时段：{waiting} 批等着预约，现在没有可约的时段"
        yield OwedDuty(Turn(HANDLER, "开放预约时段"), None, title, reverse("batches:new_slots"))


# --- table and kind ---------------------------------------------------------------------------------------------------

APPOINTMENT = Workflow(
    states={
        A.HELD: state("is-soon", Turn(BOOKER)),
        A.BOOKED: state("is-wait", Turn(BOOKER)),
        A.CANCELLED: state("is-idle"),
        A.MISSED: state("is-soon"),
        A.CAME: state("is-done"),
    },
    transitions=(
        # A seat that was kept for who waited (verification/counter/waiting.py).
        Transition("confirm", "确认候补的空位", (A.HELD,), A.BOOKED, NOBODY, "确认候补", hidden=True),
        Transition("release", "收回候补的空位", (A.HELD,), A.CANCELLED, NOBODY, "收回空位", effect=free, hidden=True),
        Transition(
            "move", "改期", (A.BOOKED,), A.BOOKED, BOOKER, "改期",
            guards=(not_begun,), effect=move, form="verification.counter.forms.MoveForm", style="primary",
        ),
        Transition(
            "cancel", "取消预约", (A.BOOKED,), A.CANCELLED, BOOKER, "取消",
            guards=(not_begun,), effect=cancel, form=REASON, style="danger",
        ),
        Transition(
            "come", "登记到场", (A.BOOKED, A.MISSED), A.CAME, BUREAU, "到场", guards=(on_the_day,),
        ),
        Transition(
            "miss", "登记未到", (A.BOOKED,), A.MISSED, BUREAU, "未到", guards=(begun,), effect=miss,
        ),
    ),
)  # fmt: skip

SLOTS = (
    "batches:slot",
    "batches:new_slots",
    "batches:appointment",
    "batches:bookings",
    "batches:season",
    "batches:waiting",
)
KIND = CaseKind(
    Appointment,
    APPOINTMENT,
    deadlines=(APPOINTED,),
    duties=(Duty(HANDLER, slots_to_open, clocked=False),),
    year="slot__date__year",
    entries=(
        NavItem(
            "预约时段",
            "calendar-days",
            "batches:slots",
            DO_BUREAU_WORK.roles,
            order=51,
            also=SLOTS,
            group=Section.VERIFICATION,
        ),
        NavItem(
            "预约办理",
            "calendar-days",
            "batches:book",
            BOOK.roles,
            order=51,
            also=("batches:appointment", "batches:waiting"),
            group=Section.VERIFICATION,
        ),
    ),
    events={"booked": "预约时间", "slot_opened": "开放预约时段", "slot_changed": "修改预约时段"},
    demo=Demo("年度验证", "verification.counter.demo.build", order=60),
)
