"""A spot check from its assignment to its end (notice 一(五)4, product.md I1, I2): guards, effects, tables, kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_INSPECTIONS, Actor, Role, keys_of
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself
from luojiang_ce.workflow.case_kind import (
    REASON,
    CaseKind,
    Context,
    Guard,
    Step,
    Transition,
    Turn,
    Who,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import SYSTEM, fire, four_eyes
from training.inspections.models import Finding, Inspection, OutsideReport
from units.access import APPROVER, HANDLER, NOBODY
from units.filed_case import titled
from units.notify import approvers, clerks_of, handlers, tell
from units.terms import Terms

S, R = Inspection.State, OutsideReport.State
AT_LEAST = 2  # inspectors of one visit (product.md I1)
PHOTO, PROVIDER = "photo", "sign-provider"  # materials

# notice 一(五)4: 不定期进行监督检查; the day is the officer's, and binds nobody outside.
VISIT = DeadlineKind(
    "inspection", "现场检查", "通知 一(五)4", the_day_itself("按安排 {day} 到现场检查"), public=False, filed=False
)


def _is_inspector_of(actor: Actor, case: Inspection) -> bool:
    # Of a list of visits they are at hand.
    return actor.holds(Role.INSPECTOR) and any(each.pk == actor.pk for each in case.inspectors.all())


INSPECTORS = Who("检查人", (Role.INSPECTOR,), _is_inspector_of)


def on_the_day(case: Inspection, terms: Terms) -> Deadline:
    """The planned day of the visit."""
    return terms.due(VISIT, case.planned_on)


def sheet_of(case: Inspection) -> str:
    """Where the visit is recorded."""
    return reverse("inspections:sheet", args=[case.pk])


# --- what comes with it -----------------------------------------------------------------------------------------------


def sign_code(account: Actor) -> str:
    """Under which material an inspector's signature lies."""
    return f"sign-{account.pk}"


def materials(case: Inspection) -> dict[str, str]:
    """What the sheet brings: photographs, and a signature of every inspector and of the provider; titles by code."""
    signs = {sign_code(each): f"检查人签名 {each.name}" for each in case.inspectors.all()}
    return {PHOTO: "现场照片", **signs, PROVIDER: "单位签名"}


def may_change_files(case: Inspection, account: Actor) -> bool:
    """The inspectors', until the record is sent."""
    return case.state == Inspection.State.ASSIGNED and INSPECTORS.test(account, case)


# Pictures come through the sheet alone, which looks at each (recording.keep_picture).
FILES = FileRules(lambda case: (), may_change_files)


# --- guards -----------------------------------------------------------------------------------------------------------


def found_nothing(context: Context) -> str | None:
    if Finding.objects.filter(inspection=context.case).exists():
        return "检查发现了问题，请转入处理"
    return None


def did_not_inspect(visit_of: Callable[[Any], Inspection]) -> Guard:
    """Who found something does not decide what follows from it, with whatever account; nor who only went along."""

    def guard(context: Context) -> str | None:
        hands = keys_of(visit_of(context.case).inspectors.all())
        own = context.actor.person_keys & hands
        return "您是这次检查的检查人，不能处理检查结果，请另一位审批人办理" if own else None

    return guard


def found_something(context: Context) -> str | None:
    if Finding.objects.filter(inspection=context.case).exists():
        return None
    return "检查没有发现问题，请直接办结"


def sheet_is_whole(context: Context) -> str | None:
    """Nothing is recorded that was not seen and signed on the spot."""
    sheet = getattr(context.case, "sheet", None)
    return None if sheet and sheet.sent_at else "现场检查记录还没有填完"


# --- effects ----------------------------------------------------------------------------------------------------------


def record_visit(context: Context) -> None:
    """The unit hears of the visit now, and not before; the handlers have the record to look at."""
    case: Inspection = context.case
    case.recorded_at = context.now
    tell(handlers(), titled(case, "已记录"), context)
    tell_recorded(case)


def tell_recorded(case: Inspection) -> None:
    """The unit's clerks, where the unit is known, may read the record from now on."""
    if case.unit_id:
        notify(
            clerks_of(case.unit_id),
            titled(case, "已记录"),
            key=f"inspection-{case.pk}-unit-{case.unit_id}",
            text="区人社局到现场检查过，请查看检查记录",
            case=case,
        )


def call_off(context: Context) -> None:
    """The unit never knew of it. What was reported from outside waits again, unless somebody else is sent for it."""
    case: Inspection = context.case
    tell(case.inspectors.all(), titled(case, "已取消"), context)
    sent = Inspection.objects.filter(report=case.report_id).exclude(pk=case.pk).exclude(state=S.CANCELLED)
    if case.report and not sent.exists():
        fire(case.report, "reopen", actor=SYSTEM)


def pass_up(context: Context) -> None:
    tell(approvers(), titled(context.case, "待处理"), context)


