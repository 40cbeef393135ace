"""Recognition of hours (notice 一(五)3; product.md R1–R5): states, guards and transitions in one table."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.guards import (
    before_deadline,
    first_filed_in_time,
    four_eyes,
    mark_submitted,
    mark_taken_back,
    mended_in_time,
    returned_once,
)
from luojiang_ce.workflow.table import Context, StateInfo, Step, Transition, Workflow
from training.classes.models import ClassApplication
from units.models import Account, Assignment
from units.notify import approvers, clerks_of, handlers
from units.returns import leave_to_return
from units.terms.reading import terms_of
from units.who import APPROVER, FILER, HANDLER

from .counting import Trainee, tally
from .materials import checklist_of
from .models import Recognition, last_day
from .posting import freeze_outcomes, post_to_ledger

NAMED = 10  # names in one sentence; the rest is counted


def deadline_of(recognition: Recognition) -> Deadline:
    """notice 一(五)3: 培训结束后30日内, by the settings of the class's last day."""
    course = recognition.application
    return terms_of(recognition).recognition_for(recognition.unit, course.pk, last_day(course))


# --- guards -----------------------------------------------------------------------------------------------------------


def class_is_over(context: Context) -> str | None:
    application: ClassApplication = context.case.application
    if application.state != ClassApplication.State.APPROVED:
        return f"培训班的状态是“{application.get_state_display()}”，不能申报学时认定"
    if application.has_ended(clock.local(context.now).date()):
        return None
    ends = last_day(application)
    return f"培训到 {month_day(ends)} 才结束，次日起可以提交"


def finished_in_time(context: Context) -> str | None:
    """R4: where “办好” is set to mean finished, mending may not run past the deadline either."""
    deadline = deadline_of(context.case)
    done_by = terms_of(context.case).settings_on(deadline.start).recognition_done_by
    if done_by == DeadlineSetting.RecognitionDoneBy.FILED or is_in_time(deadline, context.now):
        return None
    return (
        f"已过{deadline.kind.label}期限（{deadline.kind.clause}）：{deadline.explanation}"
        "区人社局设定须在期限内办结；如有特殊情况，请向区人社局促进就业和培训股申请延期"
    )


def package_is_complete(context: Context) -> str | None:
    """notice 一(五)3: 报名通知、花名册、签到表、讲义课件、现场照片."""
    missing = [row.material.title for row in checklist_of(context.case) if row.missing]
    return f"还缺 {len(missing)} 项材料：{'、'.join(missing)}" if missing else None


def trainees_are_ready(context: Context) -> str | None:
    found = tally(context.case)
    if not found.trainees:
        return "培训班还没有学员，请先导入参加培训人员花名册"
    # R5: where there is an assessment, each trainee who came has a result
    waiting = [each for each in found.trainees if found.case.assessment and each.attended and each.passed is None]
    return f"还缺 {len(waiting)} 人的考核结果：{_names(waiting)}" if waiting else None


def everybody_is_decided(context: Context) -> str | None:
    undecided = tally(context.case).undecided
    return f"还有 {len(undecided)} 人须逐人核定学时（学分）：{_names(undecided)}" if undecided else None


def decisions_are_current(context: Context) -> str | None:
    """R3: after a return signs and results may be others than those the handler decided on."""
    outdated = tally(context.case).outdated
    if not outdated:
        return None
    return f"{len(outdated)} 人核定以后签到、考核结果或不予认定的半日有变动，须重新核定：{_names(outdated)}"


def nothing_is_reduced(context: Context) -> str | None:
    if not tally(context.case).is_partial:
        return None
    return "有半日不予认定，或有学员核定的学时少于签到所计，应作“部分认定”"


def something_is_reduced(context: Context) -> str | None:
    return None if tally(context.case).is_partial else "没有不予认定的半日，也没有核减的学时，应作“认定学时”"


def _names(trainees: list[Trainee]) -> str:
    names = "、".join(each.enrolment.name for each in trainees[:NAMED])
    return f"{names} 等" if len(trainees) > NAMED else names


# --- effects ----------------------------------------------------------------------------------------------------------


def _key(context: Context) -> str:
    return f"recognition-{context.case.pk}-{context.transition.name}-{context.now:%Y%m%d%H%M%S%f}"


def submit(context: Context) -> None:
    case: Recognition = context.case
    # Whoever records signs meanwhile holds this lock: they come before the submission, or are refused after it.
    ClassApplication.objects.select_for_update().get(pk=case.application_id)
    if not case.number:
        case.number = next_number(
            "recognition", clock.local(context.now).year, seed="{year}-R-{seq:04d}", title="学时认定"
        )
    mark_submitted(context)
    notify(handlers(), f"收到学时认定申报 {case.number}：{case.application}", key=_key(context), case=case)


