"""From draft to approved class (product.md C1–C5; notice 一(五)2, 三2): guards, effects, the table, the kind."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, READ_CATALOGUE, Actor, Role
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.papers.services import as_asked
from luojiang_ce.workdays.deadlines import (
    DeadlineKind,
    is_in_time,
    the_day_itself,
)
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import full, month_day
from luojiang_ce.workflow.case_kind import (
    REASON,
    CaseKind,
    Context,
    Duty,
    Guard,
    Step,
    Transition,
    Turn,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.events import record
from training.classes import calling_off, papers
from training.classes.afterwards import begun, recognised
from training.classes.calling_off import other_organisers
from training.classes.checks import BASICS, REVIEW, STEPS, TEACHING, TIMETABLE, money
from training.classes.decision_papers import LETTERS, REFUSAL, TO_MEND
from training.classes.models import ClassApplication, Enrolment, Lecturer
from training.classes.opening import OPENING, first_filing, mending_of
from training.classes.places import numbered, places
from training.classes.qualification import standing_of_class
from training.classes.readiness import MATERIALS, RESUME, of_step
from training.plans.models import PlanItem
from training.plans.qualification import UNDECIDED
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import (
    Filing,
    NotBegun,
    ask_for_time,
    give_back,
    may_edit,
    mended_at,
    pass_on,
    reply,
    tell_filer,
    too_late,
)
from units.notify import clerks_of, handlers_and_authority, tell
from verification.choices import Measure

ANSWERING = DeadlineKind(
    "answering",
    "答复报名",
    "通知 二(一)3",
    the_day_itself("培训班 {day} 开班，参加培训须经所在单位同意（通知 二(一)3）"),
    public=False,
)


def summary_of(case: ClassApplication) -> list[tuple[str, str]]:
    """What an application hands over. Two queries."""
    lessons, measure = case.lessons(), case.get_measure_display()
    hours = sum((lesson.hours for lesson in lessons if lesson.counts), Decimal(0))
    amounts = sum(case.credit_amounts.values(), Decimal(0)) if case.measure == Measure.CREDITS else hours
    days = f"{full(case.opens_on)} 至 {full(case.ends_on)}" if case.opens_on and case.ends_on else ""
    return [
        ("培训班", str(case)),
        ("起止日期", days),
        ("地点", case.place),
        ("计划人数", f"{case.people} 人" if case.people else ""),
        ("课程表", f"{len(lessons)} 行，{amounts.normalize():f} {measure}"),
        ("收费", f"{case.fee:,.2f} 元/人" if case.charges and case.fee else "不收费"),
    ]


NAMED = 3  # findings that a refusal names; the form's last step lists them all, each with its place


# --- guards -----------------------------------------------------------------------------------------------------------


def ready(step: str) -> Guard:
    """Everything of one step of the form is in order."""

    def guard(context: Context) -> str | None:
        found = of_step(step, context.case)
        if not found:
            return None
        more = "；其余见“核对并提交”" if len(found) > NAMED else ""
        said = f"{STEPS[step]} {len(found)} 处：{'；'.join(each.text for each in found[:NAMED])}{more}"
        url = reverse(f"classes:{step}", args=[context.case.pk])
        return mended_at(context, said, {each.text: f"{url}#{each.anchor}" for each in found[:NAMED]})

    return guard


READY = tuple(ready(step) for step in (BASICS, TIMETABLE, TEACHING, REVIEW))


def project_published(context: Context) -> str | None:
    """notice 一(五)1, 三2: only what was published may be held."""
    project: PlanItem = context.case.project
    if project.state == PlanItem.State.PUBLISHED:
        return None
    return f"计划项目“{project.title}”现在是“{project.get_state_display()}”，只有已公布的项目可以开班（通知 三2）"


def session_planned(context: Context) -> str | None:
    """notice 三2: no more sessions than are published, though the project was changed since the class was filed."""
    case: ClassApplication = context.case
    if case.session <= case.project.sessions:
        return None
    return f"公布的计划现在只有 {case.project.sessions} 期，这是第 {case.session} 期，不能准予，请“不予批准”"


def not_moved_forward(context: Context) -> str | None:
    """The first submission decides (P2): a return may move the opening later, not to a day it was too late for (C2)."""
    case: ClassApplication = context.case
    if case.opens_on is None or case.filed_for is None or case.opens_on >= case.filed_for:
        return None
    deadline = first_filing(case, terms_in_force())  # type: ignore[arg-type]
    if deadline is None or is_in_time(deadline, case.first_submitted_at or context.now):
        return None
    return too_late(deadline, case)


def before_opening(advice: str) -> Guard:
    """notice 三2: 须经审批、公布后方可举办 — a class is approved before its opening day, or not at all."""

    def guard(context: Context) -> str | None:
        opens = context.case.opens_on
        if opens is None or clock.local(context.now).date() < opens:
            return None
        said = f"开班日期 {month_day(opens)} 已到，须在开班日之前{advice}"
        return mended_at(
            context, said, {"开班日期": f"{reverse('classes:basics', args=[context.case.pk])}#id_opens_on"}
        )

    return guard


OPENING_AHEAD = before_opening("获得批准。请改晚开班日期")  # as the filer is told
STILL_TO_OPEN = before_opening("批准。请退回申办单位改晚开班日期，或不予批准")  # as the bureau is


def fee_approved(context: Context) -> str | None:
    """notice 三2: 禁止违规收费 — a fee without its approval number lets no class through, whoever asks."""
    case: ClassApplication = context.case
    wrong = money({"charges": case.charges, "fee": case.fee, "fee_document": case.fee_document})
    return "；".join(text for _, text in wrong) or None


def scope_judged(context: Context) -> str | None:
    """notice 三2: where no record decides whether a class lies within the approved scope, the handler does."""
    if context.ahead or context.data.get("scope") or standing_of_class(context.case).kind != UNDECIDED:
        return None
    return "请先判断本班是否在核定培训资质范围内（通知 三2）"


def within_scope(context: Context) -> str | None:
    """notice 三2: 不得从事超出核定培训资质的项目 — unless the approver lets it pass, with a reason that is printed."""
    found = standing_of_class(context.case)
    if found.kind == UNDECIDED:
        return f"{found}，请“退回经办审核”，由经办判断后再送审批"
    if not found.stops or context.ahead or context.data.get("scope_passed", "").strip():
        return None
    return f"{found}。不予放行的请“不予批准”；确需准予的，须写明原因，印在准予开班通知上"


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = context.case.project.plan.year
    context.case.number = next_number("class", year, seed="{year}-C-{seq:04d}", title="开班申请编号")


def note_opening(context: Context) -> None:
    context.case.filed_for = min(filter(None, (context.case.filed_for, context.case.opens_on)))
    context.case.scope_judged = context.case.scope_passed = ""  # what is filed anew is looked at anew


def forget_opening(context: Context) -> None:
    context.case.filed_for = None
    TO_MEND.withdraw(context.case, actor=context.actor, reason="开班申请已由申办单位撤回")


def send_back(context: Context) -> None:
    """The provider gets everything that is to be mended as a paper, which takes the place of an earlier one (C7)."""
    TO_MEND.supersede(context.case, actor=context.actor, why="另行告知补正内容")
    tell_filer(context)


def refuse(context: Context) -> None:
    """The provider gets the refusal as a paper (C7)."""
    REFUSAL.request(context.case, actor=context.actor, **as_asked(context.data))
    tell_filer(context)


def check(context: Context) -> None:
    """The handler's judgement of the scope, where one was asked for, goes on to the approver with the case."""
    context.case.scope_judged = context.data.get("scope", "")
    pass_on(context)


