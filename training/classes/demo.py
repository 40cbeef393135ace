"""Classes of the demo district in every state, relative to today: held, under way, ahead, being written, decided.

Everything is filed, decided and enrolled through the services and guards, with the clock set to the day it would have
happened. In the first weeks of a year the classes that are over belong to the plans of the year before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workdays.calendar import ONE_DAY
from luojiang_ce.workdays.deadlines import Rules
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from training.choices import Form, Subject
from training.classes.facts import comparison, rows_of
from training.classes.models import CatalogueCourse, ClassApplication, CourseEntitlement, Lecturer
from training.classes.opening import OPENING
from training.classes.qualification import standing_of_class
from training.classes.services import trainees
from training.classes.services.applications import create_application, replace_timetable, save_basics, save_notes
from training.classes.services.catalogue import keep
from training.classes.services.lecturers import save_lecturer
from training.plans.models import PlanItem
from training.plans.qualification import UNDECIDED, WITHIN
from units.demo import a_paper, account, clerk_of, moment, workdays_from_today
from units.models import Employment, Person, Unit
from verification.choices import Measure

LECTURERS = (
    ("温如故", "市农业科学研究所", "研究员", "采后处理"),
    ("沈听澜", "市职业技术学院", "副教授", "工程技术"),
    ("宁致远", "区质量检测站", "高级工程师", "质量检测"),
    ("裴南枝", "市医学会", "主任护师", "临床护理"),
)
HALF_DAYS = (("morning", time(8, 30), time(11, 30)), ("afternoon", time(14, 0), time(17, 0)))
NOTES = "按实际报名和场地情况调整"


@dataclass(frozen=True)
class Plan:
    """A class to be made: whose, which project, when it opens (days ago, or working days ahead; UNDER_WAY), how far it
    got.

    `places`, `form`: where not as planned; `in_line`: units two of whose people wait for a place each.
    `waits`: working days since a class that is ahead was filed; the bureau answers within five.
    """

    unit: str
    project: str
    opens_in: int
    until: str
    people: int = 0
    units: tuple[str, ...] = ()
    waits: int = 4
    places: int = 0
    minimum: int | None = None
    in_line: tuple[str, ...] = ()
    form: str = ""


UNDER_WAY = -1  # on the last working day: there is always a whole day behind it, and half-days still to be signed

# In the order of the sessions of each project. Of the first three nobody asks for recognition any more.
CLASSES = (
    Plan("LJHR", "专业技术人员公共科目", -76, "approved", 6, ("LJHR", "QLNJ")),
    Plan("HSSL", "小型水库安全运行", -72, "approved", 6, ("HSSL",)),
    Plan("YLYY", "压疮护理", -70, "approved", 6, ("YLYY",)),
    Plan("HSSL", "小型水库安全运行", -58, "not_held", 4, ("HSSL",)),
    Plan("DZJG", "危大工程", -10, "reported", 2, ("DZJG",)),
    Plan("QLNJ", "农产品质量安全检测", -24, "approved", 24, ("QLNJ", "HSSL", "HSZF", "WSJD")),
    Plan("QLNJ", "农产品质量安全检测", 19, "resubmitted"),
    Plan("QLNJ", "农产品质量安全检测", 22, "approved", 5, ("QLNJ", "WSJD")),
    Plan("QLNJ", "水肥一体化", -12, "proposed", 2, ("QLNJ",)),
    Plan("QLNJ", "水肥一体化", UNDER_WAY, "approved", 14, ("QLNJ", "HSZF"), form=Form.MIXED),
    Plan("QLNJ", "水肥一体化", 11, "cancelled", 3, ("QLNJ",)),
    Plan("QLNJ", "果蔬冷链保鲜", -40, "approved", 8, ("QLNJ", "HSSL")),
    Plan("QLNJ", "果蔬冷链保鲜", 14, "draft"),
    Plan("QLNJ", "果蔬冷链保鲜", 5, "draft"),  # too late already
    Plan("HSSL", "小型水库安全运行", -45, "approved", 12, ("HSSL", "WSJD")),
    Plan("HSSL", "小型水库安全运行", 8, "approved", 12, ("HSSL", "QLNJ", "WSJD"), places=12, in_line=("QLNJ", "WSJD")),
    Plan("JSJX", "小学数学命题", -30, "approved", 20, ("BXXX", "LJZX", "JSJX")),
    Plan("JSJX", "小学数学命题", 12, "checked", waits=8),
    Plan("JSJX", "小学数学命题", 18, "checked"),
    Plan("YLYY", "压疮护理", -20, "approved", 22, ("YLYY", "HPWS", "MLWS")),
    Plan("YLYY", "压疮护理", 12, "returned"),
    Plan("DZJG", "危大工程", -42, "approved", 8, ("DZJG", "YFZZ")),
    Plan("DZJG", "危大工程", 10, "refused"),
    Plan("DZJG", "危大工程", 15, "submitted", waits=8),
    Plan("LJHR", "专业技术人员公共科目", -35, "approved", 30, ("QLNJ", "DZJG", "YFZZ", "WSJD", "HSZF")),
    Plan("LJHR", "专业技术人员公共科目", 11, "approved", 8, ("QLNJ", "BXXX"), minimum=15),
)


def build() -> str:
    """Catalogue, lecturers, classes, trainees; nothing where there are classes already."""
    if ClassApplication.objects.exists():
        return "演示培训班已有，未改动"
    course = _catalogue()
    made = [_class(plan, course) for plan in CLASSES]
    return f"{len(made)} 个培训班，{sum(case.enrolments.count() for case in made)} 名学员"


def _catalogue() -> CatalogueCourse:
    """Clearly invented: the province's catalogue is not known here."""
    handler = account("handler")
    facts: dict[str, Any] = {"first_year": 2017, "document": "演示文件（虚构）"}
    course = keep(row=CatalogueCourse(name="演示公共科目：职业道德与创新", **facts), actor=handler)
    base = Unit.objects.get(code="HPJD")
    entrusted = CourseEntitlement(unit=base, course=course, document="演示委托书（虚构）", valid_from=date(2026, 1, 1))
    keep(row=entrusted, actor=handler)
    return course