def take_back(context: Context) -> None:
    mark_taken_back(context)
    notify(handlers(), f"学时认定已由施教机构撤回：{context.case.application}", key=_key(context))


def pass_on(context: Context) -> None:
    title = f"学时认定待审批：{context.case.application}"
    notify(approvers(), title, key=_key(context), text=context.note, case=context.case)


def give_back(context: Context) -> None:
    title = f"学时认定退回审核：{context.case.application}"
    notify(handlers(), title, key=_key(context), text=context.note, case=context.case)


def tell_provider(context: Context) -> None:
    title = f"学时认定 {context.case.number} {context.transition.done}：{context.case.application}"
    notify(clerks_of(context.case.unit_id), title, key=_key(context), text=context.note, case=context.case)


def recognise(context: Context) -> None:
    """R3: outcomes are frozen, hours go into the ledger once, the numbered sheet is asked for, everybody is told."""
    from .papers import request_sheet

    case: Recognition = context.case
    found = tally(case)
    freeze_outcomes(case, found)
    post_to_ledger(case, found, context.actor)
    request_sheet(case, context.actor)
    tell_provider(context)
    units = {each.enrolment.unit_id for each in found.trainees if each.enrolment.unit_id} - {case.unit_id}
    text = "认定的学时（学分）已记入学时记录"
    title = f"本单位人员的培训学时{context.transition.done}：{case.application}"
    notify(_clerks_of_all(units), title, key=f"{_key(context)}-units", text=text, url=reverse("ledger:people"))


def _clerks_of_all(units: Collection[int]) -> QuerySet[Account]:
    current = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit__in=units)
    clerks: QuerySet[Account] = Account.objects.filter(is_active=True, pk__in=current.values("account"))
    return clerks


# --- table ------------------------------------------------------------------------------------------------------------

S = Recognition.State
REASON = "luojiang_ce.workflow.forms.ReasonForm"
RESUBMIT = "luojiang_ce.workflow.forms.ResubmitForm"
COMPLETE = (class_is_over, package_is_complete, trainees_are_ready)
DECIDED = (everybody_is_decided, decisions_are_current)

RECOGNITION = Workflow(
    model=Recognition,
    states={
        S.DRAFT: StateInfo("is-idle", FILER),
        S.SUBMITTED: StateInfo("is-turn", HANDLER),
        S.RETURNED: StateInfo("is-soon", FILER),
        S.CHECKED: StateInfo("is-turn", APPROVER),
        S.RECOGNISED: StateInfo("is-done"),
        S.PARTLY: StateInfo("is-done"),
        S.REFUSED: StateInfo("is-late"),
    },
    transitions=(
        Transition(
            "submit", "提交学时认定", (S.DRAFT,), S.SUBMITTED, FILER, "提交",
            guards=(first_filed_in_time(deadline_of), *COMPLETE), effect=submit, style="primary",
        ),
        Transition(
            "resubmit", "重新提交", (S.RETURNED,), S.SUBMITTED, FILER, "重新提交",
            guards=(mended_in_time(deadline_of, terms_of), finished_in_time, *COMPLETE),
            effect=submit, form=RESUBMIT, style="primary",
        ),
        Transition(
            "take_back", "撤回修改", (S.SUBMITTED,), S.DRAFT, FILER, "撤回",
            guards=(before_deadline(deadline_of),), effect=take_back,
        ),
        Transition(
            "return", "退回补正", (S.SUBMITTED,), S.RETURNED, HANDLER, "退回补正",
            guards=(returned_once,), effect=tell_provider, returns=True,
        ),
        leave_to_return(S.SUBMITTED),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=DECIDED, effect=pass_on, style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "recognise", "认定学时", (S.CHECKED,), S.RECOGNISED, APPROVER, "认定",
            guards=(four_eyes("check"), *DECIDED, nothing_is_reduced), effect=recognise, style="primary",
        ),
        Transition(
            "recognise_partly", "部分认定", (S.CHECKED,), S.PARTLY, APPROVER, "部分认定",
            guards=(four_eyes("check"), *DECIDED, something_is_reduced), effect=recognise, style="primary",
        ),
        Transition(
            "refuse", "不予认定", (S.CHECKED,), S.REFUSED, APPROVER, "不予认定",
            guards=(four_eyes("check"),), effect=tell_provider, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "施教机构"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批"),
        Step("入账、学时认定表", (), "编号"),
    ),
)  # fmt: skip
