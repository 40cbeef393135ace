"""The record of what nobody met in time (product.md R4): its table and its kind."""

from __future__ import annotations

from luojiang_ce.access import READ_CASES
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Transition, Turn, Workflow, state
from units.access import APPROVER, NOBODY
from units.extensions.models import Lapse
from units.notify import clerks_of, tell

L = Lapse.State


def confirm(context: Context) -> None:
    context.case.confirmed_by_id = context.actor.pk
    tell(clerks_of(context.case.unit_id), f"{context.case.title}：已确认不再认定", context)


def unconfirm(context: Context) -> None:
    context.case.confirmed_by_id = None


def new_day(context: Context) -> None:
    """Overdue again after a later day: that day is the one that was missed."""
    context.case.due, context.case.recorded_at = context.data["due"], context.now


LAPSE = Workflow(
    states={
        L.RECORDED: state("is-late"),
        L.PROPOSED: state("is-late", Turn(APPROVER, "确认不再认定", note=lambda lapse: "逾期未申报学时认定")),
        L.CONFIRMED: state("is-late"),
        L.LIFTED: state("is-idle"),
    },
    transitions=(
        # R4: the notice names no consequence; the worker proposes, the approver confirms.
        Transition(
            "confirm", "确认不再认定", (L.PROPOSED,), L.CONFIRMED, APPROVER, "确认不再认定",
            effect=confirm, form=REASON, style="danger",
        ),
        Transition(
            "unconfirm", "撤回确认", (L.CONFIRMED,), L.PROPOSED, APPROVER, "撤回确认", effect=unconfirm, form=REASON
        ),
        Transition(
            "lift", "解除", (L.RECORDED, L.PROPOSED, L.CONFIRMED), L.LIFTED, NOBODY, "解除（期限已延后，或事项已了结）",
            effect=unconfirm, hidden=True,
        ),
        Transition("again", "再次逾期", (L.LIFTED,), L.RECORDED, NOBODY, "再次逾期", effect=new_day, hidden=True),
        Transition(
            "again_proposed", "再次逾期", (L.LIFTED,), L.PROPOSED, NOBODY, "再次逾期", effect=new_day, hidden=True
        ),
    ),
)  # fmt: skip

READ_LAPSES = NavItem(
    "逾期记录", "calendar-x", "terms:lapses", READ_CASES.roles, group=Section.LOOKUP, order=78, also=("terms:lapse",)
)
KIND = CaseKind(Lapse, LAPSE, entries=(READ_LAPSES,), year="due__year")