def approve(context: Context) -> None:
    """准予开班: the notice is issued, the unit and the other organisers are told."""
    case: ClassApplication = context.case
    if standing_of_class(case).stops:
        case.scope_passed = context.data["scope_passed"].strip()
        record(case, "scope_passed", actor=context.actor, note=case.scope_passed)
    papers.request_opening_notice(case, context.actor, **as_asked(context.data))
    tell_filer(context)
    for unit_id in other_organisers(case):
        tell(clerks_of(unit_id), f"共同举办的培训班已准予开班：{case}", context)


# --- table ------------------------------------------------------------------------------------------------------------

S = ClassApplication.State
BEFORE_DECISION = (S.SUBMITTED, S.RETURNED, S.CHECKED)
FILING = Filing(
    "提交开班申请",
    first=first_filing,
    mend=mending_of,
    whole=(project_published, OPENING_AHEAD, *READY),
    mended=(not_moved_forward,),
    number=number,
    filed=note_opening,
    taken_back=forget_opening,
    told=handlers_and_authority,
)

CLASS = Workflow(
    states={
        **FILING.states(),
        S.CHECKED: state("is-turn", Turn(APPROVER, "审批", reply)),
        S.APPROVED: state("is-done"),
        S.REFUSED: state("is-late"),
        **calling_off.STATES,
    },
    transitions=(
        *FILING.handing_over(),
        FILING.taking_back(),
        *FILING.sending_back(send_back),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=(project_published, session_planned, STILL_TO_OPEN, fee_approved, scope_judged, ready(TIMETABLE)),
            effect=check, form="training.classes.forms.deciding.CheckForm", style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "approve", "准予开班", (S.CHECKED,), S.APPROVED, APPROVER, "准予开班",
            guards=(four_eyes(), project_published, session_planned, STILL_TO_OPEN, fee_approved, within_scope),
            effect=approve, form="training.classes.forms.deciding.ApproveForm", style="primary",
        ),
        Transition(
            "refuse", "不予批准", (S.CHECKED,), S.REFUSED, APPROVER, "不予批准",
            guards=(four_eyes(),), effect=refuse, form="training.classes.forms.deciding.RefuseForm", style="danger",
        ),
        *calling_off.TRANSITIONS,
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "申办单位"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批"),
        Step("准予开班通知", (), "编号、用印"),
        Step("开班", (S.APPROVED, S.REPORTED, S.PROPOSED), "施教机构", passed=begun),
        Step("认定学时", (), "施教机构申报", passed=recognised),
    ),
)  # fmt: skip

