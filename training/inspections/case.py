"""A spot check from its assignment to its end (notice 一(五)4, product.md I1, I2): guards, effects, tables, kinds."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.filters import by_words
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from luojiang_ce.workflow.engine import four_eyes
from training.inspections.models import Finding, Inspection, OutsideReport
from units.access import APPROVER, HANDLER, NOBODY
from units.filed_case import titled
from units.notify import approvers, clerks_of, handlers, tell
from units.terms import Terms

S, R = Inspection.State, OutsideReport.State
AT_LEAST = 2  # inspectors of one visit (product.md I1)

# notice 一(五)4: 不定期进行监督检查; the day is the officer's, and binds nobody outside.
VISIT = DeadlineKind(
    "inspection", "现场检查", "通知 一(五)4", the_day_itself("按安排 {day} 到现场检查"), public=False, filed=False
)


def _is_inspector_of(actor: Actor, case: Inspection) -> bool:
    return actor.holds(Role.INSPECTOR) and case.inspectors.filter(pk=actor.pk).exists()


INSPECTORS = Who("检查人", (Role.INSPECTOR,), _is_inspector_of)


def on_the_day(case: Inspection, terms: Terms) -> Deadline:
    """The planned day of the visit."""
    return terms.due(VISIT, case.planned_on)


# --- guards -----------------------------------------------------------------------------------------------------------


def found_nothing(context: Context) -> str | None:
    if Finding.objects.filter(inspection=context.case).exists():
        return "检查发现了问题，须转入处理，不能直接办结"
    return None


def found_something(context: Context) -> str | None:
    if Finding.objects.filter(inspection=context.case).exists():
        return None
    return "检查没有发现问题，可以直接办结"


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
    tell(clerks_of(case.unit_id) if case.unit_id else (), titled(case, "已记录"), context)


def tell_inspectors(context: Context) -> None:
    """The visit is off. The unit never knew of it."""
    tell(context.case.inspectors.all(), titled(context.case, "已取消"), context)


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
        S.ASSIGNED: state("is-soon", Turn(INSPECTORS, "现场检查", on_the_day)),
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
            effect=tell_inspectors, form=REASON, style="danger",
        ),
        Transition(
            "close", "未发现问题，办结", (S.RECORDED,), S.CLOSED, HANDLER, "办结",
            guards=(found_nothing,), effect=tell_outcome, style="primary", many=True,
        ),
        Transition(
            "take_up", "转入处理", (S.RECORDED,), S.TO_DECIDE, HANDLER, "转入处理",
            guards=(found_something,), effect=pass_up, style="primary",
        ),
        Transition(
            "close_without", "不作处理，办结", (S.TO_DECIDE,), S.CLOSED, APPROVER, "不作处理",
            guards=(four_eyes(),), effect=tell_outcome, form=REASON,
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
    ),
    path=(Step("处理", (R.RECEIVED,), "区人社局经办"),),
)

KIND = CaseKind(
    Inspection,
    TABLE,
    deadlines=(VISIT,),
    named=lambda case: f"{case.subject}　{case.when}",
    rows=lambda rows: rows.select_related("application"),
    finds=by_words("number", "application__title", "event_name", "place", "provider_name"),
    missable=lambda case: False,
    events={"assigned": "指派检查", "class_attached": "归入培训班"},
)
REPORTS = CaseKind(
    OutsideReport,
    REPORT_TABLE,
    named=lambda case: case.number or "",
    rows=lambda rows: rows.select_related("application"),
    finds=by_words("number", "provider_name", "place"),
)
