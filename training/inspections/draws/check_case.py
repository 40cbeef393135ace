"""Originals that a random audit asks for (V12): guards, table, kind. Hours are never moved here."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from luojiang_ce import clock
from luojiang_ce.access import READ_ORIGINALS, Actor, Role, is_same_person
from luojiang_ce.files.materials import Material, files_of
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import as_namesake
from luojiang_ce.workflow.events import history
from units.access import APPROVER, BUREAU, FILER
from units.filed_case import titled
from units.notify import clerks_of, tell
from units.terms import Terms

from .models import OriginalsCheck

S = OriginalsCheck.State
OPEN = (S.ASKED, S.PROVIDED)
SAME_PERSON = "这份申报是您认可的，认可和核查须为两人，请另一位经办或审批人核查"
ENDED = (S.AGREES, S.DIFFERS, S.NOT_PROVIDED)

ORIGINALS = DeadlineKind(
    "originals",
    "提供学时申报的原件",
    "通知 一(四)",
    the_day_itself("请在 {day} 以前提供原件"),
    public=False,
    filed=False,
)


def by_the_day(case: OriginalsCheck, terms: Terms) -> Deadline:
    """The day that the bureau named when it asked."""
    return terms.due(ORIGINALS, case.wanted_on)


MATERIALS = [Material("original", "原件", "原件的扫描件或照片；送原件到区人社局的不用传", required=lambda case: False)]


def may_change_files(case: Any, account: Actor) -> bool:
    """The unit's clerks, until they have provided."""
    return case.state == S.ASKED and case.unit_id in account.unit_ids(Role.UNIT_CLERK)


FILES = FileRules(lambda case: MATERIALS, may_change_files, compared=True)


def uploaded_something(context: Context) -> str | None:
    """What is said to be uploaded is there."""
    if context.data.get("how") != OriginalsCheck.How.UPLOADED or files_of(context.case):
        return None
    return "还没有上传原件；请先在材料里上传，或选择送原件到区人社局"


def day_has_passed(context: Context) -> str | None:
    """Nobody is said to have provided nothing while there is still time."""
    if context.case.is_overdue(clock.today()):
        return None
    return f"{full(context.case.wanted_on)}以前单位还可以提供，过了这一天才能记为未提供"


def did_not_accept(context: Context) -> str | None:
    """Who accepted a declaration, with whatever account, does not say whether its originals agree."""
    case: OriginalsCheck = context.case
    if not settings.FOUR_EYES or context.actor.pk is None:
        return None
    accepted = history(case.declaration).filter(name="accept").first()
    if accepted is None or accepted.actor is None or not is_same_person(accepted.actor, context.actor):
        return None
    return f"{SAME_PERSON}{as_namesake(accepted.actor, context.actor)}"


def provide(context: Context) -> None:
    context.case.how = context.data["how"]


def tell_the_unit(context: Context) -> None:
    """How it ended, and what may follow; nothing has followed yet."""
    case: OriginalsCheck = context.case
    tell(clerks_of(case.unit_id), titled(case, context.transition.done), context)


def begin_again(context: Context) -> None:
    context.case.how = ""
    tell_the_unit(context)


TABLE = Workflow(
    states={
        S.ASKED: state("is-soon", Turn(FILER, "提供原件", by_the_day)),
        S.PROVIDED: state("is-turn", Turn(BUREAU, "核对原件")),
        S.AGREES: state("is-done"),
        S.DIFFERS: state("is-late"),
        S.NOT_PROVIDED: state("is-late"),
    },
    transitions=(
        Transition(
            "provide", "提供原件", (S.ASKED,), S.PROVIDED, FILER, "提供原件",
            guards=(uploaded_something,), effect=provide, form="training.inspections.draws.forms.ProvideForm",
            style="primary",
        ),
        Transition(
            "agree", "原件相符", OPEN, S.AGREES, BUREAU, "核查相符",
            guards=(did_not_accept,), effect=tell_the_unit, style="primary", many=True,
        ),
        Transition(
            "differ", "原件不符", OPEN, S.DIFFERS, BUREAU, "核查不符",
            guards=(did_not_accept,), effect=tell_the_unit, form=REASON, style="danger",
        ),
        Transition(
            "not_provided", "记为未提供", (S.ASKED,), S.NOT_PROVIDED, BUREAU, "记为未提供",
            guards=(day_has_passed, did_not_accept), effect=tell_the_unit, form=REASON, style="danger",
        ),
        Transition(
            "again", "重新核查", ENDED, S.ASKED, APPROVER, "重新核查", effect=begin_again, form=REASON,
        ),
    ),
    path=(
        Step("提供原件", (S.ASKED,), "申报单位"),
        Step("核对", (S.PROVIDED,), "区人社局"),
        Step("结论", (), ""),
    ),
)  # fmt: skip


KIND = CaseKind(
    OriginalsCheck,
    TABLE,
    deadlines=(ORIGINALS,),
    named=lambda case: f"{case.number} {case.declaration.title}",
    rows=lambda rows: rows.select_related("declaration__person"),
    finds=by_words("number", "declaration__title"),
    missable=lambda case: False,
    files=FILES,
    entries=(
        NavItem(
            "原件核查", "file-search", "draws:checks", READ_ORIGINALS.roles,
            order=46, whole=False, also=("draws:originalscheck",), group=Section.INSPECTIONS),
    ),
)  # fmt: skip