def _class(plan: Plan, course: CatalogueCourse) -> ClassApplication:
    rules = current_rules()
    days = _days(plan, rules)
    projects = PlanItem.objects.published().filter(unit__code=plan.unit, plan__year=days[0].year)
    project = projects.get(title__startswith=plan.project, plan__supplement=0)
    filed = min(rules.due(OPENING, days[0]).due - timedelta(days=2), workdays_from_today(-plan.waits))
    with clock.at(moment(filed)):
        case = _written(project, plan, days, course)
    if plan.until == "draft":
        return _unfinished(case)
    _decided(case, plan.until, filed)
    _enrolled(case, plan, filed)
    _ended(case, plan.until)
    return case


def _ended(case: ClassApplication, until: str) -> None:
    """Cancelled ahead of its day, or never held although its days have gone by."""
    clerk = clerk_of(case.unit)
    if until == "cancelled":
        fire(case, "cancel", actor=clerk, note="讲师临时不能到课，改期另报")
    if until in ("reported", "not_held") and case.ends_on:
        with clock.at(moment(case.ends_on + ONE_DAY)):
            fire(case, "report_not_held", actor=clerk, note="报名不足，当天没有开班")
    if until == "proposed" and case.ends_on:
        with clock.at(moment(case.ends_on + 2 * ONE_DAY, 15)):
            fire(case, "propose_not_held", actor=account("handler"), note="电话核实，讲师和学员都没有到")
    if until == "not_held" and case.ends_on:
        with clock.at(moment(case.ends_on + 2 * ONE_DAY, 15)):
            fire(case, "confirm_not_held", actor=account("handler"))


