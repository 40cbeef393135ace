"""Writing corrections: beginning one, its reason, and what it changes for whom. States: case.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from training.classes.models import Enrolment
from training.half_days import HALF_DAYS
from training.recognition.corrections.case import being_handled, is_prepared_by, may_change, why_not_open
from training.recognition.corrections.reach import reach_of
from training.recognition.counting import Trainee, ruled_out_by
from training.recognition.hours import basis_of
from training.recognition.models import CorrectionLine, Recognition, RecognitionCorrection
from training.recognition.services import too_much
from units.identity.id_numbers import lookup_hash
from units.identity.names import is_same_name
from units.models import Person

Kind = CorrectionLine.Kind
NOT_NOW = "更正的状态是“{}”，现在不能再改"


def begin(*, recognition: Recognition, reason: str, actor: Actor) -> RecognitionCorrection:
    """A correction as a draft: of the bureau's own accord by a handler, or asked for by the provider's clerk.

    A second one is not begun beside the first: the draft that is there goes on (the provider's own, or the one that
    lies with the bureau). Raises NotPossible.
    """
    by_bureau = actor.holds(Role.BUREAU_HANDLER)
    if not by_bureau and recognition.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        raise NotPossible("只有区人社局经办和办班单位的专办员可以提出更正")
    with transaction.atomic():
        locked = Recognition.objects.select_for_update().get(pk=recognition.pk)
        if why := why_not_open(locked):
            raise NotPossible(why)
        if other := being_handled(locked):
            raise NotPossible(f"这个班的{other.called}正在办理（{other.get_state_display()}），办结后再提出新的更正")
        draft = locked.corrections.filter(state=RecognitionCorrection.State.DRAFT, by_bureau=by_bureau).first()
        if draft:
            raise NotPossible("这个班已有一件更正草稿，请在原稿上接着写")
        made = RecognitionCorrection.objects.create(
            recognition=locked, unit_id=locked.unit_id, by_bureau=by_bureau, reason=reason, created_by_id=actor.pk
        )
        record(made, "created", actor=actor)
    return made


@transaction.atomic
def edit(
    *, correction: RecognitionCorrection, reason: str, actor: Actor, version: int | None = None, quiet: bool = False
) -> RecognitionCorrection:
    """Change why it is corrected. Raises NotPossible, or Conflict."""
    case = _locked(correction)
    if not may_change(case, actor):
        raise NotPossible(NOT_NOW.format(case.get_state_display()))
    case.must_be(version)
    before = values_of(case)
    if case.reason != reason:
        case.reason = reason
        case.count_edit(actor)
        case.save()
        record_edit(case, (case, before), actor=actor, quiet=quiet)
    return case


def set_amounts(
    *,
    correction: RecognitionCorrection,
    enrolment: Enrolment,
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> RecognitionCorrection:
    """What one trainee gets instead, by year and subject; it replaces what this correction said of the trainee before.

    Raises NotPossible (more than the timetable holds, nobody of this class), or Conflict.
    """

    def write(case: RecognitionCorrection) -> None:
        found = reach_of(case).after
        trainee = next((each for each in found.trainees if each.enrolment.pk == enrolment.pk), None)
        if trainee is None:
            raise NotPossible(f"{enrolment} 不在本班学员名单里")
        if reasons := too_much(found, amounts, enrolment.pk):
            raise NotPossible(*reasons)
        _replace_amounts(case, [(trainee, amounts)], reason)

    return _prepare(correction, actor, version, write)


def add_left_out(
    *,
    correction: RecognitionCorrection,
    name: str,
    id_number: str,
    amounts: Mapping[tuple[int, str], Decimal],
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> RecognitionCorrection:
    """Somebody of the district who was left off the list and is proved to have been there; enrolled by the decision.

    Raises NotPossible, or Conflict.
    """

    def write(case: RecognitionCorrection) -> None:
        person = Person.objects.filter(id_hash=lookup_hash(id_number)).first()
        if person is None or not is_same_name(person.name, name):
            raise NotPossible(id_number="本区人员中没有这个姓名和证件号码，请核对；外区人员在本区不入账")
        if case.recognition.application.enrolments.present().filter(person=person).exists():
            raise NotPossible(name=f"{person.name} 已在本班学员名单里，请在学员名单中核定其学时")
        if reasons := too_much(reach_of(case).after, amounts):
            raise NotPossible(*reasons)
        if not any(amounts.values()):
            raise NotPossible("补列的学员须有学时（学分），请填写")
        case.lines.filter(person=person).delete()
        _add(case, [_line(case, Kind.AMOUNT, reason, person=person, year=year, subject=subject, amount=amount)
                    for (year, subject), amount in amounts.items()])  # fmt: skip

    return _prepare(correction, actor, version, write)


def set_half_day(
    *,
    correction: RecognitionCorrection,
    day: date,
    half_day: str,
    enrolments: Sequence[Enrolment],
    counts: bool,
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> RecognitionCorrection:
    """A half-day that does not count, or counts again as signed, for these trainees or (none named) for everybody.

    Raises NotPossible, or Conflict.
    """
    kind = Kind.COUNTED if counts else Kind.EXCLUDED

    def write(case: RecognitionCorrection) -> None:
        planned = {each.key for each in case.recognition.application.lessons() if each.counts}
        if (day, half_day) not in planned:
            raise NotPossible(half_day=f"课程表里 {full(day)} {HALF_DAYS.get(half_day, half_day)}没有计学时的课程")
        if counts and (number := ruled_out_by(case.recognition.application, (day, half_day))):
            raise NotPossible(half_day=f"这个半日由处理决定 {number} 不予认定，撤回决定后才能恢复")
        whom: Sequence[Enrolment | None] = enrolments or [None]
        same = case.lines.filter(date=day, half_day=half_day)
        (same.filter(enrolment__in=enrolments) if enrolments else same).delete()
        _add(case, [_line(case, kind, reason, enrolment=each, date=day, half_day=half_day) for each in whom])

    return _prepare(correction, actor, version, write)


def set_whole(
    *, correction: RecognitionCorrection, reason: str, actor: Actor, version: int | None = None
) -> RecognitionCorrection:
    """Nothing is recognised for anybody of the class, but for whom this correction says otherwise."""

    def write(case: RecognitionCorrection) -> None:
        case.lines.filter(kind=Kind.WHOLE).delete()
        _add(case, [_line(case, Kind.WHOLE, reason)])

    return _prepare(correction, actor, version, write)


def settle_rest(
    *, correction: RecognitionCorrection, keep: bool, reason: str, actor: Actor, version: int | None = None
) -> RecognitionCorrection:
    """Everybody whose amount the half-days leave open: what they had (`keep`), or nothing.

    Of whom this correction gives an amount already, that amount is what is kept, with its own reason.
    """

    def write(case: RecognitionCorrection) -> None:
        found = reach_of(case)
        open_ones = found.to_decide
        if keep:
            said = _keep_what_is_said(case, open_ones)
            open_ones = [each for each in open_ones if each.enrolment.pk not in said]
        had = {each.enrolment.pk: {(one.year, one.subject): one.amount for one in each.finals}
               for each in found.before.trainees}  # fmt: skip
        nothing = {(each.year, each.subject): Decimal(0) for each in found.after.amounts_possible}
        rest = [(each, nothing | (had.get(each.enrolment.pk, {}) if keep else {})) for each in open_ones]
        _replace_amounts(case, rest, reason)

    return _prepare(correction, actor, version, write)


def undo(
    *,
    correction: RecognitionCorrection,
    earlier: RecognitionCorrection | None,
    actor: Actor,
    version: int | None = None,
) -> RecognitionCorrection:
    """The earlier correction of the same recognition that does not hold any more; None: all of them go on to hold."""

    def write(case: RecognitionCorrection) -> None:
        held = case.recognition.corrections.filter(state=RecognitionCorrection.State.CORRECTED)
        if earlier and not held.filter(pk=earlier.pk).exists():
            raise NotPossible(earlier="只能撤回本班已生效的更正")
        case.undoes = earlier

    return _prepare(correction, actor, version, write)


def remove_line(*, line: CorrectionLine, actor: Actor) -> RecognitionCorrection:
    """Take one change back; with an amount all amounts of the same trainee. Raises NotPossible."""

    def write(case: RecognitionCorrection) -> None:
        rows = case.lines.filter(pk=line.pk)
        if line.kind == Kind.AMOUNT:
            rows = case.lines.filter(kind=Kind.AMOUNT, enrolment=line.enrolment_id, person=line.person_id)
        rows.delete()

    return _prepare(line.correction, actor, None, write)


@transaction.atomic
def _prepare(
    correction: RecognitionCorrection,
    actor: Actor,
    version: int | None,
    write: Callable[[RecognitionCorrection], None],
) -> RecognitionCorrection:
    case = _locked(correction)
    if not is_prepared_by(case, actor):
        raise NotPossible(NOT_NOW.format(case.get_state_display()))
    case.must_be(version)
    write(case)
    case.count_edit(actor)
    case.save(update_fields=[*Versioned.COUNTED, "undoes"])
    record(case, "lines_changed", actor=actor, data={"lines": case.lines.count()})
    return case


def _locked(correction: RecognitionCorrection) -> RecognitionCorrection:
    return RecognitionCorrection.objects.select_for_update().get(pk=correction.pk)


def _replace_amounts(
    case: RecognitionCorrection, wanted: Sequence[tuple[Trainee, Mapping[tuple[int, str], Decimal]]], reason: str
) -> None:
    case.lines.filter(kind=Kind.AMOUNT, enrolment__in=[trainee.enrolment for trainee, _ in wanted]).delete()
    lines = [
        _line(case, Kind.AMOUNT, reason, enrolment=trainee.enrolment, year=year, subject=subject, amount=amount,
              basis=basis_of(trainee.result))
        for trainee, amounts in wanted
        for (year, subject), amount in amounts.items()
    ]  # fmt: skip
    _add(case, lines)


def _keep_what_is_said(case: RecognitionCorrection, trainees: Sequence[Trainee]) -> set[int]:
    """The amounts that this correction gives these trainees hold for their half-days of now. Whose they are."""
    basis: dict[int | None, str] = {each.enrolment.pk: basis_of(each.result) for each in trainees}
    lines = list(case.lines.filter(kind=Kind.AMOUNT, enrolment__in=basis))
    for line in lines:
        line.basis = basis[line.enrolment_id]
    CorrectionLine.objects.bulk_update(lines, ["basis"], batch_size=500)
    return {line.enrolment_id for line in lines if line.enrolment_id}


def _line(case: RecognitionCorrection, kind: str, reason: str, **what: Any) -> CorrectionLine:
    return CorrectionLine(correction=case, kind=kind, reason=reason, **what)


def _add(case: RecognitionCorrection, lines: Sequence[CorrectionLine]) -> None:
    CorrectionLine.objects.bulk_create(lines, batch_size=500)