# --- what is owed besides ---------------------------------------------------------------------------------------------


def trainees_to_answer_for(asked: Asked) -> Iterator[Owed]:
    """notice 二(一)3: a trainee's own unit agrees, before the class opens. One query."""
    waiting = Enrolment.objects.answerable()
    if asked.units is not None:
        waiting = waiting.of_units(asked.units)
    counted = waiting.values(
        "unit", "unit__name", "unit__short_name", "application", "application__title", "application__opens_on"
    )
    for row in counted.annotate(count=Count("pk")).order_by("application__opens_on"):
        yield OwedDuty(
            Turn(FILER, "同意或不同意"),
            NotBegun(row["unit"]),
            f"答复报名：{row['application__title']}，本单位 {row['count']} 人",
            reverse("classes:own_trainees"),
            str(row["application"]),
            asked.terms.due(ANSWERING, row["application__opens_on"]),  # type: ignore[arg-type]  # open_to_enrolment
            row["unit__short_name"] or row["unit__name"],
        )


# --- kinds ------------------------------------------------------------------------------------------------------------


def resume_may_change(lecturer: Lecturer, account: Actor) -> bool:
    """The provider's clerks, always: a résumé is kept up to date and reused (C4)."""
    return FILER.test(account, lecturer)


def when_it_is_over(application: ClassApplication) -> tuple[tuple[str, str], ...]:
    """A class is put off, or its unit asks for more time."""
    basics = f"{reverse('classes:basics', args=[application.pk])}#id_opens_on"
    return (("改开班日期", basics), *ask_for_time(application))


def with_what_lists_say(rows: Any) -> Any:
    """Of thousands of classes only the columns of a line are read, of thirty-five."""
    named = ("title", "session", "opens_on", "state", "submitted_at", "unit")
    return rows.only(*named)


ENROLLING = (
    *("classes:enrol", "classes:own_trainees", "classes:agree", "classes:agree_late", "classes:refuse"),
    "classes:remove_own",
)
CATALOGUED = NavItem(
    "公共科目目录",
    "library",
    "classes:catalogue",
    READ_CATALOGUE.roles,
    group=Section.RULES,
    order=63,
    also=("classes:course", "classes:course_new", "classes:entitlement", "classes:entitlement_new", "classes:rule_new"),
)
# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("课程表与基本情况不一致", "核对日期、天数和学时"),
    ("授课教师简历不全", "补充单位、职务、职称和专长"),
    ("申报表未盖章", "打印附件2盖章，扫描后上传"),
    ("培训地点不明确", "写到楼层和教室"),
    ("与公布的计划出入较大，说明不足", "写明原因，或附计划变更说明"),
    ("收费没有标准或批准文号", "填写标准和文号；没有批准的改为不收费（通知 三2）"),
    ("公共科目不在目录内", "改选目录内的课程（通知 一(二)）"),
)

KINDS = (
    CaseKind(
        ClassApplication,
        CLASS,
        drafts=may_edit,
        filing=first_filing,
        deadlines=(OPENING, ANSWERING),
        duties=(Duty(FILER, trainees_to_answer_for),),
        leads=when_it_is_over,
        rows=with_what_lists_say,
        finds=by_words("title", "number"),
        places=places,
        numbered=numbered,
        phrases=PHRASES,
        summary=summary_of,
        files=FileRules(lambda case: MATERIALS, may_edit, compared=True),
        papers=(papers.OPENING_NOTICE, *(letter.kind() for letter in LETTERS)),
        entries=(
            NavItem(
                "开班申请", "presentation", "classes:list", READ_CASES.roles, order=30, tab=True, group=Section.TRAINING
            ),
            NavItem(
                "培训报名",
                "user-plus",
                "classes:open",
                (Role.UNIT_CLERK,),
                order=32,
                also=ENROLLING,
                group=Section.TRAINING,
            ),
            CATALOGUED,
            # Who inspects sees at once what was changed, as anybody does.
            NavItem("公布的培训班", "presentation", "published:list", (Role.INSPECTOR,), group=Section.TRAINING),
        ),
        events={
            "scope_passed": "超出核定资质，仍准予开班",
            "enrolled": "报名学员",
            "waiting": "列入候补",
            "moved_up": "候补递补",
            "left_waiting": "退出候补",
            "trainees_removed": "移出学员",
            "trainees_agreed": "单位同意学员参加",
            "trainees_agreed_late": "单位补办同意",
            "trainees_refused": "单位不同意学员参加",
            "agreement_scanned": "附盖章的单位同意",
            "trainees_known": "学员的单位已登记其人员",
        },
        demo=Demo("培训班", "training.classes.demo.build", order=40),
        clauses=(
            "一(五)2",
            "一(二)",
            "三2",
        ),
    ),
    CaseKind(Lecturer, files=FileRules(lambda case: (RESUME,), resume_may_change)),
)
