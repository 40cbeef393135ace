"""The yearly verification of the demo district in every state: last year's stamped, this season's on the way.

Everything is filed and decided through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.workdays.services import current_calendar, current_rules
from luojiang_ce.workflow.engine import fire
from units.demo import account, clerk_of, moment, season
from units.models import Person, Unit
from units.seals import FOR_VERIFICATION
from verification.batches import services
from verification.batches.candidates import candidates, on_path
from verification.batches.forfeits import record_given_up
from verification.batches.in_time import VERIFICATION
from verification.batches.models import AnnualRecord, Appointment, Batch, Material, Path, Slot
from verification.batches.seasons import set_season
from verification.counter.deciding import decide
from verification.counter.models import Waiting
from verification.counter.seats import book, open_slots
from verification.counter.waiting import settle_waiting, wait_for
from verification.declarations.demo import accept_year

SEAL = "洛江区人力资源和社会保障局职业能力培训专用章"  # notice 一(一)
WHY = "下乡支农半年，专业科目未修满"
HOURS = ((time(9, 0), time(9, 30)), (time(9, 30), time(10, 0)), (time(14, 30), time(15, 0)))


def build() -> str:
    """Batches, slots and a seal; nothing where there are batches already."""
    if Batch.objects.exists():
        return "演示年度验证已有，未改动"
    today = clock.today()
    bureau = Unit.objects.bureau()
    assert bureau is not None  # units.demo
    seal = _seal(bureau)
    _open_slots(today)
    _stamped_last_year(seal, today.year - 1)
    _missed_and_booked_again(today.year - 1, today)
    _given_up(today.year - 2)
    _never_came(today.year - 2)
    _thisseason(season(today), today)
    return f"{Batch.objects.count()} 个验证批次，{AnnualRecord.objects.count()} 人"


def _seal(bureau: Unit) -> Seal:
    facts = {
        "first_day": date(2017, 3, 3),
        "arc_text": "洛江区人力资源和社会保障局",
        "line_text": "职业能力培训专用章",
        "provider": Seal.Provider.DRAWN,
        "demo": True,
    }
    key = {"owner_type": bureau._meta.label_lower, "owner_id": bureau.pk, "purpose": FOR_VERIFICATION, "name": SEAL}
    return Seal.objects.get_or_create(**key, defaults=facts)[0]


def _open_slots(today: date) -> None:
    """The counter's hours from a week ago to three weeks from now."""
    calendar = current_calendar()
    days = [today + timedelta(days=n) for n in range(-7, 22)]
    working = [day for day in days if calendar.day(day).working]
    open_slots(days=working, times=HOURS, places=["区人社局 2 号窗口"], capacity=3, actor=account("handler"))


# --- steps ------------------------------------------------------------------------------------------------------------


def _listed(unit: Unit, year: int, number: int, *, path: Path = Path.GENERAL) -> Batch:
    """A draft with some of the unit's people, complete: reasons are given where hours are missing."""
    batch = services.open_batch(unit=unit, year=year, path=path, actor=clerk_of(unit))
    found = on_path(candidates(unit, year, clock.today()), path)
    free = sorted(each.person.pk for each in found if not each.is_listed)
    services.add_people(batch=batch, people=free[:number], actor=clerk_of(unit))
    rows = list(batch.records.all())
    for row in rows:
        if row.verdict["outcome"] in ("unmet", "undetermined"):
            row.unmet_reason = "病假两月，学时未修满"
    services.save_rows(batch=batch, version=_version(batch), rows=rows, actor=clerk_of(unit))
    values = {"filler": clerk_of(unit).name, "phone": unit.phone, "note": ""}
    services.save_head(batch=batch, version=_version(batch), values=values, actor=clerk_of(unit))
    return Batch.objects.get(pk=batch.pk)


def _version(batch: Batch) -> int:
    return Batch.objects.get(pk=batch.pk).version


def _filed(unit: Unit, year: int, day: date, number: int, *, path: Path = Path.GENERAL) -> Batch:
    """A batch filed on a day, but never after the deadline, nor before the year's hours were there."""
    due = current_rules().due(VERIFICATION, year).due
    ready = min(date(year, 11, 18), clock.today())
    with clock.at(moment(max(ready, min(day, due - timedelta(days=3))))):
        batch = _listed(unit, year, number, path=path)
        fire(batch, "submit" if path is Path.GENERAL else "send", actor=clerk_of(unit))
    return batch


def _booked(batch: Batch, day: date, booked_on: date) -> Appointment:
    """The first free seat on or after a day, booked by the unit."""
    slot = Slot.objects.filter(date__gte=day).with_taken().order_by("date", "starts_at").first()
    assert slot is not None
    with clock.at(moment(booked_on)):
        return book(batches=[batch], slot=slot, unit=batch.unit, actor=clerk_of(batch.unit))


