"""A decision on an inspection, from draft to withdrawal (notice 一(五)4, product.md I3): one table, one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from luojiang_ce import clock
from luojiang_ce.access import READ_INSPECTIONS, Actor, Role
from luojiang_ce.files.materials import Material, missing_titles
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.papers.services import as_asked
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workdays.services import terms_in_force
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
from luojiang_ce.workflow.engine import four_eyes
from training.attendance.pages import slot_label
from training.classes.models import ClassApplication
from training.inspections.case import did_not_inspect
from training.inspections.decisions import effects, papers
from training.inspections.decisions.models import Decision
from training.inspections.decisions.reach import chosen_of, reach_of, rulings_of, slots_in
from training.inspections.decisions.statement import STATEMENT, answered_by
from training.inspections.models import Inspection
from training.recognition.case import names_of_trainees
from training.recognition.counting import takes_long
from training.recognition.models import Ruling
from units.access import APPROVER, HANDLER
from units.filed_case import tell_approvers, tell_handlers

D = Decision.State


def _is_clerk_of_provider(actor: Actor, case: Decision) -> bool:
    return case.unit_id is not None and case.unit_id in actor.unit_ids(Role.UNIT_CLERK)


PROVIDER = Who("被检查单位专办员", (Role.UNIT_CLERK,), _is_clerk_of_provider)


EVIDENCE = Material("evidence", "检查证据", "检查记录、照片、谈话笔录等", "通知 一(五)4", required=lambda case: False)
ON_PAPER = Material("statement", "陈述申辩材料", "单位的书面陈述，扫描或拍照", "区人社局要求")
STATED = replace(ON_PAPER, required=lambda case: False)


def materials(case: Decision) -> Sequence[Material]:
    """The bureau's evidence, and what the provider says for itself."""
    return (EVIDENCE, STATED)


def may_add_files(case: Decision, account: Actor) -> bool:
    """The handler until it goes to the approver; the provider while it may answer."""
    preparing = case.state in (D.DRAFT, D.TOLD, D.HEARD) and account.holds(Role.BUREAU_HANDLER)
    return preparing or (case.state == D.TOLD and PROVIDER.test(account, case))


# --- guards -----------------------------------------------------------------------------------------------------------


def says_something(context: Context) -> str | None:
    """What was found, what becomes of it, and of which class."""
    case: Decision = context.case
    if not case.findings.exists():
        return "请选择认定的问题"
    if not case.consequences:
        return "请选择至少一种处理"
    if (case.unrecognised or case.unqualified) and case.inspection.application_id is None:
        return "检查没有归入培训班，学时和培训项目无从处理；请先归入培训班，或改选其他处理"
    return None


def inspection_waits(context: Context) -> str | None:
    """Of two who act at once the second finds it decided."""
    inspection: Inspection = context.case.inspection
    if inspection.state == Inspection.State.TO_DECIDE:
        return None
    return f"监督检查 {inspection.number} 的状态是“{inspection.get_state_display()}”，不能再作处理"


def half_days_are_there(context: Context) -> str | None:
    """A change of the class may have moved a half-day that was chosen: nothing would be taken there."""
    rulings = rulings_of(context.case)
    gone = dict.fromkeys(key for ruling in rulings for key in chosen_of(ruling) if key not in slots_in(ruling))
    if not gone:
        return None
    return f"课程表有变动，所选的 {'、'.join(map(slot_label, gone))} 不再有课，请退回修改，重新选半日"


def everybody_is_settled(context: Context) -> str | None:
    """Half-days that count no more leave open what a person's credits, or fixed hours, are then."""
    found = reach_of(context.case).to_decide
    if not found:
        return None
    return f"半日不予认定以后，还有 {len(found)} 人须另行核定学时（学分）：{names_of_trainees(found)}"


def when_done(guard: Guard) -> Guard:
    """Asked by the act itself; the page need not count a whole class for a button."""
    return lambda context: None if context.ahead else guard(context)


