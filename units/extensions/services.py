"""Applying for a later last day, and giving one; its way from there is case.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.deadlines.owed import Asked, Owed, running
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.deadlines import DeadlineKind
from luojiang_ce.workdays.services import current_rules, terms_in_force
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.extensions.models import Extension
from units.extensions.reading import first_deadline
from units.filed_case import EDITABLE
from units.models import Account, Unit

# Two drafts that say the same in all of these are one.
SAME = (
    *("kind", "unit", "nature", "subject", "anchor", "by_bureau", "document"),
    *("asked_due", "reason", "created_by_id"),
)


@dataclass(frozen=True)
class ForMany:
    """A decision for a kind of unit, or everybody: plan or verification of a year."""

    kind: DeadlineKind
    year: int
    nature: str = ""

    @property
    def title(self) -> str:
        return f"{self.year}{self.kind.label}"


def duties_of(units: frozenset[int] | None) -> list[Owed]:
    """What can be extended for these units (None: for all): ahead or overdue, the earliest first."""
    found = running(Asked(terms_in_force(), units=units))
    return [each for each in found if each.of_unit and each.deadline and each.deadline.kind.extendable]


def ask_for(*, duty: Owed, asked_due: date, reason: str, actor: Actor) -> Extension:
    """A draft by the unit's clerk; evidence is added on its page. Raises NotPossible, or PermissionDenied."""
    must_file_for(duty.unit_id, actor)
    return _draft(_of_duty(duty), asked_due, reason, actor, latest=duty.clock.due)


def offer_one(*, duty: Owed, asked_due: date, reason: str, document: str, actor: Actor) -> Extension:
    """A draft of the bureau's own for one duty of one unit. Raises NotPossible."""
    row = _of_duty(duty)
    row.by_bureau, row.document = True, document
    return _draft(row, asked_due, reason, actor, latest=duty.clock.due)


def offer_many(*, whom: ForMany, asked_due: date, reason: str, document: str, actor: Actor) -> Extension:
    """A draft of the bureau's own for a kind of unit or everybody, by one document. Raises NotPossible."""
    row = Extension(
        by_bureau=True,
        kind=whom.kind.code,
        nature=whom.nature,
        subject=str(whom.year),
        title=whom.title,
        document=document,
    )
    return _draft(row, asked_due, reason, actor, latest=current_rules().due(whom.kind, whom.year).due)


def edit(*, extension: Extension, asked_due: date, reason: str, actor: Actor, version: int | None = None) -> Extension:
    """Change a draft, or one that was returned. Raises NotPossible or Conflict."""
    with transaction.atomic():
        locked = Extension.objects.select_for_update().get(pk=extension.pk)
        if locked.state not in EDITABLE:
            raise NotPossible(reason=f"{locked.get_state_display()}，不能再修改")
        locked.must_be(version)
        _must_be_later(asked_due, first_deadline(locked, current_rules()).due)
        before = values_of(locked)
        if (locked.asked_due, locked.reason) != (asked_due, reason):
            locked.asked_due, locked.reason = asked_due, reason
            locked.count_edit(actor)
            locked.save()
            record_edit(locked, (locked, before), actor=actor)
    return locked


def _of_duty(duty: Owed) -> Extension:
    deadline = duty.clock
    return Extension(
        kind=deadline.kind.code,
        unit=Unit.objects.get(pk=duty.about.unit_id),
        subject=duty.subject,
        title=duty.title[:200],
        anchor=None if deadline.kind.yearly else deadline.start,
    )


def _draft(row: Extension, asked_due: date, reason: str, actor: Actor, *, latest: date) -> Extension:
    """A second click finds the draft of the first."""
    _must_be_later(asked_due, latest)
    row.asked_due, row.reason, row.created_by_id = asked_due, reason, actor.pk
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=actor.pk)
        facts = {name: getattr(row, name) for name in SAME}
        if same := Extension.objects.filter(state=Extension.State.DRAFT, **facts).first():
            return same
        row.save()
        record(row, "created", actor=actor)
    return row


def _must_be_later(asked_due: date, latest: date) -> None:
    if asked_due <= latest:
        raise NotPossible(asked_due=f"现在的最后一日是 {full_with_weekday(latest)}，延期须晚于这一天")
