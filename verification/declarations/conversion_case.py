"""The way of a figure of the conversion tables: written by a handler, tried, decided by the approver (V2)."""

from __future__ import annotations

from luojiang_ce.filters import by_words
from luojiang_ce.locks import Lock, hold
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Passed, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, fire, four_eyes
from luojiang_ce.workflow.events import record
from units.access import APPROVER, NOBODY
from units.drafted_case import Drafting, may_change
from units.filed_case import tell_handlers
from verification.declarations.conversions import REVISION, last_day_before
from verification.declarations.models import Conversion
from verification.requirements.case import end_was_tried, was_tried

S = Conversion.State


def stands_once(context: Context) -> str | None:
    """On one day one figure holds for the same learning: of two neither would be proposed."""
    other = Conversion.objects.in_force().overlapping(context.case).first()
    if other is None:
        return None
    return (
        f"与执行中的“{other}”（{other.document}，{other.span}）适用的日子重叠，两条都会失效；"
        "请在那一条上拟定修订，或先停用它，或改这一条的起止日期"
    )


def take_the_place(context: Context) -> None:
    """What it revises ends the day before, or holds no more where it began on the same day or later. Of two approvers
    at once the second sees what the first has put in force."""
    case: Conversion = context.case
    hold(Lock.CONVERSIONS)
    if wrong := stands_once(context):
        raise NotPossible(wrong)
    former = case.replaces
    if former and former.state == S.IN_FORCE:
        last = last_day_before(former, case)
        if last is None:
            fire(former, "give_way", actor=SYSTEM, note=f"由“{case}”代替")
        else:
            Conversion.objects.filter(pk=former.pk).update(valid_to=min(last, former.valid_to or last))
            record(former, "conversion_ended", actor=SYSTEM, note=f"至 {last} 止，其后由“{case}”代替")
    tell_handlers(context)


DRAFTING = Drafting("拟定折算标准", "审批折算标准", (stands_once, REVISION.is_one, was_tried))

CONVERSION = Workflow(
    states={
        **DRAFTING.states(),
        S.IN_FORCE: state("is-done"),
        S.OFF: state("is-idle"),
    },
    transitions=(
        *DRAFTING.transitions(),
        Transition(
            "put_in_force", "批准执行", (S.PROPOSED,), S.IN_FORCE, APPROVER, "批准执行",
            guards=(stands_once, REVISION.is_one, was_tried, four_eyes()), effect=take_the_place, form=REASON,
            style="primary",
        ),
        Transition(
            "end", "停用", (S.IN_FORCE,), S.OFF, APPROVER, "停用",
            guards=(end_was_tried,), effect=tell_handlers, form=REASON, style="danger",
        ),
        Transition("give_way", "被新标准代替", (S.IN_FORCE,), S.OFF, NOBODY, "被新标准代替", hidden=True),
    ),
    path=(
        Step("拟定", (S.DRAFT,), "区人社局经办"),
        Step("审批", (S.PROPOSED,), "区人社局审批"),
        Step("执行", (S.IN_FORCE,), passed=lambda case: Passed() if case.state == S.IN_FORCE else None),
    ),
)  # fmt: skip

KIND = CaseKind(
    Conversion,
    CONVERSION,
    drafts=may_change,
    finds=by_words("document", "level"),
    events={"conversion_ended": "由修订代替，其后不再适用"},
)
