"""Writing down what was not met in time, and undoing it when a later day is granted. Idempotent, in any order.

What is late is derived from dates whenever it is asked; nothing waits for these rows. They are the record.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed, running
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import DeadlineKind
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.events import record
from units.extensions.models import Extension, Lapse
from units.notify import approvers, clerks_of


def record_overdue() -> tuple[int, int]:
    """Write down every duty that is overdue and lift what is not overdue any more; (written, lifted)."""
    now, duties = clock.now(), running(Asked(terms_in_force()))
    # What goes on record when nobody meets it: what lies filed was in time.
    missable = (each for each in duties if each.of_unit and each.missable)
    found = [each for each in missable if each.deadline and each.deadline.kind.missed]
    open_again = {each.key for each in found if not each.is_late(now)}
    standing = list(Lapse.objects.standing())
    lifted = sum(_lift(each) for each in standing if f"{each.kind}-{each.unit_id}-{each.subject}" in open_again)
    return sum(_write(each) for each in found if each.is_late(now)), lifted


def lift_covered(extension: Extension) -> int:
    """Open again what an extension covers; how many."""
    rows = Lapse.objects.standing().filter(kind=extension.kind, subject=extension.subject)
    if extension.unit_id:
        rows = rows.filter(unit=extension.unit_id)
    elif extension.nature:
        rows = rows.filter(unit__nature=extension.nature)
    return sum(_lift(lapse) for lapse in rows)


def lift_of(kind: DeadlineKind, case: Any) -> int:
    """Lift what is on record of a case whose duty of that kind is over without having been done; how many."""
    subject = kind_of(case).subject(case)
    rows = Lapse.objects.standing().filter(kind=kind.code, unit=case.unit_id, subject=subject)
    return sum(_lift(lapse) for lapse in rows)


def _write(duty: Owed) -> bool:
    """One lapse, once, whatever runs at the same time: the unique key decides who writes it."""
    deadline = duty.clock
    # Where it is overdue once more, after the later day has passed too.
    again = "again" if deadline.kind.missed == Lapse.State.RECORDED else "again_proposed"
    with transaction.atomic():
        lapse, new = Lapse.objects.get_or_create(
            kind=deadline.kind.code,
            unit_id=duty.about.unit_id,
            subject=duty.subject,
            defaults={
                "state": deadline.kind.missed,
                "title": duty.title[:200],
                "due": deadline.due,
                "recorded_at": clock.now(),
            },
        )
        if new:
            record(lapse, "lapsed", actor=SYSTEM)
        elif lapse.state != Lapse.State.LIFTED or not _fired(lapse, again, {"due": deadline.due}):
            return False
        _tell(lapse, duty)
    return True


def _lift(lapse: Lapse) -> bool:
    return _fired(lapse, "lift", {})


def _fired(lapse: Lapse, name: str, data: dict[str, object]) -> bool:
    """Did this very call move it? Another worker may have been quicker."""
    try:
        fire(lapse, name, actor=SYSTEM, data=data)
    except Refused:
        return False
    return True


def _tell(lapse: Lapse, duty: Owed) -> None:
    key = f"lapse-{lapse.pk}-{lapse.due.isoformat()}"
    text = f"{duty.clock.explanation}如有特殊情况，可以申请延期。"
    notify(
        clerks_of(lapse.unit_id), f"{lapse.title}：{month_day(lapse.due)} 截止，已逾期", key=key, text=text, case=lapse
    )
    if lapse.state == Lapse.State.PROPOSED:
        notify(approvers(), f"逾期未申报认定，请确认：{lapse}", key=key, case=lapse)
