"""Writing recognitions: opening one, results of the assessment, the handler's decisions. States: case.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Standing, Versioned
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Enrolment
from units.filed_case import EDITABLE

from .counting import Tally, Trainee, full_amounts, tally
from .hours import basis_of
from .models import AssessmentResult, Exclusion, Override, Recognition

State = Recognition.State
UNDER_REVIEW = (State.SUBMITTED,)
RESULTS_LOCKED, REVIEW_LOCKED = "提交后不能再改考核结果", "只有审核时可以核定学时"


@dataclass(frozen=True, slots=True)
class Result:
    """A trainee's result: `outcome` passed, failed, or empty where there is none yet; `score` if one was given."""

    outcome: str
    score: Decimal | None = None


def results_of(case: Recognition) -> dict[int, Result]:
    """The results that are there, by enrolment id. One query."""
    rows = AssessmentResult.objects.filter(enrolment__application=case.application_id)
    return {row.enrolment_id: Result(row.outcome, row.score) for row in rows}


def reasons_against_opening(application: ClassApplication, actor: Actor) -> list[str]:
    """Why the recognition of this class cannot be begun now by this actor."""
    if application.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        return ["只有办班单位的专办员可以申报学时认定"]
    if application.state != ClassApplication.State.APPROVED:
        return [f"培训班的状态是“{application.get_state_display()}”，不能申报学时认定"]
    if application.ends_on is None or application.ends_on > clock.today():
        return ["培训班的最后一天起才能准备学时认定材料"]
    return []


def open_recognition(*, application: ClassApplication, actor: Actor) -> Recognition:
    """The recognition of a class, begun as a draft if there is none yet. Raises NotPossible."""
    with transaction.atomic():
        locked = ClassApplication.objects.select_for_update().get(pk=application.pk)
        if reasons := reasons_against_opening(locked, actor):
            raise NotPossible(*reasons)
        made, is_new = Recognition.objects.get_or_create(
            application=locked, defaults={"unit": locked.unit, "created_by_id": actor.pk}
        )
        if is_new:
            record(made, "created", actor=actor)
    return made


@transaction.atomic
def save_results(
    *, recognition: Recognition, results: Mapping[int, Result], actor: Actor, version: int | None = None
) -> int:
    """Keep results of the assessment by enrolment id (R5); an empty one is taken away. Returns how many changed.

    Bounded in queries; repeating it changes nothing. Raises NotPossible, or Conflict.
    """
    case = _locked(recognition, EDITABLE, RESULTS_LOCKED)
    case.must_be(version)
    known = results_of(case)
    trainees = set(case.application.enrolments.present().values_list("pk", flat=True))
    changed = {pk: result for pk, result in results.items() if pk in trainees and known.get(pk, Result("")) != result}
    gone = [pk for pk, result in changed.items() if not result.outcome]
    AssessmentResult.objects.filter(enrolment__in=gone).delete()
    _upsert({pk: result for pk, result in changed.items() if result.outcome}, actor)
    if changed:
        case.count_edit(actor)
        case.save(update_fields=Versioned.COUNTED)
        record(case, "results_saved", actor=actor, data={"changed": len(changed)})
    return len(changed)


def decided(recognition: Recognition, enrolment_id: int) -> Standing:
    """What a handler has decided for a trainee, by year and subject, and who did."""
    rows = Override.objects.filter(recognition=recognition, enrolment=enrolment_id).select_related("decided_by")
    found = list(rows.order_by("year", "subject"))
    values = [(row.year, row.subject, f"{row.amount:f}", row.reason) for row in found]
    return Standing(values, found[0].decided_by, found[0].decided_at) if found else Standing(values)