def _days(plan: Plan, rules: Rules) -> list[date]:
    """Three working days from the opening on."""
    by_workdays = plan.opens_in > 0 or plan.opens_in == UNDER_WAY
    opens = workdays_from_today(plan.opens_in) if by_workdays else clock.today() + timedelta(days=plan.opens_in)
    days = [rules.calendar.on_or_after(opens)]
    while len(days) < 3:
        days.append(rules.calendar.on_or_after(days[-1] + ONE_DAY))
    return days


def _written(project: PlanItem, plan: Plan, days: Sequence[date], course: CatalogueCourse) -> ClassApplication:
    """A complete draft: head, timetable, résumés, words on what differs."""
    clerk = clerk_of(project.unit)
    case = create_application(project=project, actor=clerk)
    case = save_basics(
        application=case, values=_head(project, plan, days), organisers=None, version=case.version, actor=clerk
    )
    lecturers = _lecturers(project.unit)
    rows = list(_rows(project, days, lecturers, course))
    case = replace_timetable(application=case, rows=rows, version=case.version, actor=clerk)
    case = ClassApplication.objects.get(pk=case.pk)
    if case.measure == Measure.CREDITS:
        attach(case=case, material="credits_basis", upload=a_paper("学分项目文件"), actor=clerk)
    different = comparison(case, rows_of(case)).differences
    notes = {difference.key: NOTES for difference in different}
    return save_notes(application=case, notes=notes, version=case.version, actor=clerk)


def _head(project: PlanItem, plan: Plan, days: Sequence[date]) -> dict[str, Any]:
    head: dict[str, Any] = {
        "opens_on": days[0],
        "ends_on": days[-1],
        "days": Decimal(3),
        "people": plan.places or project.people,
        "minimum": plan.minimum,
        "purpose": "更新专业知识，提高岗位能力",
        "textbooks": "自编讲义",
        "assessment": "exam",
        "intensive": project.unit.nature == Unit.Nature.SCHOOL,
        "leader": "岳临川",
        "class_teacher": "顾清和",
        "contact": "林知秋",
        "phone": "0595-0000-0126",
    }
    if plan.form:
        head["form"] = plan.form
    if project.measure == Measure.CREDITS:
        head |= {"credits": {"class_2": "6"}, "credits_basis": "继续医学教育项目演示文件（虚构）"}
    return head


def _lecturers(unit: Unit) -> list[Lecturer]:
    """The unit's lecturers with their résumés; registered once."""
    if not unit.lecturers.exists():
        clerk = clerk_of(unit)
        for name, employer, title, specialty in LECTURERS:
            facts = {"employer": employer, "title": title, "specialty": specialty, "sex": "男"}
            lecturer = save_lecturer(lecturer=Lecturer(unit=unit, name=name, **facts), actor=clerk)
            attach(case=lecturer, material="resume", upload=a_paper(f"{name}简历"), actor=clerk)
    return list(unit.lecturers.order_by("pk"))


def _rows(
    project: PlanItem, days: Sequence[date], lecturers: Sequence[Lecturer], course: CatalogueCourse
) -> Iterator[dict[str, Any]]:
    """An opening that does not count, then four hours a half-day until the planned amount is reached."""
    public = bool(project.public_amount)
    left = project.public_amount + project.professional_amount
    facts: dict[str, Any] = {"room": "201", "teaching_form": "讲授"}
    yield {
        "date": days[0], "half_day": "morning", "starts_at": time(8), "ends_at": time(8, 30),
        "course": "报到、开班仪式", "counts": False, "room": "201",
    }  # fmt: skip
    for number, (day, (half_day, starts, ends)) in enumerate((d, h) for d in days for h in HALF_DAYS):
        hours = min(left, Decimal(4))
        left -= hours
        if not hours:
            break
        yield {
            "date": day, "half_day": half_day, "starts_at": starts, "ends_at": ends,
            "course": f"{course.name}（{number + 1}）" if public else f"{project.content}（{number + 1}）"[:100],
            "subject": Subject.PUBLIC if public else Subject.PROFESSIONAL, "hours": hours,
            "lecturer": lecturers[number % len(lecturers)], "catalogue_course": course if public else None, **facts,
        }  # fmt: skip


