"""A person of another unit is asked for: who answers, by when, and what then happens (product.md U3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Role
from luojiang_ce.home.registry import Demo
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, working_days_after
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.pages import CasePage
from units.access import BUREAU
from units.filed_case import titled
from units.models import ReleaseRequest
from units.notify import clerks_of, tell
from units.services.employment import move_problems, transfer
from units.services.releases import ASKED, IN_VAIN
from units.terms import Terms

State = ReleaseRequest.State
ANSWER = "答复调入申请"
RELEASE = DeadlineKind(
    "release",
    ANSWER,
    "区人社局设定",
    working_days_after("申请", lambda settings: settings.release_days or 0),
    in_working_days=True,
    public=False,
    filed=False,
)
# A unit without a clerk, or one that does not answer, stops nothing: the bureau may always act in its place.
EMPLOYER = Who(
    "所在单位专办员或区人社局",
    (Role.UNIT_CLERK, *DO_BUREAU_WORK.roles),
    lambda actor, case: case.unit_id in actor.unit_ids(Role.UNIT_CLERK) or actor.holds(*DO_BUREAU_WORK.roles),
)
ASKER = Who(
    "申请单位专办员", (Role.UNIT_CLERK,), lambda actor, case: case.to_unit_id in actor.unit_ids(Role.UNIT_CLERK)
)


def answered_by(case: ReleaseRequest, terms: Terms) -> Deadline | None:
    """The bureau's figure, where it has set one; without it no clock runs."""
    asked = clock.local(case.created_at).date()
    return terms.due(RELEASE, asked) if terms.settings_on(asked).release_days else None


# --- guards and effects -----------------------------------------------------------------------------------------------


def _still_here(context: Context) -> str | None:
    """A unit lets go of its own people only; of who has moved on since, the bureau knows more."""
    job = context.case.person.job
    if BUREAU.test(context.actor, context.case) or (job and job.unit_id == context.case.unit_id):
        return None
    return "此人已不在本单位，由区人社局促进就业和培训股答复"


def _can_move(context: Context) -> str | None:
    case = context.case
    on = context.data.get("on") or case.started_on
    problems = move_problems(case.person, case.person.job, case.to_unit, on).found
    return "；".join(text for texts in problems.values() for text in texts) or None


def _release(context: Context) -> None:
    case: Any = context.case
    transfer(
        person=case.person,
        to=case.to_unit,
        on=context.data.get("on") or case.started_on,
        actor=context.actor,
        department=case.department,
        reason="；".join(filter(None, ("按调入申请办理", context.note))),
    )
    _tell_asker(context)
    if case.unit_id not in context.actor.unit_ids(Role.UNIT_CLERK):
        tell(clerks_of(case.unit_id), titled(case, "已由区人社局同意"), context)


def _tell_asker(context: Context) -> None:
    tell(clerks_of(context.case.to_unit_id), titled(context.case, context.transition.done), context)


def _tell_employer(context: Context) -> None:
    tell(clerks_of(context.case.unit_id), titled(context.case, "已撤回"), context)


not_the_asker = four_eyes(said="申请调入和答复须为两人，本件您办过“{}”，请另一位答复")


# --- the table --------------------------------------------------------------------------------------------------------

RELEASING = Workflow(
    states={
        State.ASKED: state("is-turn", Turn(EMPLOYER, ANSWER, answered_by)),
        State.RELEASED: state("is-done"),
        State.REFUSED: state("is-late"),
        State.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        Transition("withdraw", "撤回申请", (State.ASKED,), State.WITHDRAWN, ASKER, "撤回", effect=_tell_employer),
        Transition(
            "refuse", "不同意调出", (State.ASKED,), State.REFUSED, EMPLOYER, "不同意调出",
            guards=(not_the_asker, _still_here), effect=_tell_asker, form=REASON, style="danger",
        ),
        Transition(
            "release", "同意调出", (State.ASKED,), State.RELEASED, EMPLOYER, "同意调出",
            guards=(not_the_asker, _still_here, _can_move), effect=_release,
            form="units.forms.releases.ReleaseForm", style="primary",
        ),
    ),
    path=(Step("答复", (State.ASKED,), "所在单位或区人社局"),),
)  # fmt: skip


def named(case: ReleaseRequest) -> str:
    """How the lists of those who answer call it."""
    return f"{case.person.name} 调往{case.to_unit.short}"


def as_asked(page: CasePage) -> CasePage:
    """The page for whoever only asks: who acted in the other unit would tell which one it is."""
    return replace(page, history=[], path=[replace(step, who="") for step in page.path])


KIND = CaseKind(
    ReleaseRequest,
    RELEASING,
    deadlines=(RELEASE,),
    named=named,
    rows=lambda rows: rows.select_related("person", "to_unit"),
    events={ASKED: "申请调入", IN_VAIN: "申请调入，没有在其他单位任职的人员"},
    demo=Demo("调入申请", "units.demo.build_releases", order=95),
)
