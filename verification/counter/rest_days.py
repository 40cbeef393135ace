"""Days that have become rest days: their slots are closed, and whoever booked one is told to book anew (V5)."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.locks import Lock, hold
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.engine import SYSTEM, fire
from verification.batches.models import Appointment, Slot
from verification.counter.seats import close


def close_on_rest_days(actor: Actor, why: str) -> list[str]:
    """Close what is open on days that are not worked, cancel what is booked there and has not begun; what was done.

    Repeating it changes nothing. A slot that was closed stays so until somebody opens it again.
    """
    hold(Lock.SLOTS)
    calendar, now = current_calendar(), clock.now()
    ahead = Slot.objects.filter(date__gte=now.date(), closed=False).order_by("date", "starts_at", "pk")
    on_rest_days = [slot.pk for slot in ahead if not calendar.is_working(slot.date)]
    if not on_rest_days:
        return []
    booked = Appointment.objects.filter(slot__in=on_rest_days, state=Appointment.State.BOOKED)
    list(booked.select_for_update().order_by("pk"))  # before their slots (seats.take_seat)
    slots = list(ahead.filter(pk__in=on_rest_days).select_for_update())
    close(slots, actor=actor, why=why)
    lost = [each for each in booked.select_related("slot").order_by("pk") if each.slot.begins > now]
    for each in lost:
        fire(each, "cancel", actor=SYSTEM, note=f"当天不办公：{why}。请重新预约")
    days = "、".join(dict.fromkeys(month_day(slot.date) for slot in slots))
    told = f"，取消 {len(lost)} 个预约并通知预约单位" if lost else ""
    return [f"{days}：停用 {len(slots)} 个预约时段{told}"]
