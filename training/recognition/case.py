"""Recognition of hours (notice 一(五)3; product.md R1–R5): guards, effects, the table, the kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, case_key
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.notices.services import notify
from luojiang_ce.once import once_per_row
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, days_after
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import (
    REASON,
    CaseKind,
    Context,
    Duty,
    StateInfo,
    Step,
    Transition,
    Turn,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import four_eyes
from training.choices import Assessment, Category, Form
from training.classes.facts import project_of
from training.classes.models import ClassApplication
from training.half_days import Lesson
from training.plans.models import PlanItem
from training.recognition import papers
from training.recognition.counting import Tally, Trainee, classes_ruled_out, takes_long, tally
from training.recognition.hours import portions
from training.recognition.materials import checklist_of, materials_of
from training.recognition.models import Outcome, Recognition, Ruling, last_day
from training.recognition.person_line import PersonLine, line_of
from units.access import APPROVER, FILER, HANDLER, NOBODY
from units.filed_case import (
    EDITABLE,
    Filing,
    ask_for_time,
    give_back,
    materials_at,
    may_edit,
    mended_at,
    mending,
    pass_on,
    reply,
    tell_filer,
    terms_asked,
)
from units.notify import clerks_of_units
from units.terms import Terms
from verification.choices import Form as LedgerForm
from verification.ledger.services import NewEntry, post

NAMED = 10  # names in one sentence; the rest is counted

RECOGNITION_DUE = DeadlineKind(
    "recognition",
    "学时（学分）认定",
    "通知 一(五)3",
    days_after("培训", lambda settings: settings.recognition_days),
    extendable=True,
    missed="proposed",  # R4: the notice names no consequence, so the approver confirms
)


def due_of_class(course: ClassApplication, terms: Terms) -> Deadline:
    """notice 一(五)3: 培训结束后30日内, by the settings of the class's last day."""
    return terms.due_for(RECOGNITION_DUE, last_day(course), course.unit, str(course.pk))


def due_of(case: Recognition, terms: Terms) -> Deadline:
    """The same for a recognition that is begun."""
    return terms.due_for(RECOGNITION_DUE, last_day(case.application), case.unit, str(case.application_id))


def mended_in_time(case: Recognition, terms: Terms) -> Deadline | None:
    """R4: where “办好” is set to mean finished, mending may not run past the first deadline either."""
    first = due_of(case, terms)
    done_by = terms.settings_on(last_day(case.application)).recognition_done_by
    if done_by == DeadlineSetting.RecognitionDoneBy.FILED:
        return mending(due_of)(case, terms)
    return replace(first, explanation=f"{first.explanation}区人社局设定须在期限内办结。")


# --- guards -----------------------------------------------------------------------------------------------------------


def class_is_over(context: Context) -> str | None:
    application: ClassApplication = context.case.application
    if application.state != ClassApplication.State.APPROVED:
        return f"培训班的状态是“{application.get_state_display()}”，不能申报学时认定"
    if application.has_ended(clock.local(context.now).date()):
        return None
    ends = last_day(application)
    return f"培训到 {month_day(ends)} 才结束，次日起可以提交"


def package_is_complete(context: Context) -> str | None:
    """notice 一(五)3: 报名通知、花名册、签到表、讲义课件、现场照片."""
    missing = [row.material for row in checklist_of(context.case) if row.missing]
    if not missing:
        return None
    said = f"还缺 {len(missing)} 项材料：{'、'.join(each.title for each in missing)}"
    return mended_at(context, said, materials_at(context.case, missing))


def trainees_are_ready(context: Context) -> str | None:
    found = tally(context.case)
    if not found.trainees:
        said = "培训班还没有学员，请先导入参加培训人员花名册"
        roster = reverse("classes:roster_import", args=[context.case.application_id])
        return mended_at(context, said, {"导入参加培训人员花名册": roster})
    # R5: where there is an assessment, each trainee who came has a result
    waiting = [each for each in found.trainees if found.case.assessment and each.attended and each.passed is None]
    if not waiting:
        return None
    said = f"还缺 {len(waiting)} 人的考核结果：{names_of_trainees(waiting)}"
    return mended_at(context, said, {"考核结果": reverse("recognition:results", args=[context.case.pk])})


