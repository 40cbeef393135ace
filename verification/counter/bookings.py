"""Who comes when: the bookings by day, and the sheet of a day for the window (V5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from luojiang_ce.access import Actor
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full_with_weekday
from units.models import Unit
from verification.batches.models import Appointment, Batch

TITLE = "预约办理日程"
DAY = SheetForm(
    TITLE,
    TITLE,
    (
        Column("time", "时间", width=13),
        Column("place", "地点", width=18),
        Column("seat", "号", kind="integer", width=5),
        Column("unit", "单位", width=26),
        Column("batches", "批次", width=18),
        Column("people", "人数", kind="integer", width=6),
        Column("filler", "送办人", kind="name", width=10),
        Column("phone", "电话", width=16),
        Column("state", "状态", width=8),
        Column("note", "备注", width=16),
    ),
    orientation="landscape",
    head=(HeadField("day", "日期"), HeadField("number", "预约")),
)


def bookings_of(account: Actor) -> QuerySet[Appointment]:
    """The appointments that the account sees, with slot, unit and batches at hand."""
    seen: QuerySet[Appointment] = Appointment.objects.visible_to(account)
    return seen.select_related("slot", "unit").prefetch_related(_BATCHES)


def numbers_of(booking: Appointment) -> str:
    """The numbers of the batches that come with it."""
    return "、".join(batch.number or "" for batch in booking.batches.all())


def people_of(booking: Appointment) -> int:
    """How many people its batches hold."""
    return sum(batch.people for batch in booking.batches.all())  # type: ignore[attr-defined]  # with_counts


def day_sheet(bureau: Unit, args: Args) -> list[Printable]:
    """Who comes on the day that is the label, by time and window, and for whom a seat is held until when; who cancelled
    is left out."""
    day = date.fromisoformat(args["label"])
    rows = Appointment.objects.coming().filter(slot__date=day)
    rows = rows.select_related("slot", "unit").prefetch_related(_BATCHES)
    found = list(rows.order_by("slot__starts_at", "slot__place", "seat"))
    head = {"day": full_with_weekday(day), "number": f"{len(found)} 个"}
    return [form_printable(DAY, list(_lines(found)), head=head, empty="这一天没有预约")]


def _lines(bookings: list[Appointment]) -> Iterator[dict[str, Any]]:
    for each in bookings:
        first = next(iter(each.batches.all()), None)
        yield {
            "time": f"{each.slot.starts_at:%H:%M}–{each.slot.ends_at:%H:%M}",
            "place": each.slot.place,
            "seat": each.seat,
            "unit": each.unit.name,
            "batches": numbers_of(each),
            "people": people_of(each),
            "filler": first.filler if first else "",
            "phone": first.phone if first else "",
            "state": each.get_state_display(),
            "note": each.held_said,
        }


_BATCHES = Prefetch("batches", Batch.objects.with_counts().order_by("pk"))
DAY_SHEET = Printout("counter.day", TITLE, Unit, day_sheet)
