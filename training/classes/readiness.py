"""What still keeps an application from being submitted: the one answer behind the form's steps and the guards."""

from __future__ import annotations

from luojiang_ce.files.materials import Material, MaterialRow, checklist
from luojiang_ce.once import once_per_row
from training.classes.checks import BASICS, REVIEW, STEPS, TEACHING, TIMETABLE, Finding, basics
from training.classes.facts import comparison, rows_of, timetable_problems
from training.classes.models import ClassApplication
from training.classes.models.timetable import RESUME as RESUME_CODE
from training.plans.models import PlanItem
from units.filed_case import EDITABLE
from verification.choices import Measure

# notice 一(五)2: 附件2 and 附件3 are filled in on-line, 师资简历 lie with the lecturers.
MATERIALS = (
    Material("stamped", "盖章的申报表（附件2）扫描件", "打印附件2，盖章后扫描", "附件2", required=lambda case: False),
    Material("notice", "培训（报名）通知", "已拟好的通知", "一(五)2", required=lambda case: False),
    Material(
        "fee_approval",
        "收费批件",
        "收费的班须附批准文件",
        "三2",
        required=lambda case: case.charges,
        only_where_required=True,
    ),
    Material(
        "credits_basis",
        "学分依据文件",
        "批准授予学分的项目文件",
        "一(三)2",
        required=lambda case: case.measure == Measure.CREDITS,
        only_where_required=True,
    ),
    Material("authority", "业务主管部门意见", "有主管部门意见的，附盖章件", "附件2", required=lambda case: False),
    Material("change_note", "计划变更说明", "与公布计划出入较大的，可附说明", "附件2", required=lambda case: False),
)
RESUME = Material(RESUME_CODE, "简历", "授课教师的简历", "一(五)2")


def shown_materials(application: ClassApplication) -> list[MaterialRow]:
    """The checklist; once it is filed, without what was left out."""
    rows = _materials(application)
    return rows if application.state in EDITABLE else [row for row in rows if row.is_there]


def findings(application: ClassApplication) -> list[Finding]:
    """Everything to mend, step by step, in the order of the form."""
    return [finding for step in STEPS for finding in of_step(step, application)]


def of_step(step: str, application: ClassApplication) -> list[Finding]:
    """Everything to mend in one step of the form."""
    return {BASICS: _basics, TIMETABLE: _timetable, TEACHING: _teaching, REVIEW: _review}[step](application)


def _basics(application: ClassApplication) -> list[Finding]:
    project: PlanItem = application.project
    values = {field.name: getattr(application, field.attname) for field in application._meta.concrete_fields}
    found = basics(values, year=project.plan.year, sessions=project.sessions)
    if not any(organiser.part == "host" for organiser in application.organisers.all()):
        found.append(Finding(BASICS, "organisers", "办班单位里还没有主办单位"))
    return found


def _timetable(application: ClassApplication) -> list[Finding]:
    problems = timetable_problems(application, rows_of(application))
    return [
        Finding(TIMETABLE, f"r{p.row}" if p.row else "grid", f"第 {p.row} 行：{p.text}" if p.row else p.text)
        for p in problems
    ]


def without_resume(application: ClassApplication) -> list[Finding]:
    """C4: whoever teaches hours that count has a résumé on file."""
    counting = [row for row in rows_of(application) if row.counts and not row.lecturer_has_resume]
    lecturers = {row.lecturer.pk: row.lecturer.name for row in counting if row.lecturer}
    return [Finding(TEACHING, f"lecturer-{pk}", f"缺{name}的简历") for pk, name in lecturers.items()]


def _teaching(application: ClassApplication) -> list[Finding]:
    missing = [row.material for row in _materials(application) if row.missing]
    found = [Finding(TEACHING, f"material-{m.code}", f"缺材料：{m.title}") for m in missing]
    return without_resume(application) + found


@once_per_row
def _materials(application: ClassApplication) -> list[MaterialRow]:
    return checklist(application, MATERIALS)


def _review(application: ClassApplication) -> list[Finding]:
    lines = comparison(application, rows_of(application)).unexplained
    return [Finding(REVIEW, f"id_{d.key}", f"{d.label}与公布的计划不同，请写明原因") for d in lines]
