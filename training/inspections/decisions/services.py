"""Writing decisions: the draft with its findings, consequences and half-days, and the amounts that these leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from training.classes.models import Enrolment
from training.inspections.decisions.models import Decision
from training.inspections.decisions.reach import OneClass, reach_of
from training.inspections.decisions.scope import WHOLE, Scope, keep_scope
from training.inspections.models import Finding, Inspection
from training.recognition.counting import Trainee
from training.recognition.hours import basis_of
from training.recognition.models import RulingLine
from training.recognition.services import too_much

State = Decision.State
SETTLING = (State.DRAFT, State.HEARD)


@dataclass(frozen=True)
class Said:
    """What a handler writes: the findings, what becomes of them, of which half-days and people, and why."""

    findings: Sequence[Finding]
    reason: str
    criticised: bool = False
    unrecognised: bool = False
    unqualified: bool = False
    other: str = ""
    scope: Scope = WHOLE


def begin(*, inspection: Inspection, said: Said, actor: Actor) -> Decision:
    """A decision on an inspection, as a draft. Raises NotPossible where one is under way or nothing waits for one;
    PermissionDenied unless the actor is a handler."""
    _must_be_handler(actor)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        if locked.state != Inspection.State.TO_DECIDE:
            raise NotPossible(f"监督检查的状态是“{locked.get_state_display()}”，转入处理后才能拟定处理")
        if other := locked.decisions.filter(state__in=(*Decision.OPEN, *Decision.IN_FORCE)).first():
            raise NotPossible(f"这次检查已有{other.called}（{other.get_state_display()}），请在原件上接着办")
        made = Decision(inspection=locked, unit_id=locked.unit_id, created_by_id=actor.pk)
        _write(made, said)
        record(made, "created", actor=actor)
    return made


@transaction.atomic
def edit(*, decision: Decision, said: Said, actor: Actor, version: int | None = None) -> Decision:
    """Write the draft anew. Raises NotPossible, or Conflict."""
    case = _locked(decision, actor, (State.DRAFT,))
    case.must_be(version)
    before = values_of(case)
    case.count_edit(actor)
    _write(case, said)
    record_edit(case, (case, before), actor=actor)
    return case


def _write(case: Decision, said: Said) -> None:
    for name in ("criticised", "unrecognised", "unqualified", "other", "reason"):
        setattr(case, name, getattr(said, name))
    case.save()
    case.findings.set(case.inspection.findings.filter(pk__in=[each.pk for each in said.findings]))
    keep_scope(case, said.scope)


@transaction.atomic
def settle(
    *,
    decision: Decision,
    enrolments: Sequence[Enrolment],
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> Decision:
    """What these trainees get (none named: everybody whose amount the half-days leave open), in the class that the
    decision takes half-days of. Nobody gets more than before. Raises NotPossible, or Conflict."""
    case = _locked(decision, actor, SETTLING)
    case.must_be(version)
    wanted = {each.pk for each in enrolments}
    for one in reach_of(case).classes:
        had = {each.enrolment.pk: each for each in one.reach.before.trainees}
        open_ones = [each for each in one.to_decide if not wanted or each.enrolment.pk in wanted]
        _settle(one, open_ones, had, amounts, reason)
    case.count_edit(actor)
    case.save(update_fields=Versioned.COUNTED)
    record(case, "settled", actor=actor, note=reason)
    return case


def _settle(
    one: OneClass,
    trainees: Sequence[Trainee],
    had: Mapping[int, Trainee],
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
) -> None:
    for each in trainees:
        if reasons := too_much(one.reach.after, amounts, each.enrolment.pk):
            raise NotPossible(*reasons)
    pks = [each.enrolment.pk for each in trainees]
    one.ruling.lines.filter(kind=RulingLine.Kind.AMOUNT, enrolment__in=pks).delete()
    RulingLine.objects.bulk_create(
        [
            RulingLine(
                ruling=one.ruling, kind=RulingLine.Kind.AMOUNT, enrolment=each.enrolment, year=year, subject=subject,
                amount=min(amount, _had(had[each.enrolment.pk], year, subject)), reason=reason,
                basis=basis_of(each.result),
            )
            for each in trainees
            for (year, subject), amount in amounts.items()
        ],
        batch_size=500,
    )  # fmt: skip


def _had(trainee: Trainee, year: int, subject: str) -> Decimal:
    return sum((each.amount for each in trainee.finals if (each.year, each.subject) == (year, subject)), Decimal(0))


def _locked(decision: Decision, actor: Actor, states: Sequence[str]) -> Decision:
    _must_be_handler(actor)
    case = (
        Decision.objects.select_for_update(of=("self",)).select_related("inspection__application").get(pk=decision.pk)
    )
    if case.state not in states:
        raise NotPossible(f"检查处理的状态是“{case.get_state_display()}”，现在不能再改")
    return case


def _must_be_handler(actor: Actor) -> None:
    if not actor.holds(Role.BUREAU_HANDLER):
        raise PermissionDenied(f"account {actor.pk} drafts no decisions")
