"""Applying for a later last day, and giving one; its way from there is case.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.deadlines.owed import Asked, Owed, OwedCase, running
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.deadlines import DeadlineKind, Rules
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.extensions.models import Extension
from units.extensions.reading import why_not
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
    """What can be extended for these units (None: for all): ahead or overdue, the earliest first; once, what is owed in
    parts (a roster, and who is in none)."""
    terms = terms_in_force()
    found = (_to_extend(each, terms) for each in running(Asked(terms, units=units)) if each.of_unit)
    return list({each.key: each for each in found if each.clock.kind.extendable}.values())


def _to_extend(owed: Owed, terms: Rules) -> Owed:
    """What is mended is given more time by a later first day."""
    if not isinstance(owed, OwedCase) or not owed.mends or not owed.kind.filing:
        return owed
    first = owed.kind.filing(owed.about, terms)
    return replace(owed, deadline=first) if first else owed


def ask_for(*, duty: Owed, asked_due: date, reason: str, actor: Actor) -> Extension:
    """A draft by the unit's clerk; evidence is added on its page. Raises NotPossible, or PermissionDenied."""
    must_file_for(duty.unit_id, actor)
    return _draft(_of_duty(duty), asked_due, reason, actor)


def offer_one(*, duty: Owed, asked_due: date, reason: str, document: str, actor: Actor) -> Extension:
    """A draft of the bureau's own for one duty of one unit. Raises NotPossible."""
    row = _of_duty(duty)
    row.by_bureau, row.document = True, document
    return _draft(row, asked_due, reason, actor)


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
    return _draft(row, asked_due, reason, actor)


def edit(
    *,
    extension: Extension,
    asked_due: date,
    reason: str,
    actor: Actor,
    version: int | None = None,
    quiet: bool = False,
) -> Extension:
    """Change a draft, or one that was returned. Raises NotPossible or Conflict. `quiet`: saved while it was typed."""
    with transaction.atomic():
        locked = Extension.objects.select_for_update().get(pk=extension.pk)
        if locked.state not in EDITABLE:
            raise NotPossible(reason=f"{locked.get_state_display()}，不能再修改")
        locked.must_be(version)
        _must_be_possible(locked, asked_due)
        before = values_of(locked)
        if (locked.asked_due, locked.reason) != (asked_due, reason):
            locked.asked_due, locked.reason = asked_due, reason
            locked.count_edit(actor)
            locked.save()
            record_edit(locked, (locked, before), actor=actor, quiet=quiet)
    return locked


def _of_duty(duty: Owed) -> Extension:
    deadline = duty.clock
    return Extension(
        kind=deadline.kind.code,
        unit=Unit.objects.get(pk=duty.about.unit_id),
        subject=duty.subject,
        title=duty.matter[:200],
        anchor=None if deadline.kind.yearly else deadline.start,
    )


def _draft(row: Extension, asked_due: date, reason: str, actor: Actor) -> Extension:
    """A second click finds the draft of the first."""
    _must_be_possible(row, asked_due)
    row.asked_due, row.reason, row.created_by_id = asked_due, reason, actor.pk
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=actor.pk)
        facts = {name: getattr(row, name) for name in SAME}
        if same := Extension.objects.filter(state=Extension.State.DRAFT, **facts).first():
            return same
        row.save()
        record(row, "created", actor=actor)
    return row


def _must_be_possible(row: Extension, asked_due: date) -> None:
    if reason := why_not(row, asked_due):
        raise NotPossible(asked_due=reason)
