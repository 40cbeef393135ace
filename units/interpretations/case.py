"""Interpretations: written by a handler, published and withdrawn by the approver (notice 三4)."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from units.access import APPROVER, HANDLER
from units.filed_case import hand_up, tell_handlers
from units.interpretations.models import Interpretation

S = Interpretation.State


def may_change(interpretation: Interpretation, actor: Actor) -> bool:
    """A draft, by the bureau's handlers: what was published is withdrawn and written anew."""
    return interpretation.state == S.DRAFT and HANDLER.test(actor, interpretation)


def number_it(context: Context) -> None:
    """It can be cited from now on."""
    year = clock.local(context.now).year
    context.case.number = next_number("interpretation", year, seed="{year}-JS-{seq:03d}", title="条款解释编号")
    tell_handlers(context)


def date_withdrawal(context: Context) -> None:
    context.case.withdrawn_on = clock.local(context.now).date()
    tell_handlers(context)


INTERPRETATION = Workflow(
    states={
        S.DRAFT: state("is-idle", Turn(HANDLER, "写条款解释")),
        S.PROPOSED: state("is-turn", Turn(APPROVER, "审批条款解释")),
        S.IN_FORCE: state("is-done"),
        S.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        Transition(
            "propose", "送审批", (S.DRAFT,), S.PROPOSED, HANDLER, "送审批", effect=hand_up, style="primary",
        ),
        Transition("take_back", "取回修改", (S.PROPOSED,), S.DRAFT, HANDLER, "取回修改"),
        Transition(
            "send_back", "退回修改", (S.PROPOSED,), S.DRAFT, APPROVER, "退回修改", effect=tell_handlers, form=REASON,
        ),
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
