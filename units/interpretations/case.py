"""Interpretations: written by a handler, published and withdrawn by the approver (notice 三4)."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from units.access import APPROVER
from units.drafted_case import Drafting, may_change
from units.filed_case import tell_handlers
from units.interpretations.models import Interpretation

S = Interpretation.State


def number_it(context: Context) -> None:
    """It can be cited from now on."""
    year = clock.local(context.now).year
    context.case.number = next_number("interpretation", year, seed="{year}-JS-{seq:03d}", title="条款解释编号")
    tell_handlers(context)


def date_withdrawal(context: Context) -> None:
    context.case.withdrawn_on = clock.local(context.now).date()
    tell_handlers(context)


DRAFTING = Drafting("写条款解释", "审批条款解释")

INTERPRETATION = Workflow(
    states={
        **DRAFTING.states(),
        S.IN_FORCE: state("is-done"),
        S.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        *DRAFTING.transitions(),
        Transition(
            "publish", "批准公布", (S.PROPOSED,), S.IN_FORCE, APPROVER, "公布",
            guards=(four_eyes(),), effect=number_it, style="primary",
        ),
        Transition(
            "withdraw", "撤销解释", (S.IN_FORCE,), S.WITHDRAWN, APPROVER, "撤销",
            effect=date_withdrawal, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("拟写", (S.DRAFT,), "区人社局经办"),
        Step("审批公布", (S.PROPOSED,), "区人社局审批"),
    ),
)  # fmt: skip

KIND = CaseKind(
    Interpretation,
    INTERPRETATION,
    drafts=may_change,
    finds=by_words("number", "question", "answer"),
    demo=Demo("条款解释", "units.interpretations.demo.build", order=96),
    entries=(NavItem("条款解释", "book-open-check", "interpretations:list", group=Section.RULES, order=82),),
)
