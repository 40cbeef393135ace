"""The way of a rule set: written by a handler, tried, decided by the approver (product.md V2)."""

from __future__ import annotations

from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.reference import shipped_rows
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Passed, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, fire, four_eyes
from luojiang_ce.workflow.events import record
from units.access import APPROVER, NOBODY
from units.drafted_case import Drafting, may_change
from units.filed_case import tell_handlers
from verification.requirements.models import RuleSet
from verification.requirements.succession import REVISION, ends_with

S = RuleSet.State


# --- guards -----------------------------------------------------------------------------------------------------------


def asks_something(context: Context) -> str | None:
    return None if context.case.rules.exists() else "还没有写任何要求，请先添加"


def names_its_levels(context: Context) -> str | None:
    """notice 一(三)2: medical rules hold for the levels that they name, and for no other."""
    case: RuleSet = context.case
    if case.category == RuleSet.Category.MEDICAL and not case.levels:
        return "卫生人员的规则须写明适用于哪些级别的医疗机构"
    return None


def was_tried(context: Context) -> str | None:
    """Whoever proposes and decides has seen whose verdict changes, by the rules as they stand. What begins in a later
    year changes nobody's yet."""
    case = context.case
    tried = case.first_year > context.now.year or case.trials.filter(version=case.version, ends=False).exists()
    return None if tried else "请先试算：看清哪些人的结论会变，再送审批"


def end_was_tried(context: Context) -> str | None:
    """Whoever ends it has seen whose verdict of the newest year changes without it. What was found before it came into
    force says nothing of that."""
    case, present = context.case, context.now.year
    year = case.newest_year(present)
    tried = case.first_year > present or case.trials.filter(version=case.version, ends=True, year=year).exists()
    return None if tried else f"请先试算停用以后的 {year} 年度：看清哪些人的结论会变，再停用"


# --- effects ----------------------------------------------------------------------------------------------------------


def take_the_place(context: Context) -> None:
    """What it revises ends the year before, or holds no more where it began in the same year."""
    case: RuleSet = context.case
    former: RuleSet | None = case.replaces
    if former and former.state == S.IN_FORCE:
        last = ends_with(former.first_year, case.first_year)
        if last is None:
            fire(former, "give_way", actor=SYSTEM, note=f"由“{case}”代替")
        else:
            RuleSet.objects.filter(pk=former.pk).update(last_year=last)
            record(former, "ended", actor=SYSTEM, note=f"至 {last} 年度止，其后由“{case}”代替")
    tell_handlers(context)


# --- table ------------------------------------------------------------------------------------------------------------

DRAFTING = Drafting("拟定达标规则", "审批达标规则", (asks_something, names_its_levels, REVISION.is_one, was_tried))

RULES = Workflow(
    states={
        **DRAFTING.states(),
        S.IN_FORCE: state("is-done"),
        S.OFF: state("is-idle"),
    },
    transitions=(
        *DRAFTING.transitions(),
        Transition(
            "put_in_force", "批准执行", (S.PROPOSED,), S.IN_FORCE, APPROVER, "批准执行",
            guards=(REVISION.is_one, was_tried, four_eyes()), effect=take_the_place, form=REASON, style="primary",
        ),
        Transition(
            "end", "停用", (S.IN_FORCE,), S.OFF, APPROVER, "停用",
            guards=(end_was_tried,), effect=tell_handlers, form=REASON, style="danger",
        ),
        Transition("give_way", "被新规则代替", (S.IN_FORCE,), S.OFF, NOBODY, "被新规则代替", hidden=True),
    ),
    path=(
        Step("拟定", (S.DRAFT,), "区人社局经办"),
        Step("审批", (S.PROPOSED,), "区人社局审批"),
        Step("执行", (S.IN_FORCE,), passed=lambda case: Passed() if case.state == S.IN_FORCE else None),
    ),
)  # fmt: skip


def _shipped() -> frozenset[int]:
    codes = [row["code"] for row in shipped_rows("rule_sets")]
    return frozenset(RuleSet.objects.filter(code__in=codes, created_by=None).values_list("pk", flat=True))


KIND = CaseKind(
    RuleSet,
    RULES,
    drafts=may_change,
    finds=by_words("title", "document"),
    events={
        **{"ended": "不再适用于其后年度", "figure_set": "设定年度学时", "figure_unset": "恢复未设定"},
        **{"switched_on": "启用", "switched_off": "停用"},  # as it was recorded before rule sets had states
    },
    demo=Demo("达标规则", "verification.requirements.demo.build", order=98),
    entries=(NavItem("达标规则", "scale", "requirements:rules", group=Section.RULES, order=80),),
    given=_shipped,
)