def statement_is_attached(context: Context) -> str | None:
    """What came on paper lies with the case."""
    return "请先上传书面陈述的扫描件或照片" if missing_titles(context.case, (ON_PAPER,)) else None


def days_are_over(context: Context) -> str | None:
    """Silence is recorded only when the days to answer are over; where none are set, with the reason alone."""
    deadline = answered_by(context.case, terms_in_force())
    if deadline is None or not is_in_time(deadline, context.now):
        return None
    return f"陈述申辩期限未满：{deadline.explanation}"


def project_is_qualified(context: Context) -> str | None:
    """notice 一(五)4: of a project that a decision found unqualified no further class is opened while it holds."""
    if not isinstance(context.case, ClassApplication) or context.transition.name not in OPENING:
        return None
    found = Decision.objects.in_force().filter(
        unqualified=True, inspection__application__project=context.case.project_id
    )
    number = found.values_list("number", flat=True).first()
    return f"培训项目已由检查处理决定 {number} 认定不合格，不能再{context.transition.label}" if number else None


OPENING = ("submit", "resubmit", "approve")


# --- effects ----------------------------------------------------------------------------------------------------------


def tell(context: Context) -> None:
    """The provider learns in writing what is intended and why, and may answer from now on; what it said before is said
    anew."""
    case: Decision = context.case
    if not case.number:
        year = clock.local(context.now).year
        case.number = next_number("decision", year, seed="{year}-CL-{seq:04d}", title="检查处理")
    case.unit_id = case.inspection.unit_id  # the visit may have got its class since it was drafted
    case.told_at, case.stated, case.statement, case.stated_at = context.now, Decision.Statement.NONE, "", None
    papers.request_intention(case, context.actor, **as_asked(context.data))
    effects.tell_provider(context, text="拟作出的处理和理由见本件和告知书，可以在线陈述申辩，也可以送交书面材料")


def state_own(context: Context) -> None:
    _keep_statement(context, Decision.Statement.ONLINE, context.note)


def state_on_paper(context: Context) -> None:
    _keep_statement(context, Decision.Statement.PAPER, context.note)


def stay_silent(context: Context) -> None:
    _keep_statement(context, Decision.Statement.SILENT)


def _keep_statement(context: Context, how: Decision.Statement, text: str = "") -> None:
    case: Decision = context.case
    case.stated, case.statement, case.stated_at = how, text, context.now
    tell_handlers(context)


# --- table ------------------------------------------------------------------------------------------------------------


def is_big(case: Decision) -> bool:
    """Are the classes that it reaches some that the worker counts?"""
    return takes_long(Ruling.objects.of(case).values_list("application", flat=True))


SOUND = (says_something, inspection_waits, when_done(half_days_are_there), when_done(everybody_is_settled))
EYES = (
    four_eyes(lambda case: Inspection.objects.filter(pk=case.inspection_id)),
    did_not_inspect(lambda case: case.inspection),
)

