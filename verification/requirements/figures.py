"""The way of a yearly figure: written by a handler with its document, tried, decided by the approver (V2)."""

from __future__ import annotations

from luojiang_ce.filters import by_words
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Passed, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from units.access import APPROVER
from units.drafted_case import Drafting, may_change
from units.filed_case import tell_handlers
from verification.requirements.case import was_tried
from verification.requirements.models import FigureChange, RequirementSetting
from verification.requirements.services import set_figure, unset_figure

S = FigureChange.State


def stands(change: FigureChange) -> RequirementSetting | None:
    """The figure that is in force for the year; None: 未设定."""
    return RequirementSetting.objects.filter(year=change.year, key=change.key).select_related("entered_by").first()


def changes_something(context: Context) -> str | None:
    case: FigureChange = context.case
    former = stands(case)
    if case.amount is None:
        return None if former else "这一年度这一项本来就未设定"
    same = former is not None and (former.amount, former.document) == (case.amount, case.document)
    return "与现在的设定相同，不用再送审批" if same else None


def put_in_force(context: Context) -> None:
    """It holds from now on for whoever is not filed yet."""
    case: FigureChange = context.case
    former = stands(case)
    if case.amount is not None:
        amount, document = case.amount, case.document
        set_figure(year=case.year, key=case.key, amount=amount, document=document, actor=context.actor)
    elif former:
        unset_figure(figure=former, actor=context.actor)
    tell_handlers(context)


DRAFTING = Drafting("拟定年度学时", "审批年度学时", (changes_something, was_tried))

FIGURES = Workflow(
    states={
        **DRAFTING.states(),
        S.DECIDED: state("is-done"),
    },
    transitions=(
        *DRAFTING.transitions(),
        Transition(
            "put_in_force", "批准执行", (S.PROPOSED,), S.DECIDED, APPROVER, "批准执行",
            guards=(changes_something, was_tried, four_eyes()), effect=put_in_force, form=REASON, style="primary",
        ),
    ),
    path=(
        Step("拟定", (S.DRAFT,), "区人社局经办"),
        Step("审批", (S.PROPOSED,), "区人社局审批"),
        Step("执行", (S.DECIDED,), passed=lambda case: Passed() if case.state == S.DECIDED else None),
    ),
)  # fmt: skip

KIND = CaseKind(FigureChange, FIGURES, drafts=may_change, finds=by_words("document"))