def _work_through(batch: Batch, day: date, *, waive: int = 1) -> None:
    """Everybody decided: who met is passed, of the others some by the approver, the rest fail."""
    with clock.at(moment(day, 9)):
        met, short = _by_verdict(batch.records.all())
        decide(batch=batch, records=met, name="verify", actor=account("handler"))
        decide(batch=batch, records=short[:waive], name="waive", actor=account("approver"), reason=WHY)
        reason = "总学时（学分）不足"
        decide(batch=batch, records=short[waive:], name="fail", actor=account("handler"), reason=reason)
        seen = [Material.CERTIFICATE, Material.ANNOUNCEMENT, Material.ENROLMENT, Material.PAYMENT]
        services.check_materials(batch=batch, seen=seen, actor=account("handler"))
        fire(batch, "finish", actor=account("handler"))
        _rendered(batch)


def _by_verdict(records: Iterable[AnnualRecord]) -> tuple[list[int], list[int]]:
    rows = list(records)
    met = [row.pk for row in rows if row.verdict["outcome"] == "met"]
    return met, [row.pk for row in rows if row.pk not in met]


def _unit(code: str) -> Unit:
    return Unit.objects.get(code=code)


# --- what there is ----------------------------------------------------------------------------------------------------


def _stamped_last_year(seal: Seal, year: int) -> None:
    batch = _filed(_unit("QLNJ"), year, date(year + 1, 1, 12), 16)
    _work_through(batch, date(year + 1, 1, 19), waive=2)
    with clock.at(moment(date(year + 1, 1, 20), 15)):
        fire(batch, "stamp", actor=account("keeper"), data={"seal": seal})
        _rendered(batch)


def _rendered(batch: Batch) -> None:
    """What the worker does: the papers that were asked for."""
    for job in Job.objects.filter(pk__in=Paper.objects.of(batch).filter(state=Paper.State.PENDING).values("job")):
        run(job.pk)


def _missed_and_booked_again(year: int, today: date) -> None:
    """The rest of the same unit: did not come a week ago, has a new seat tomorrow."""
    batch = _filed(_unit("QLNJ"), year, date(year + 1, 2, 6), 4)
    first = _booked(batch, today - timedelta(days=6), today - timedelta(days=8))
    with clock.at(moment(first.slot.date, 17)):
        fire(first, "miss", actor=account("handler"))
    _booked(batch, today + timedelta(days=1), today - timedelta(days=2))


def _given_up(year: int) -> None:
    """Listed in time, filed never: the morning after the last day the year is given up (notice 二(三)2)."""
    unit = _unit("HSSL")
    with clock.at(moment(date(year + 1, 1, 15))):
        _listed(unit, year, 1)
    with clock.at(moment(current_rules().due(VERIFICATION, year).due + timedelta(days=1), 1)):
        record_given_up()


def _never_came(year: int) -> None:
    """Filed in time, and not brought to the counter by the end of that year's season (notice 二(三)2)."""
    _filed(_unit("DZJG"), year, date(year + 1, 1, 14), 2)
    calendar = current_calendar()
    last_day = next(day for day in (date(year + 1, 5, n) for n in range(20, 32)) if calendar.is_working(day))
    with clock.at(moment(date(year + 1, 3, 10))):
        set_season(year=year, last_day=last_day, document="演示通知（虚构）", actor=account("approver"))
    with clock.at(moment(last_day + timedelta(days=1), 1)):
        record_given_up()


def _thisseason(year: int, today: date) -> None:
    for code, number in (("DZJG", 10), ("HSZF", 6), ("YFZZ", 6), ("HSSL", 0), ("HPWS", 5), ("LJZX", 8)):
        unit = _unit(code)
        for serial, person in enumerate(Person.objects.employed_in(unit).order_by("pk")[:number]):
            accept_year(person, unit, year, enough=serial % 4 != 3)
    # A draft that still lacks the reasons for hours that are missing.
    with clock.at(moment(today - timedelta(days=1))):
        unit = _unit("QLNJ")
        clerk = clerk_of(unit)
        draft = services.open_batch(unit=unit, year=year, path=Path.GENERAL, actor=clerk)
        people = Person.objects.employed_in(unit).order_by("-pk").values_list("pk", flat=True)[:8]
        services.add_people(batch=draft, people=list(people), actor=clerk)
    _at_the_counter(year, today)
    batch = _filed(_unit("HSZF"), year, today - timedelta(days=7), 6)
    seat = _booked(batch, today - timedelta(days=5), today - timedelta(days=7))
    _work_through(batch, max(seat.slot.date, today - timedelta(days=1)))
    # Booked and cancelled: a new seat is still to be found.
    batch = _filed(_unit("YFZZ"), year, today - timedelta(days=2), 6)
    with clock.at(moment(today, 9)):
        seat = _booked(batch, today + timedelta(days=5), today)
        fire(seat, "cancel", actor=clerk_of(batch.unit), note="办事人员当天外出")
    _returned(_filed(_unit("HSSL"), year, today - timedelta(days=6), 5), today - timedelta(days=3))
    _filed(_unit("HPWS"), year, today - timedelta(days=8), 5, path=Path.MEDICAL)
    _teachers(year, today)
    _waiting_list(year, today)