def everybody_is_decided(context: Context) -> str | None:
    undecided = tally(context.case).undecided
    return f"还有 {len(undecided)} 人须逐人核定学时（学分）：{names_of_trainees(undecided)}" if undecided else None


def decisions_are_current(context: Context) -> str | None:
    """R3: after a return signs and results may be others than those the handler decided on."""
    outdated = tally(context.case).outdated
    if not outdated:
        return None
    return f"{len(outdated)} 人核定以后签到、考核结果或不予认定的半日有变动，须重新核定：{names_of_trainees(outdated)}"


def nothing_is_reduced(context: Context) -> str | None:
    if not tally(context.case).is_partial:
        return None
    return "有半日不予认定，或有学员核定的学时少于签到所计，应作“部分认定”"


def not_ruled_out(context: Context) -> str | None:
    """notice 一(五)4: of a class that a decision has taken whole nothing can be recognised while it holds."""
    if not tally(context.case).is_ruled_out:
        return None
    numbers = Ruling.objects.in_force().filter(application=context.case.application_id).values_list("number", flat=True)
    return f"监督检查处理决定 {'、'.join(numbers)} 对本班学时全部不予认定，应作“不予认定”；决定撤回后才能认定"


def something_is_reduced(context: Context) -> str | None:
    return None if tally(context.case).is_partial else "没有不予认定的半日，也没有核减的学时，应作“认定学时”"


def names_of_trainees(trainees: Sequence[Trainee]) -> str:
    """Their names, as many as a sentence holds."""
    names = "、".join(each.enrolment.name for each in trainees[:NAMED])
    return f"{names} 等" if len(trainees) > NAMED else names


def places(case: Recognition) -> dict[str, str]:
    """Where the provider mends what a return names: signs, results, trainees, the package."""
    assessed = case.application.assessment != Assessment.NONE
    return {
        "签到": reverse("attendance:class", args=[case.application_id]),
        **({"考核结果": reverse("recognition:results", args=[case.pk])} if assessed else {}),
        "学员": reverse("classes:trainees", args=[case.application_id]),
        **materials_at(case, materials_of(case)),
    }


def summary_of(case: Recognition) -> list[tuple[str, str]]:
    """What the provider hands over: the class, who came, what their signs give. Five queries, once per loaded row."""
    found = tally(case)
    came = sum(bool(each.attended) for each in found.trainees)
    files = sum(len(row.files) for row in checklist_of(case))
    earning = sum(not each.why_not for each in found.trainees)
    return [
        ("培训班", str(case.application)),
        ("学员", f"{len(found.trainees)} 人，有半日计入的 {came} 人，按签到计有学时（学分）的 {earning} 人"),
        ("材料", f"{files} 份"),
        ("固定", "提交后签到和考核结果不能再改，退回补正时才能改"),
    ]


# --- effects ----------------------------------------------------------------------------------------------------------


def number(context: Context) -> None:
    year = clock.local(context.now).year
    context.case.number = next_number("recognition", year, seed="{year}-R-{seq:04d}", title="学时认定")


def hold_the_signs(context: Context) -> None:
    """Whoever records signs meanwhile holds this lock: they come before the submission, or are refused after it."""
    ClassApplication.objects.select_for_update().get(pk=context.case.application_id)


def recognise(context: Context) -> None:
    """R3: outcomes are frozen, hours go into the ledger once, the numbered sheet is asked for, everybody is told."""
    case: Recognition = context.case
    found = tally(case)
    # one statement, however many trainees
    Outcome.objects.bulk_create((outcome_of(case, trainee) for trainee in found.trainees), batch_size=200)
    post_to_ledger(case, found, context.actor)
    papers.request_sheet(case, context.actor, by_hand=context.data.get("by_hand", ""))
    tell_filer(context)
    units = {each.enrolment.unit_id for each in found.trainees if each.enrolment.unit_id} - {case.unit_id}
    notify(
        clerks_of_units(units),
        f"本单位人员的培训学时{context.transition.done}：{case.application}",
        key=f"recognition-{case.pk}-{context.transition.name}-{context.now.isoformat()}-units",
        text="认定的学时（学分）已记入学时记录",
        url=reverse("ledger:people"),
    )