def tell_outcome(context: Context) -> None:
    """Who was inspected hears how it ended."""
    case: Inspection = context.case
    tell(clerks_of(case.unit_id) if case.unit_id else (), titled(case, context.transition.done), context)


def give_number(case: Inspection) -> None:
    """Its number, when it is assigned."""
    case.number = next_number("inspection", clock.today().year, seed="{year}-JC-{seq:04d}", title="监督检查编号")


# --- tables -----------------------------------------------------------------------------------------------------------

TABLE = Workflow(
    states={
        S.ASSIGNED: state("is-soon", Turn(INSPECTORS, "现场检查", on_the_day, at=sheet_of)),
        S.RECORDED: state("is-turn", Turn(HANDLER, "核对检查记录")),
        S.TO_DECIDE: state("is-turn", Turn(HANDLER, "处理检查发现的问题")),
        S.CLOSED: state("is-done"),
        S.CANCELLED: state("is-idle"),
    },
    transitions=(
        Transition(
            "record", "提交检查记录", (S.ASSIGNED,), S.RECORDED, INSPECTORS, "完成现场检查",
            guards=(sheet_is_whole,), effect=record_visit, hidden=True,
        ),
        Transition(
            "cancel", "取消检查", (S.ASSIGNED,), S.CANCELLED, HANDLER, "取消检查",
            effect=call_off, form=REASON, style="danger",
        ),
        Transition(
            "close", "办结", (S.RECORDED,), S.CLOSED, HANDLER, "办结",
            guards=(found_nothing,), effect=tell_outcome, style="primary", many=True,
        ),
        Transition(
            "take_up", "转入处理", (S.RECORDED,), S.TO_DECIDE, HANDLER, "转入处理",
            guards=(found_something,), effect=pass_up, style="primary",
        ),
        Transition(
            "close_without", "不作处理，办结", (S.TO_DECIDE,), S.CLOSED, APPROVER, "不作处理",
            guards=(four_eyes(), did_not_inspect(lambda case: case)), effect=tell_outcome, form=REASON,
        ),
        # Fired with a decision on the visit, and when one is withdrawn.
        Transition("decide", "作出处理决定", (S.TO_DECIDE,), S.CLOSED, NOBODY, "处理决定生效", hidden=True),
        Transition("reopen", "重新处理", (S.CLOSED,), S.TO_DECIDE, NOBODY, "处理决定撤回", hidden=True),
    ),
    path=(
        Step("现场检查", (S.ASSIGNED,), "检查人"),
        Step("核对", (S.RECORDED,), "区人社局经办"),
        Step("处理", (S.TO_DECIDE,), "区人社局"),
        Step("办结", (), ""),
    ),
)  # fmt: skip

REPORT_TABLE = Workflow(
    states={
        R.RECEIVED: state("is-turn", Turn(HANDLER, "处理举报")),
        R.INSPECTED: state("is-done"),
        R.CLOSED: state("is-idle"),
    },
    transitions=(
        Transition("inspect", "安排检查", (R.RECEIVED,), R.INSPECTED, HANDLER, "安排检查", hidden=True),
        Transition("close", "了结", (R.RECEIVED,), R.CLOSED, HANDLER, "了结", form=REASON),
        Transition("reopen", "重新处理", (R.INSPECTED,), R.RECEIVED, NOBODY, "检查取消，重新处理", hidden=True),
    ),
    path=(Step("处理", (R.RECEIVED,), "区人社局经办"),),
)

KIND = CaseKind(
    Inspection,
    TABLE,
    deadlines=(VISIT,),
    named=lambda case: f"{case.subject}　{case.when}",
    rows=lambda rows: rows.select_related("application").prefetch_related("inspectors"),
    finds=by_words("number", "application__title", "event_name", "place", "provider_name"),
    missable=lambda case: False,
    files=FILES,
    events={"assigned": "安排检查", "class_attached": "归入培训班"},
    entries=(
        NavItem(
            "监督检查",
            "clipboard-check",
            "inspections:list",
            READ_INSPECTIONS.roles,
            order=37,
            group=Section.INSPECTIONS,
        ),
    ),
    demo=Demo("监督检查", "training.inspections.demo.build", order=75),
    clauses=("一(五)4",),
)
REPORTS = CaseKind(
    OutsideReport,
    REPORT_TABLE,
    named=lambda case: case.number or "",
    rows=lambda rows: rows.select_related("application"),
    finds=by_words("number", "provider_name", "place"),
    events={"report_taken": "登记举报"},
    archived=False,  # who asked for secrecy is named to two people, and a package is read by many
    entries=(
        NavItem(
            "举报",
            "flag",
            "inspections:reports",
            DO_BUREAU_WORK.roles,
            order=38,
            also=(
                "inspections:report",
                "inspections:new_report",
            ),
            group=Section.INSPECTIONS,
        ),
    ),
)