def _unfinished(case: ClassApplication) -> ClassApplication:
    """A draft with some things still to mend."""
    clerk = clerk_of(case.unit)
    case = save_basics(
        application=case,
        values={"class_teacher": "", "purpose": ""},
        organisers=None,
        version=case.version,
        actor=clerk,
    )
    case.timetable.filter(pk=rows_of(ClassApplication.objects.get(pk=case.pk))[2].pk).update(hours=5)
    return case


def _decided(case: ClassApplication, until: str, filed: date) -> None:
    """File, return, check, decide, as far as the class is to get, each some days after the other."""
    clerk, handler, approver = clerk_of(case.unit), account("handler"), account("approver")
    with clock.at(moment(filed)):
        fire(case, "submit", actor=clerk)
    if until in ("returned", "resubmitted"):
        with clock.at(moment(filed + timedelta(days=2))):
            fire(case, "return", actor=handler, data={"items": RETURN})
    if until == "resubmitted":
        with clock.at(moment(filed + timedelta(days=4))):
            answers = {str(item.pk): "已按要求改好" for item in open_items(case)}
            fire(case, "resubmit", actor=clerk, data={"answers": answers})
    if until not in ("submitted", "returned", "resubmitted"):
        with clock.at(moment(filed + timedelta(days=1), 15)):
            judged = standing_of_class(case).kind == UNDECIDED
            data = {"scope": WITHIN} if judged else {}
            fire(case, "check", actor=handler, note="材料齐全，课程与计划相符", data=data)
    if until in ("approved", "cancelled", "reported", "proposed", "not_held"):
        with clock.at(moment(filed + timedelta(days=2))):
            passed = "区教育局来函委托，承担本区教师研修" if standing_of_class(case).stops else ""
            fire(case, "approve", actor=approver, data={"scope_passed": passed})
    if until == "refused":
        with clock.at(moment(filed + timedelta(days=2))):
            fire(case, "refuse", actor=approver, note="与本年度已办的班内容重复，请并入下一期")


RETURN = (
    {"where": "课程表", "wrong": "第 3 行课程名称过于笼统", "mend": "写明具体专题"},
    {"where": "师资", "wrong": "一位教师的简历没有写现任职务", "mend": "补充后重新上传"},
)


def _enrolled(case: ClassApplication, plan: Plan, filed: date) -> None:
    """The provider's roster before the opening; the units answer, one of them not yet where the class is ahead."""
    if not plan.people:
        return
    clerk = clerk_of(case.unit)
    with clock.at(moment(filed + timedelta(days=3))):
        trainees.enrol_roster(application=case, trainees=list(_roster(plan)), actor=clerk)
    silent = plan.units[1] if plan.opens_in > 0 and len(plan.units) > 1 else ""
    with clock.at(moment(filed + timedelta(days=4))):
        for unit in Unit.objects.filter(code__in=plan.units).exclude(code=silent):
            waiting = case.enrolments.filter(unit=unit, agreement="waiting").values_list("pk", flat=True)
            trainees.agree(enrolment_ids=list(waiting), actor=clerk_of(unit))
        for unit in Unit.objects.filter(code__in=plan.in_line):
            jobs = unit.employments.filter(ended_on=None).order_by("-person_id").values_list("person", flat=True)[:2]
            trainees.enrol_own(application=case, person_ids=list(jobs), actor=clerk_of(unit))


def _roster(plan: Plan) -> Iterator[trainees.Trainee]:
    """The first people of these units, in turn, until there are enough."""
    each = -(-plan.people // len(plan.units))
    for code in plan.units:
        jobs = Employment.objects.filter(unit__code=code, ended_on=None).select_related("person", "unit")
        for job in jobs.order_by("person_id")[:each]:
            person: Person = job.person
            yield trainees.trainee_of(person, job.unit_id, job.unit.name)