def _at_the_counter(year: int, today: date) -> None:
    """Half done: some passed, one has to bring a paper, one waits for the approver, one got hours after the batch was
    filed."""
    unit = _unit("DZJG")
    batch = _filed(unit, year, today - timedelta(days=9), 10)
    _booked(batch, today, today - timedelta(days=4))
    met, short = _by_verdict(batch.records.order_by("pk"))
    with clock.at(moment(today, 9)):
        decide(batch=batch, records=met[:4], name="verify", actor=account("handler"))
        reason = "缴费培训未附缴费凭证"
        decide(batch=batch, records=met[4:5], name="supplement", actor=account("handler"), reason=reason)
        decide(batch=batch, records=short[1:2], name="ask", actor=account("handler"), reason=WHY)
        _rendered(batch)
    late = AnnualRecord.objects.get(pk=short[0])
    accept_year(late.person, unit, year, enough=True)


def _returned(batch: Batch, day: date) -> None:
    items = [
        {"where": "附件4", "wrong": "花名册未加盖单位公章", "mend": "打印附件4盖章后上传扫描件"},
        {"where": "证书编号", "wrong": "证书编号有误", "mend": "按证书原件更正"},
    ]
    with clock.at(moment(day)):
        fire(batch, "return", actor=account("handler"), data={"items": items})


def _teachers(year: int, today: date) -> None:
    """One batch for the education bureau, one for its keeper, and where a cycle ends one that it has passed on."""
    unit = _unit("LJZX")
    _filed(unit, year, today - timedelta(days=5), 4, path=Path.TEACHER)
    cycle = _filed(unit, year, today - timedelta(days=5), 4, path=Path.CYCLE)
    to_be_stamped = _filed(_unit("BXXX"), year, today - timedelta(days=6), 4, path=Path.TEACHER)
    with clock.at(moment(today - timedelta(days=2))):
        fire(cycle, "education_pass", actor=account("education"))
        fire(to_be_stamped, "validate", actor=account("education"))


def _waiting_list(year: int, today: date) -> None:
    """A slot of one seat at the third window that many want: left, confirmed, lapsed, offered, and one who waits."""
    calendar = current_calendar()
    day = calendar.on_or_after(today + timedelta(days=6))
    times, window = [(time(10, 30), time(11, 0))], ["区人社局 3 号窗口"]
    (slot,), _ = open_slots(days=[day], times=times, places=window, capacity=1, actor=account("handler"))
    holds = Batch.objects.get(unit__code="LJZX", year=year, path=Path.CYCLE)
    wants = Batch.objects.filter(unit__code="YFZZ", year=year, state=Batch.State.SUBMITTED).latest("pk")
    _take(holds, slot)
    fire(_waits(wants, slot), "leave", actor=clerk_of(wants.unit))
    fire(_offered(holds, wants, slot), "accept", actor=clerk_of(wants.unit))
    _give_up_seat(wants)
    _take(holds, slot)
    with clock.at(moment(today - timedelta(days=20), 9)):  # a working day is over since, whatever the holidays
        _offered(holds, wants, slot)
    settle_waiting()
    _take(holds, slot)
    _offered(holds, wants, slot)
    _waits(holds, slot)


def _take(batch: Batch, slot: Slot) -> Appointment:
    batch.refresh_from_db()
    return book(batches=[batch], slot=slot, unit=batch.unit, actor=clerk_of(batch.unit))


def _waits(batch: Batch, slot: Slot) -> Waiting:
    return wait_for(batch=batch, slot=slot, unit=batch.unit, actor=clerk_of(batch.unit))


def _give_up_seat(batch: Batch) -> None:
    batch.refresh_from_db()
    fire(batch.appointment, "cancel", actor=clerk_of(batch.unit), note="办事人员当天外出")


def _offered(holds: Batch, wants: Batch, slot: Slot) -> Waiting:
    """Who holds the only seat gives it up, and whoever waits is offered it."""
    waiting = _waits(wants, slot)
    _give_up_seat(holds)
    settle_waiting()
    return Waiting.objects.get(pk=waiting.pk)
