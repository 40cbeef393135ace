"""附件2 《洛江区专业技术人员继续教育培训班申报表》: one definition makes workbook and PDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.across import shown
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.workdays.text import full

from . import timetable
from .facts import as_values, project_of
from .form3 import span
from .models import ClassApplication, TimetableRow
from .models.application import CREDIT_TYPES

TITLE = "洛江区专业技术人员继续教育培训班申报表"

# The lecturers' part of the form; the columns are reconstructed (domain.md §1).
FORM2 = SheetForm(
    code="附件2",
    title=TITLE,
    columns=(
        Column("name", "姓名", kind="name", width=9),
        Column("sex", "性别", width=5),
        Column("birth", "出生年月", width=10),
        Column("employer", "单位", width=18),
        Column("post", "职务", width=9),
        Column("title", "职称", width=10),
        Column("specialty", "专业/专长", width=12),
        Column("courses", "授课题目", width=22),
        Column("hours", "学时", kind="number", width=6),
    ),
)

# The same form as a workbook: a line per field, as people type it over.
SHEET2 = SheetForm(
    code="附件2",
    title=TITLE,
    sheet_name="申报表",
    columns=(
        Column("group", "栏目", width=14, runs_on=True),
        Column("label", "项目", width=18),
        Column("value", "内容", width=60),
    ),
    numbered=False,
)


@dataclass(frozen=True)
class Fact:
    """A field of the form: the group it stands in, its title and its value as text; `wide`: over the whole width."""

    group: str
    label: str
    value: str
    wide: bool = False


def facts(application: ClassApplication, table: Iterable[TimetableRow]) -> list[Fact]:
    """Every field of 附件2 apart from lecturers and opinions, in order."""
    return [*_class(application), *_teaching(application, table), *_money(application), *_people(application)]


def lecturers(table: Iterable[TimetableRow]) -> list[dict[str, Any]]:
    """The lecturers of a timetable with what each teaches, in the order in which they first appear."""
    found: dict[int, dict[str, Any]] = {}
    for row in table:
        if row.lecturer is None or not row.counts:
            continue
        line = found.setdefault(row.lecturer.pk, _lecturer(row))
        line["courses"] = "；".join(filter(None, (line["courses"], row.course)))
        line["hours"] += row.hours
    return list(found.values())


def sheet_rows(application: ClassApplication, table: list[TimetableRow]) -> list[dict[str, str]]:
    """The whole form as lines of a workbook."""
    lines = [{"group": f.group, "label": f.label, "value": f.value} for f in facts(application, table)]
    for number, line in enumerate(lecturers(table), 1):
        parts = [str(line[key]) for key in ("name", "sex", "birth", "employer", "post", "title", "specialty")]
        said = "，".join(filter(None, parts))
        value = f"{said}。授课：{line['courses']}，{shown(line['hours'])} 学时"
        lines.append({"group": "授课教师", "label": str(number), "value": value})
    return lines


def _lecturer(row: TimetableRow) -> dict[str, Any]:
    lecturer = row.lecturer
    assert lecturer is not None
    return {
        **{key: getattr(lecturer, key) for key in ("name", "sex", "employer", "post", "title", "specialty")},
        "birth": f"{lecturer.birth.year}年{lecturer.birth.month}月" if lecturer.birth else "",
        "courses": "",
        "hours": timetable.ZERO,
    }


def _class(application: ClassApplication) -> list[Fact]:
    project, batch = project_of(application), application.project.batch
    published = "，".join(filter(None, [project.number, batch.document_number if batch else ""]))
    days = f"{application.days.normalize():f} 天" if application.days else ""
    organisers = [f"{o.get_part_display()}：{o.name}" for o in application.organisers.all()]
    return [
        Fact("班级", "培训班名称", application.title, wide=True),
        Fact("班级", "期次", f"第 {application.session} 期"),
        Fact("班级", "对应计划编号/公布文号", published),
        Fact("班级", "主办/承办单位", "；".join(organisers), wide=True),
        Fact("班级", "科目类别", project.get_category_display()),
        Fact("班级", "培训形式", application.get_form_display() + ("（集中脱产）" if application.intensive else "")),
        Fact("班级", "起止日期", span(application)),
        Fact("班级", "天数", days),
        Fact("班级", "地点", application.place),
        Fact("班级", "计划人数", f"{application.people} 人" if application.people else ""),
        Fact("班级", "培训对象", application.audience, wide=True),
    ]


def _teaching(application: ClassApplication, table: Iterable[TimetableRow]) -> list[Fact]:
    return [
        Fact("教学", "培训目的", application.purpose, wide=True),
        Fact("教学", "主要内容", application.content, wide=True),
        Fact("教学", "教材/讲义", application.textbooks),
        Fact("教学", "考核方式", application.get_assessment_display()),
        Fact("教学", *amounts(application, table), wide=True),
    ]


def amounts(application: ClassApplication, table: Iterable[TimetableRow]) -> tuple[str, str]:
    """What is applied for: hours by subject from the timetable, or credits by type."""
    if application.measure == "credits":
        credits = application.credit_amounts.items()
        said = "，".join(f"{CREDIT_TYPES[kind]}{shown(amount)}学分" for kind, amount in credits)
        return "申请学分", f"{said}（依据：{application.credits_basis}）" if said else ""
    summed = timetable.sums(as_values(table))
    return "申请学时", f"公共科目{shown(summed.public)}学时，专业科目{shown(summed.professional)}学时"


def _money(application: ClassApplication) -> list[Fact]:
    fee = f"收费，{application.fee or 0:,.2f} 元/人" if application.charges else "不收费"
    budget = f"{application.budget:,.2f} 元" if application.budget is not None else ""
    return [
        Fact("经费", "是否收费、标准", fee),
        Fact("经费", "收费批准文号", application.fee_document),
        Fact("经费", "经费来源", application.get_funding_display()),
        Fact("经费", "经费预算", budget),
    ]


def _people(application: ClassApplication) -> list[Fact]:
    filed = application.first_submitted_at
    return [
        Fact("人员", "项目负责人", application.leader),
        Fact("人员", "班主任", application.class_teacher),
        Fact("人员", "联系人", application.contact),
        Fact("人员", "电话", application.phone),
        Fact("人员", "申办单位", application.unit.name),
        Fact("人员", "申报日期", full(clock.local(filed).date()) if filed else ""),
    ]
