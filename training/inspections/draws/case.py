"""A draw from the frozen list to what is carried out: guards, table, kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from luojiang_ce import clock
from luojiang_ce.access import READ_DRAWS, Actor, Role
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from units.access import HANDLER

from .carrying_out import ask_for_originals, assign_visits, draw_by_number, draw_by_system
from .draw import digest_of
from .models import Draw
from .repeating import published_digest

S = Draw.State


def number_known(case: Draw) -> str:
    """What lists say beside a draw that waits for a public number."""
    return f"号码{full(case.seed_on)}公布" if case.seed_on else ""


def handler_where(test: Callable[[Draw], bool]) -> Who:
    """A handler, of the draws of which this holds."""

    def may(actor: Actor, case: Draw) -> bool:
        return actor.holds(Role.BUREAU_HANDLER) and test(case)

    return Who(HANDLER.label, HANDLER.roles, may)


OF_SYSTEM = handler_where(lambda case: case.seed_from == Draw.Seed.SYSTEM)
OF_NUMBER = handler_where(lambda case: case.seed_from == Draw.Seed.PUBLIC)
OF_CLASSES = handler_where(lambda case: case.of_classes)
OF_DECLARATIONS = handler_where(lambda case: not case.of_classes)


def list_is_as_published(context: Context) -> str | None:
    """Nobody draws from another list than the one whose digest was published."""
    case: Draw = context.case
    if digest_of(case.text) == case.digest == published_digest(case):
        return None
    return "名单与已公布的摘要不一致，不能抽取；请作废后重新生成名单，并告知审计管理员"


def number_is_out(context: Context) -> str | None:
    """The number cannot be known before its day."""
    day: date | None = context.case.seed_on
    if day is None or day <= clock.today():
        return None
    return f"号码{full(day)}才公布，到时再录入"


TABLE = Workflow(
    states={
        S.FROZEN: state("is-turn", Turn(HANDLER, "抽取", note=number_known)),
        S.DRAWN: state("is-turn", Turn(HANDLER, "安排抽中的事项")),
        S.DONE: state("is-done"),
        S.CANCELLED: state("is-idle"),
    },
    transitions=(
        Transition(
            "draw_by_system", "产生种子并抽取", (S.FROZEN,), S.DRAWN, OF_SYSTEM, "抽取",
            guards=(list_is_as_published,), effect=draw_by_system, style="primary",
        ),
        Transition(
            "draw_by_number", "录入公开号码并抽取", (S.FROZEN,), S.DRAWN, OF_NUMBER, "抽取",
            guards=(list_is_as_published, number_is_out), effect=draw_by_number,
            form="training.inspections.draws.forms.NumberForm", style="primary",
        ),
        Transition("cancel", "作废名单", (S.FROZEN,), S.CANCELLED, HANDLER, "作废名单", form=REASON, style="danger"),
        Transition(
            "assign", "安排检查", (S.DRAWN,), S.DONE, OF_CLASSES, "安排检查", effect=assign_visits, style="primary",
        ),
        Transition(
            "ask", "通知单位提供原件", (S.DRAWN,), S.DONE, OF_DECLARATIONS, "通知单位",
            effect=ask_for_originals, form="training.inspections.draws.forms.AskForm", style="primary",
        ),
    ),
    path=(
        Step("抽取", (S.FROZEN,), "区人社局经办"),
        Step("安排", (S.DRAWN,), "区人社局经办"),
    ),
)  # fmt: skip

KIND = CaseKind(
    Draw,
    TABLE,
    finds=by_words("number"),
    missable=lambda case: False,
    events={"list_frozen": "公布名单摘要", "seeded": "记下种子"},
    entries=(
        NavItem(
            "随机抽查", "shuffle", "draws:list", READ_DRAWS.roles, order=39, whole=False,
            also=("draws:draw", "draws:new", "draws:new_declarations", "draws:figures", "draws:set_figures"),
            group=Section.INSPECTIONS,
        ),
    ),
    demo=Demo("随机抽查", "training.inspections.draws.demo.build", order=76),
)  # fmt: skip