@transaction.atomic
def decide(
    *,
    recognition: Recognition,
    enrolment: Enrolment,
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> None:
    """The handler's amounts for one trainee, by year and subject, in place of what was counted (R3).

    They replace earlier decisions on this trainee; no amounts at all: as counted again. Raises NotPossible, or Conflict
    when another handler has decided since `version`.
    """
    case = _under_review(recognition, actor)
    decided(case, enrolment.pk).must_be(version)
    found = tally(case)
    trainee = next((each for each in found.trainees if each.enrolment.pk == enrolment.pk), None)
    if trainee is None:
        raise NotPossible(f"{enrolment} 不在本班学员名单里")
    if reasons := too_much(found, amounts, enrolment.pk):
        raise NotPossible(*reasons)
    Override.objects.filter(recognition=case, enrolment=enrolment).delete()
    _keep_overrides(case, [trainee], amounts, reason, actor)
    data = {"enrolment": enrolment.pk, "amounts": {f"{y} {s}": str(a) for (y, s), a in amounts.items()}}
    record(case, "decided", actor=actor, note=reason, data=data)


@transaction.atomic
def decide_rest(*, recognition: Recognition, reason: str, actor: Actor) -> int:
    """Nothing for everybody who is still to be decided, or again to be (Tally.rest); returns how many.

    Raises NotPossible.
    """
    case = _under_review(recognition, actor)
    found = tally(case)
    rest = found.rest
    nothing = {(each.year, each.subject): Decimal(0) for each in found.amounts_possible}
    Override.objects.filter(recognition=case, enrolment__in=[trainee.enrolment for trainee in rest]).delete()
    _keep_overrides(case, rest, nothing, reason, actor)
    if rest:
        record(case, "decided_rest", actor=actor, note=reason, data={"count": len(rest)})
    return len(rest)


@transaction.atomic
def exclude(
    *, recognition: Recognition, day: date | None, half_day: str, enrolment: Enrolment | None, reason: str, actor: Actor
) -> Exclusion:
    """Half-days that are not recognised; None and "" stand for all. The same one is kept once. Raises NotPossible."""
    case = _under_review(recognition, actor)
    made, is_new = Exclusion.objects.get_or_create(
        recognition=case,
        enrolment=enrolment,
        date=day,
        half_day=half_day,
        defaults={"reason": reason, "decided_by_id": _account_id(actor)},
    )
    if is_new:
        record(case, "excluded", actor=actor, note=reason, data={"exclusion": made.pk})
    return made


@transaction.atomic
def include_again(*, exclusion: Exclusion, actor: Actor) -> None:
    """Take an exclusion back. Raises NotPossible."""
    case = _under_review(exclusion.recognition, actor)
    record(case, "included", actor=actor, data={"exclusion": exclusion.pk})
    exclusion.delete()


def locked(case: Recognition, otherwise: str) -> str:
    """Why it cannot be changed in this state."""
    return f"学时认定的状态是“{case.get_state_display()}”，{otherwise}"


FROZEN = Q(recognition__isnull=False) & ~Q(recognition__state__in=EDITABLE)


def frozen_for_attendance(applications: Sequence[ClassApplication]) -> dict[int, str]:
    """Classes whose signs may not change: they are what was submitted (registered with training.attendance)."""
    rows = Recognition.objects.filter(application__in=applications).exclude(state__in=EDITABLE)
    return {
        row.application_id: f"学时认定已提交（{row.get_state_display()}），签到记录不能再改；"
        "需要更正请联系区人社局经办退回补正"
        for row in rows
    }


def _locked(recognition: Recognition, states: Collection[str], otherwise: str) -> Recognition:
    case = Recognition.objects.select_for_update().get(pk=recognition.pk)
    if case.state not in states:
        raise NotPossible(locked(case, otherwise))
    return case


def _under_review(recognition: Recognition, actor: Actor) -> Recognition:
    if not actor.holds(Role.BUREAU_HANDLER):
        raise NotPossible("只有区人社局经办可以核定学时")
    return _locked(recognition, UNDER_REVIEW, REVIEW_LOCKED)


def _account_id(actor: Actor) -> int:
    assert actor.pk is not None  # decisions are a person's: the system holds no role
    return actor.pk


def _upsert(results: Mapping[int, Result], actor: Actor) -> None:
    now = clock.now()
    rows = [
        AssessmentResult(
            enrolment_id=pk, outcome=result.outcome, score=result.score, recorded_by_id=actor.pk, recorded_at=now
        )
        for pk, result in results.items()
    ]
    AssessmentResult.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["outcome", "score", "recorded_by", "recorded_at"],
    )


def too_much(found: Tally, amounts: Mapping[tuple[int, str], Decimal], person: int | None = None) -> list[str]:
    """Which of these amounts are more than full attendance gives (this trainee, by what rulings left), or of a subject
    that the class has not."""
    most = {(each.year, each.subject): each.amount for each in full_amounts(found.case, person)}
    whole = {(each.year, each.subject) for each in full_amounts(replace(found.case, exclusions=()))}
    ruled = any(each.firm for each in found.case.exclusions)
    reasons = []
    for (year, subject), amount in amounts.items():
        if (year, subject) not in whole:
            reasons.append(f"本班 {year} 年没有这一科目的学时（学分）")
            continue
        limit = most.get((year, subject), 0)
        if amount > limit and ruled:
            reasons.append(f"{year} 年核定 {amount}，超过处理决定以外的半日的 {limit}；须先撤回处理决定")
        elif amount > limit:
            reasons.append(f"{year} 年核定 {amount}，超过全程参加的 {limit}")
    return reasons


def _keep_overrides(
    case: Recognition,
    trainees: Collection[Trainee],
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
    actor: Actor,
) -> None:
    Override.objects.bulk_create(
        [
            Override(
                recognition=case,
                enrolment=trainee.enrolment,
                year=year,
                subject=subject,
                amount=amount,
                reason=reason,
                basis=basis_of(trainee.result),
                decided_by_id=_account_id(actor),
            )
            for trainee in trainees
            for (year, subject), amount in amounts.items()
        ],
        batch_size=500,
    )