def post_to_ledger(recognition: Recognition, tally: Tally, actor: Actor) -> None:
    """Post each trainee's hours or credits to the ledger; repeating it changes nothing."""
    application = recognition.application
    lessons = application.lessons()
    assessed = application.assessment != Assessment.NONE
    lines = [line_of(trainee, assessed=assessed) for trainee in tally.trainees if not trainee.why_not]
    entries = [entry for line in lines for entry in entries_of(application, line, lessons)]
    post(entries=entries, source=recognition, actor=actor)


def outcome_of(recognition: Recognition, trainee: Trainee) -> Outcome:
    """What was found for a trainee, to be frozen; not saved."""
    return Outcome(
        recognition=recognition,
        enrolment=trainee.enrolment,
        half_days=[
            {"date": each.date.isoformat(), "half_day": str(each.half_day), "why": str(each.why)}
            for each in trainee.result.half_days
        ],
        amounts=[
            {**asdict(final), "amount": str(final.amount), "counted": str(final.counted)} for final in trainee.finals
        ],
        assessment={None: "", True: "passed", False: "failed"}[trainee.passed],
        posted=not trainee.why_not,
        why_not=trainee.why_not,
    )


def entries_of(application: ClassApplication, line: PersonLine, lessons: Sequence[Lesson]) -> Iterator[NewEntry]:
    """What a trainee of the district gets into the ledger."""
    person_id = line.enrolment.person_id
    assert person_id is not None  # strangers are told apart by `why_not`
    counted = {(each.day, each.half_day) for each in line.half_days if each.counted}
    reasons = {(final.year, final.subject): final.reason for final in line.finals}
    for portion in portions(line.finals, lessons, counted):
        yield NewEntry(
            person_id=person_id,
            year=portion.year,
            measure=application.measure,
            subject=portion.subject,
            form=ledger_form(application),
            amount=portion.amount,
            title=str(application),
            organiser=application.unit.name,
            date_from=_within(application.opens_on, portion.year),
            date_to=_within(application.ends_on, portion.year),
            intensive=application.intensive,
            course=portion.course,
            paid=application.charges,
            reason=reasons[portion.year, portion.subject],
        )


@once_per_row
def ledger_form(application: ClassApplication) -> str:
    """notice 一(四): the form of learning as the ledger names it, by the project as the class was approved with it."""
    own = {Form.REMOTE: LedgerForm.REMOTE, Form.PLACEMENT: LedgerForm.PLACEMENT}.get(Form(application.form))
    project: PlanItem = project_of(application)
    return own or (LedgerForm.SEMINAR if project.category == Category.SEMINAR else LedgerForm.CLASS)


def _within(day: date | None, year: int) -> date | None:
    """A class over New Year has entries in both years, each with its own part of the days (R3)."""
    return day and min(max(day, date(year, 1, 1)), date(year, 12, 31))


# --- table ------------------------------------------------------------------------------------------------------------


def something_is_left(case: Recognition) -> bool:
    """Is there anything to recognise, or has a decision on an inspection taken all of it?"""
    return not getattr(case, "has_rulings", True) or case.application_id not in classes_ruled_out()


def filing_states() -> dict[str, StateInfo]:
    """As of every case that is filed; but no clock runs for a provider that has nothing left to file."""
    states = FILING.states()
    for name in EDITABLE:
        turns = (replace(turn, when=something_is_left) for turn in states[name].turns)
        states[name] = state(states[name].meaning, *turns)
    return states


def take_up_again(context: Context) -> None:
    """What took all the hours does not hold any more; the approvers look at the class as they would have then."""
    pass_on(context)
    tell_filer(context)


def is_big(case: Recognition) -> bool:
    """Is its class one that the worker counts?"""
    return takes_long([case.application_id])


S = Recognition.State
DECIDED = (everybody_is_decided, decisions_are_current)
RECOGNISING = "training.recognition.forms.RecogniseForm"
FILING = Filing(
    "提交学时认定",
    first=due_of,
    reads="审核学时认定",
    mends="补正学时认定",
    mend=mended_in_time,
    whole=(class_is_over, package_is_complete, trainees_are_ready),
    number=number,
    filed=hold_the_signs,
)

