"""Writing down what was not met in time, and undoing it when a later day is granted. Idempotent, in any order.

What is late is derived from dates whenever it is asked; nothing waits for these rows. They are the record.
"""

from __future__ import annotations

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.deadlines.registry import Asked, OpenDeadline, open_deadlines
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import Kind
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from luojiang_ce.workflow.events import record
from units.notify import approvers, clerks_of

from .models import Extension, Lapse

# R4: that hours are not recognised any more is proposed, not recorded; an opening that was missed binds nobody.
STATE_OF = {
    Kind.PLAN: Lapse.State.RECORDED,
    Kind.VERIFICATION: Lapse.State.RECORDED,
    Kind.RECOGNITION: Lapse.State.PROPOSED,
}


def record_overdue() -> tuple[int, int]:
    """Write down every duty that is overdue and lift what is not overdue any more; (written, lifted)."""
    now, running = clock.now(), _recordable()
    standing = list(Lapse.objects.standing())
    open_again = {each.key for each in running if not each.is_late(now)}
    lifted = sum(_lift(lapse) for lapse in standing if key_of(lapse) in open_again)
    return sum(_write(each) for each in running if each.is_late(now)), lifted


def lift_covered(extension: Extension) -> int:
    """Open again what an extension covers; how many."""
    rows = Lapse.objects.standing().filter(kind=extension.kind, subject=extension.subject)
    if extension.unit_id:
        rows = rows.filter(unit=extension.unit_id)
    elif extension.nature:
        rows = rows.filter(unit__nature=extension.nature)
    return sum(_lift(lapse) for lapse in rows)


def key_of(lapse: Lapse) -> str:
    """As OpenDeadline.key."""
    return f"{lapse.kind}-{lapse.unit_id}-{lapse.subject}"


def _recordable() -> list[OpenDeadline]:
    running = open_deadlines(Asked(current_rules()))
    return [each for each in running if each.deadline.kind in STATE_OF and each.role is Role.UNIT_CLERK]


def _write(duty: OpenDeadline) -> bool:
    """One lapse, once, whatever runs at the same time: the unique key decides who writes it."""
    kind = duty.deadline.kind
    with transaction.atomic():
        lapse, new = Lapse.objects.get_or_create(
            kind=kind,
            unit_id=duty.unit_id,
            subject=duty.subject,
            defaults={
                "state": STATE_OF[kind],
                "title": duty.title[:200],
                "due": duty.deadline.due,
                "recorded_at": clock.now(),
            },
        )
        if new:
            record(lapse, "lapsed", actor=SYSTEM)
        elif lapse.state != Lapse.State.LIFTED or not _again(lapse, duty):
            return False
        _tell(lapse, duty)
    return True


def _again(lapse: Lapse, duty: OpenDeadline) -> bool:
    """Overdue once more, after the later day has passed too."""
    name = "again" if STATE_OF[duty.deadline.kind] == Lapse.State.RECORDED else "again_proposed"
    return _fired(lapse, name, {"due": duty.deadline.due})


def _lift(lapse: Lapse) -> bool:
    return _fired(lapse, "lift", {})


def _fired(lapse: Lapse, name: str, data: dict[str, object]) -> bool:
    """Did this very call move it? Another worker may have been quicker."""
    try:
        fire(lapse, name, actor=SYSTEM, data=data)
    except Refused:
        return False
    return True


def _tell(lapse: Lapse, duty: OpenDeadline) -> None:
    key = f"lapse-{lapse.pk}-{lapse.due.isoformat()}"
    text = f"{duty.deadline.explanation}如有特殊情况，可以申请延期。"
    notify(
        clerks_of(lapse.unit_id), f"{lapse.title}：{month_day(lapse.due)} 截止，已逾期", key=key, text=text, case=lapse
    )
    if lapse.state == Lapse.State.PROPOSED:
        notify(approvers(), f"逾期未申报认定，请确认：{lapse}", key=key, case=lapse)