DECISION = Workflow(
    within="inspection",
    states={
        D.DRAFT: state("is-idle", Turn(HANDLER, "拟定检查处理")),
        D.TOLD: state(
            "is-soon",
            Turn(PROVIDER, "陈述申辩", answered_by, when=lambda case: case.unit_id is not None),
            Turn(HANDLER, "登记陈述申辩"),
        ),
        D.HEARD: state("is-turn", Turn(HANDLER, "复核陈述申辩，提请审批")),
        D.PROPOSED: state("is-turn", Turn(APPROVER, "决定检查处理")),
        D.DECIDED: state("is-done"),
        D.WITHDRAWING: state("is-turn", Turn(APPROVER, "审批撤回处理决定")),
        D.WITHDRAWN: state("is-idle"),
        D.REFUSED: state("is-done"),
        D.DROPPED: state("is-idle"),
    },
    transitions=(
        Transition(
            "tell", "告知拟作处理", (D.DRAFT,), D.TOLD, HANDLER, "告知拟作处理",
            guards=SOUND, effect=tell, form="training.inspections.decisions.forms.TellForm",
            style="primary", slow=is_big,
        ),
        Transition("drop", "作废", (D.DRAFT,), D.DROPPED, HANDLER, "作废", effect=effects.drop, style="danger"),
        Transition(
            "answer", "提交陈述申辩", (D.TOLD,), D.HEARD, PROVIDER, "陈述申辩", effect=state_own, style="primary",
            form="training.inspections.decisions.forms.StatementForm",
        ),
        Transition("waive", "不作陈述", (D.TOLD,), D.HEARD, PROVIDER, "表示不作陈述", effect=stay_silent),
        Transition(
            "answer_on_paper", "登记书面陈述", (D.TOLD,), D.HEARD, HANDLER, "登记书面陈述",
            guards=(statement_is_attached,), effect=state_on_paper,
            form="training.inspections.decisions.forms.StatementForm",
        ),
        Transition(
            "stay_silent", "登记未陈述", (D.TOLD,), D.HEARD, HANDLER, "登记未陈述",
            guards=(days_are_over,), effect=stay_silent, form=REASON,
        ),
        Transition(
            "redraft", "修改拟作处理", (D.TOLD, D.HEARD), D.DRAFT, HANDLER, "退回修改",
            effect=effects.redraft, form=REASON,
        ),
        Transition(
            "propose", "提请审批", (D.HEARD,), D.PROPOSED, HANDLER, "提请审批",
            guards=SOUND, effect=tell_approvers, style="primary", slow=is_big,
            form="training.inspections.decisions.forms.ProposeForm",
        ),
        Transition(
            "send_back", "退回复核", (D.PROPOSED,), D.HEARD, APPROVER, "退回复核", effect=tell_handlers,
            form=REASON,
        ),
        Transition(
            "decide", "作出处理决定", (D.PROPOSED,), D.DECIDED, APPROVER, "作出处理决定",
            guards=(*EYES, *SOUND), effect=effects.decide, form="training.inspections.decisions.forms.DecideForm",
            style="primary", slow=is_big,
        ),
        Transition(
            "refuse", "不予处理", (D.PROPOSED,), D.REFUSED, APPROVER, "不予处理",
            guards=EYES, effect=effects.refuse, form=REASON, style="danger",
        ),
        Transition(
            "propose_withdrawal", "提请撤回决定", (D.DECIDED,), D.WITHDRAWING, HANDLER, "提请撤回",
            effect=tell_approvers, form=REASON,
        ),
        Transition(
            "withdraw", "撤回决定", (D.WITHDRAWING,), D.WITHDRAWN, APPROVER, "撤回决定",
            guards=EYES, effect=effects.withdraw, form=REASON, style="danger",
            slow=is_big,
        ),
        Transition(
            "uphold", "维持决定", (D.WITHDRAWING,), D.DECIDED, APPROVER, "维持决定",
            guards=EYES, effect=tell_handlers, form=REASON,
        ),
    ),
    path=(
        Step("拟定", (D.DRAFT,), "区人社局经办"),
        Step("陈述申辩", (D.TOLD,), "被检查单位"),
        Step("复核", (D.HEARD,), "区人社局经办"),
        Step("决定", (D.PROPOSED,), "区人社局审批"),
        Step("通报、学时处理", (), "立即生效"),
    ),
)  # fmt: skip

KIND = CaseKind(
    Decision,
    DECISION,
    deadlines=(STATEMENT,),
    named=lambda case: case.inspection.subject,
    rows=lambda rows: rows.select_related("inspection__application"),
    finds=by_words("number", "inspection__number", "inspection__application__title", "inspection__event_name"),
    missable=lambda case: False,
    files=FileRules(materials, may_add_files),
    papers=(papers.INTENTION, papers.NOTICE),
    entries=(
        NavItem("检查处理", "gavel", "decisions:list", READ_INSPECTIONS.roles, order=39, group=Section.INSPECTIONS),
    ),
    events={"settled": "核定其余学时"},
    demo=Demo("检查处理", "training.inspections.decisions.demo.build", order=76),
    clauses=("一(五)4",),
)