RECOGNITION = Workflow(
    states={
        **filing_states(),
        S.CHECKED: state("is-turn", Turn(APPROVER, "审批学时认定", reply)),
        S.RECOGNISED: state("is-done"),
        S.PARTLY: state("is-done"),
        S.REFUSED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "check", "审核通过，送审批", (S.SUBMITTED,), S.CHECKED, HANDLER, "审核通过",
            guards=DECIDED, effect=pass_on, style="primary",
        ),
        Transition(
            "send_back", "退回经办审核", (S.CHECKED,), S.SUBMITTED, APPROVER, "退回审核", effect=give_back, form=REASON
        ),
        Transition(
            "recognise", "认定学时", (S.CHECKED,), S.RECOGNISED, APPROVER, "认定",
            guards=(four_eyes(), not_ruled_out, *DECIDED, nothing_is_reduced),
            effect=recognise, form=RECOGNISING, style="primary", slow=is_big,
        ),
        Transition(
            "recognise_partly", "部分认定", (S.CHECKED,), S.PARTLY, APPROVER, "部分认定",
            guards=(four_eyes(), not_ruled_out, *DECIDED, something_is_reduced),
            effect=recognise, form=RECOGNISING, style="primary", slow=is_big,
        ),
        Transition(
            "refuse", "不予认定", (S.CHECKED,), S.REFUSED, APPROVER, "不予认定",
            guards=(four_eyes(),), effect=tell_filer, form=REASON, style="danger",
        ),
        # Fired when a decision on an inspection is withdrawn for which it was refused.
        Transition(
            "take_up_again", "重新审批", (S.REFUSED,), S.CHECKED, NOBODY, "检查处理决定撤回，重新审批",
            effect=take_up_again, hidden=True, reopens=True,
        ),
    ),
    path=(
        Step("提交", (S.DRAFT, S.RETURNED), "施教机构"),
        Step("审核", (S.SUBMITTED,), "区人社局经办"),
        Step("审批", (S.CHECKED,), "区人社局审批"),
        Step("入账、学时认定表", (), "编号"),
    ),
)  # fmt: skip

# --- what is owed before there is a case ------------------------------------------------------------------------------

TO_BEGIN = Turn(FILER, "申报学时认定")


def classes_to_recognise(asked: Asked) -> Iterator[Owed]:
    """Classes that are over (or end today) and have no recognition yet, nor a decision that takes all their hours.
    Three queries at most."""
    today = clock.local(asked.now).date()
    over = (
        ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, ends_on__lte=today, recognition=None)
        .exclude(pk__in=classes_ruled_out())
        .select_related("unit")
    )
    for course in over if asked.units is None else over.filter(unit__in=asked.units):
        yield OwedDuty(
            TO_BEGIN,
            course,
            f"{TO_BEGIN.act}：{course}",
            reverse("recognition:list"),
            str(course.pk),
            due_of_class(course, terms_asked(asked)),
            course.unit.short,
            case=case_key(course),
        )


# --- kind -------------------------------------------------------------------------------------------------------------


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("签到表缺签到或签退", "补充签字的签到表，或更正签到记录（通知 一(五)3）"),
    ("签到记录与签到表不一致", "按签字的签到表更正"),
    ("花名册未盖章", "打印花名册盖章，扫描后上传"),
    ("现场照片看不出培训情况", "上传培训期间的原图"),
    ("讲义、课件缺课", "按课程补齐（通知 一(五)3）"),
    ("考核结果不全", "逐人登记考核结果"),
)

KIND = CaseKind(
    Recognition,
    RECOGNITION,
    filing=due_of,
    deadlines=(RECOGNITION_DUE,),
    duties=(Duty(FILER, classes_to_recognise),),
    named=lambda case: str(case.application),
    subject=lambda case: str(case.application_id),
    leads=ask_for_time,
    rows=lambda rows: rows.select_related("application"),
    finds=by_words("number", "application__title"),
    places=places,
    phrases=PHRASES,
    summary=summary_of,
    files=FileRules(materials_of, may_edit, compared=True),
    papers=(papers.SHEET,),
    entries=(
        NavItem("学时认定", "clock", "recognition:list", READ_PEOPLE.roles, order=34, tab=True, group=Section.TRAINING),
    ),
    events={
        "results_saved": "登记考核结果",
        "decided": "核定学时",
        "decided_rest": "核定其余待定学员",
        "excluded": "半日不予认定",
        "included": "恢复半日",
        "entered_later": "学员的单位登记后补记入账",
        "corrected": "更正学时",
        "ruled": "按监督检查处理决定更正学时",
    },
    drafts=may_edit,
    demo=Demo("考勤与学时认定", "training.recognition.demo.build", order=50),
    clauses=("一(五)3",),
)
