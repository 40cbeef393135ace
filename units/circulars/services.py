"""Writing circulars, and reminding who has not read; their way from there is case.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.access import Actor, case_key
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import first_of
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import working_days_left
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.circulars.audiences import SHOWN, audience_of, in_words
from units.circulars.case import REMINDED, SENDER, may_change
from units.circulars.models import Circular, Receipt
from units.models import Account, Assignment, Unit
from units.notify import clerks_of_units

LATE_STEPS = (1, 5, 10, 20)  # working days after the day, on which who has not read is reminded again


@dataclass(frozen=True)
class Written:
    """What is typed of a circular. `scope`: see Circular.scope."""

    title: str
    number: str
    text: str
    read_by: date
    to_people: bool
    audience: str = Circular.Audience.ALL
    scope: dict[str, Any] = field(default_factory=dict)


def draft(
    *, unit: Unit, written: Written, actor: Actor, about: Any = None, corrects: Circular | None = None
) -> Circular:
    """A draft of this unit; files are added on its page. A second click finds the draft of the first.

    `about`: the case whose units it goes to. Raises PermissionDenied where the actor does not write for the unit.
    """
    case_type, case_id = case_key(about) if about else ("", None)
    row = Circular(
        unit=unit,
        created_by_id=actor.pk,
        corrects=corrects,
        about_type=case_type,
        about_id=case_id,
        **vars(written) | ({"audience": Circular.Audience.CASE, "scope": {}} if about else {}),
    )
    if not SENDER.test(actor, row) or (about and not audience_of(case_type).may_write(about, actor)):
        raise PermissionDenied(f"account {actor.pk} sends no circulars for unit {unit.pk}")
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=actor.pk)
        same = {name: getattr(row, name) for name in ("unit", "created_by_id", "corrects", "about_id", *vars(written))}
        if found := Circular.objects.filter(state=Circular.State.DRAFT, **same).first():
            return found
        row.save()
        record(row, "created", actor=actor)
    return row


def edit(
    *, circular: Circular, written: Written, actor: Actor, version: int | None = None, quiet: bool = False
) -> Circular:
    """Change a draft. Raises NotPossible or Conflict. `quiet`: saved while it was typed."""
    with transaction.atomic():
        locked = Circular.objects.select_for_update().get(pk=circular.pk)
        if not may_change(locked, actor):
            raise NotPossible(f"{locked.get_state_display()}的通知不能再修改；写错了的，请发更正件")
        locked.must_be(version)
        before, whom = values_of(locked), in_words(locked)
        facts = vars(written) | ({"audience": locked.audience, "scope": {}} if locked.about_id else {})
        if any(getattr(locked, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(locked, name, value)
            locked.count_edit(actor)
            locked.save()
            now = in_words(locked)
            more = [("收件单位", whom, now)] if whom != now else []
            record_edit(locked, (locked, before), actor=actor, more=more, quiet=quiet)
    return locked


def to_remind(receipts: Any) -> QuerySet[Receipt]:
    """Of these receipts those that a click reminds: not done, with a clerk, and not reminded today already."""
    clerks = Assignment.objects.current().filter(role="unit_clerk", account__is_active=True)
    today = datetime.combine(clock.today(), datetime.min.time(), clock.SHANGHAI)
    rows = receipts.outstanding().filter(Q(reminded_at=None) | Q(reminded_at__lt=today))
    found: QuerySet[Receipt] = rows.filter(unit__in=clerks.values("unit"))
    return found


def remind(*, circular: Circular, actor: Actor, receipts: Iterable[int] | None = None) -> int:
    """Remind the clerks of the units that have not read it or not passed it on: of these receipts, or of all. Once a
    day each, so that a second click does no harm. Returns how many units. Raises NotPossible where there are none."""
    with transaction.atomic():
        locked = Circular.objects.select_for_update().get(pk=circular.pk)
        if locked.state != Circular.State.SENT or not SENDER.test(actor, locked):
            raise NotPossible(f"通知{locked.get_state_display()}，不能催办")
        rows = to_remind(locked.receipts if receipts is None else locked.receipts.filter(pk__in=receipts))
        units = dict(rows.values_list("pk", "unit"))
        if not units:
            raise NotPossible("没有要催办的单位：都已传达、没有专办员，或今天已经催办过")
        Receipt.objects.filter(pk__in=units).update(reminded=F("reminded") + 1, reminded_at=clock.now())
        event = record(locked, REMINDED, actor=actor, note=f"{len(units)} 个单位", data={"receipts": sorted(units)})
        _tell_clerks(locked, set(units.values()), f"催办：{locked.title}", f"circular-{locked.pk}-{event.uid}")
    return len(units)


def _tell_clerks(circular: Circular, units: set[int], title: str, key: str) -> None:
    text = f"{circular.unit.name}要求在 {full_with_weekday(circular.read_by)} 前传达，你单位还没有办完"
    notify(clerks_of_units(units), title, key=key, text=text, case=circular, kind=Kind.REMINDER)


# --- after the day ----------------------------------------------------------------------------------------------------


def chase() -> int:
    """Remind who is late, and tell the sender who it is: on the first, fifth, tenth and twentieth working day after.

    A step that the worker slept through is taken the next day, once. Returns how many circulars were chased.
    """
    today, calendar = clock.today(), current_calendar()
    if not calendar.is_working(today):
        return 0
    late = Circular.objects.filter(state=Circular.State.SENT, read_by__lt=today, late_step__lt=LATE_STEPS[-1])
    return sum(_chase(each, _step(calendar, today, each.read_by)) for each in late.select_related("unit"))


def _step(calendar: Calendar, today: date, due: date) -> int:
    """The last step that has been reached; 0 before the first."""
    days = -working_days_left(calendar, today, due)
    return max((step for step in LATE_STEPS if step <= days), default=0)


def _chase(circular: Circular, step: int) -> bool:
    with transaction.atomic():
        locked = Circular.objects.select_for_update().get(pk=circular.pk)
        if step <= locked.late_step or locked.state != Circular.State.SENT:
            return False
        locked.late_step = step
        locked.save(update_fields=["late_step"])
        late = list(locked.receipts.outstanding().select_related("unit").order_by("unit__code"))
        if late:
            key = f"circular-{locked.pk}-late-{step}"
            _tell_clerks(locked, {each.unit_id for each in late}, f"逾期未传达：{locked.title}", key)
            names = first_of([each.unit.short for each in late], SHOWN, "个单位")
            title = f"{len(late)} 个单位逾期未传达：{locked.title}"
            notify(_writers(locked), title, key=f"{key}-sender", text=names, case=locked, kind=Kind.REMINDER)
    return bool(late)


def _writers(circular: Circular) -> list[Account]:
    """Who drafted it, while they still write for the unit; else whoever does."""
    writing = Account.objects.holding(*SENDER.roles, unit=circular.unit).with_roles()
    able = [account for account in writing if SENDER.test(account, circular)]
    return [account for account in able if account.pk == circular.created_by_id] or able
