"""Sanctions on persons (notice 三3): states, guards and transitions in one table, and the kind.

The unit decides, by its own document, and its clerk records it; the bureau reads it and is not asked.
"""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_SANCTIONS, Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.refusals import Mended
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from units.filed_case import files_are_there, mark_submitted, materials_at, titled
from units.models import Employment
from units.notify import clerks_of, tell
from units.sanctions.checks import faults_of_time
from units.sanctions.models import Sanction, label_of

State = Sanction.State
DECISION = (Material("decision", "处理决定", "本单位印发的处理决定或会议纪要，扫描件", "三3"),)


def _decides(actor: Actor, sanction: Sanction) -> bool:
    """The clerk of the unit that decided it, or of the one that it was merged into."""
    return bool({sanction.unit_id, sanction.unit.merged_into_id} & actor.unit_ids(Role.UNIT_CLERK))


UNIT = Who("处理单位专办员", (Role.UNIT_CLERK,), _decides)


def may_change(sanction: Sanction, actor: Actor) -> bool:
    """A draft, by its unit: what was recorded is withdrawn and recorded anew. Also for its file."""
    return sanction.state == State.DRAFT and UNIT.test(actor, sanction)


def edit_url(sanction: Sanction) -> str:
    """Where its unit changes it."""
    return reverse("sanctions:edit", args=[sanction.pk])


# --- guards -----------------------------------------------------------------------------------------------------------


# notice 三3: 解聘其专业技术职务, 不予报销其学习费用 are an employer's to decide.
def of_own_time(context: Context) -> str | None:
    """What happened while the person worked in the unit; asked again, since people move while a draft lies."""
    found = faults_of_time(context.case)
    if not found:
        return None
    labels = {label_of(name): name for name in found}
    links = {label: f"{edit_url(context.case)}#id_{name}" for label, name in labels.items()}
    return Mended("；".join(f"{label}：{found[name]}" for label, name in labels.items()), links)


def not_recorded_yet(context: Context) -> str | None:
    """The same event is recorded once for one document, whoever of the unit clicks."""
    case: Sanction = context.case
    same = {name: getattr(case, name) for name in ("person_id", "unit_id", "breach", "happened_on", "document")}
    other = Sanction.objects.filter(state=State.IN_FORCE, **same).exclude(pk=case.pk).first()
    return f"同一情况、同一文件已经登记（{other.number}），不要重复登记；这份草稿可以删除" if other else None


def withdrawn_in_its_time(context: Context) -> str | None:
    """Not before the decision, and not ahead."""
    day: date | None = context.data.get("withdrawn_on")
    if day is None or context.case.decided_on <= day <= clock.local(context.now).date():
        return None  # the form asks for the day
    return f"撤销日期须不早于决定日期 {full(context.case.decided_on)}，且不晚于今天"


# --- effects ----------------------------------------------------------------------------------------------------------


def note_recording(context: Context) -> None:
    """It holds; the bureau can read it from now on."""
    case: Sanction = context.case
    year = clock.local(context.now).year
    case.number = next_number("sanction", year, seed="{year}-WG-{seq:03d}", title="个人违规处理编号")
    mark_submitted(context)
    _tell_present_unit(context, linked=not case.has_ended)


def note_withdrawal(context: Context) -> None:
    context.case.withdrawn_on = context.data["withdrawn_on"]
    _tell_present_unit(context, linked=False)


def _tell_present_unit(context: Context, *, linked: bool) -> None:
    """Where the person works now, if that is another unit than the one that acts."""
    case: Sanction = context.case
    job = Employment.objects.filter(person=case.person_id, ended_on=None).exclude(unit=case.unit_id).first()
    if job and job.unit_id != case.unit.merged_into_id:
        tell(clerks_of(job.unit_id), titled(case, context.transition.done), context, linked=linked)


# --- table ------------------------------------------------------------------------------------------------------------

SANCTION = Workflow(
    states={
        State.DRAFT: state("is-idle", Turn(UNIT, "登记处理")),
        State.IN_FORCE: state("is-soon"),
        State.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        Transition(
            "record", "登记处理", (State.DRAFT,), State.IN_FORCE, UNIT, "登记",
            guards=(files_are_there, of_own_time, not_recorded_yet), effect=note_recording, style="primary", files=True,
        ),
        Transition(
            "withdraw", "撤销处理", (State.IN_FORCE,), State.WITHDRAWN, UNIT, "撤销",
            guards=(withdrawn_in_its_time,), effect=note_withdrawal, style="danger",
            form="units.sanctions.forms.WithdrawForm",
        ),
    ),
    path=(Step("登记", (State.DRAFT,), "处理单位专办员"),),
)  # fmt: skip


KIND = CaseKind(
    Sanction,
    SANCTION,
    drafts=may_change,
    named=lambda case: f"{case.person.name}：{case.what}",
    rows=lambda rows: rows.select_related("person", "unit"),
    finds=by_words("number", "person__name", "document"),
    places=lambda case: materials_at(case, DECISION),
    files=FileRules(lambda case: DECISION, may_change),
    entries=(
        NavItem("违规处理", "gavel", "sanctions:list", READ_SANCTIONS.roles, group=Section.INSPECTIONS, order=48),
    ),
    demo=Demo("个人违规处理", "units.sanctions.demo.build", order=97),
    clauses=("三3",),
)
