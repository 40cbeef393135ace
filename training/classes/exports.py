"""The lists of applications and lecturers as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import ClassFilter, LecturerFilter, ProofFilter
from .models import ClassApplication, Lecturer, TeachingProof
from .models.timetable import LecturerQuerySet
from .teaching import with_hours

CLASSES = ListExport(
    "开班申请",
    lambda account: ClassApplication.objects.visible_to(account).select_related("unit").order_by("-opens_on", "pk"),
    ClassFilter,
    (
        Told("编号", "number", width=18),
        Told("培训班", "title", width=40),
        Told("期次", "session", "integer", 8),
        Told("申办单位", "unit.name", width=36),
        Told("开班", "opens_on", "date"),
        Told("结束", "ends_on", "date"),
        Told("地点", "place", width=24),
        Told("计划人数", "people", "integer", 10),
        Told("首次报送", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def _with_years(rows: LecturerQuerySet) -> LecturerQuerySet:
    year = clock.today().year
    return with_hours(with_hours(rows, year), year - 1, "hours_before")


LECTURERS = ListExport(
    "授课教师",
    lambda account: _with_years(Lecturer.objects.visible_to(account).as_listed()).order_by("name", "pk"),
    LecturerFilter,
    (
        Told("姓名", "name", "name"),
        Told("工作单位", "employer", width=36),
        Told("职务/职称", "standing", width=20),
        Told("专业/专长", "specialty", width=30),
        Told("登记单位", "unit.name", width=36),
        Told("授课班数", "classes", "integer", 10),
        Told("本年已认定授课学时", "hours", "number", 14),
        Told("上年已认定授课学时", "hours_before", "number", 14),
        Told("简历", lambda lecturer: "已附" if lecturer.has_resume else "缺"),
    ),
)


PROOFS = ListExport(
    "授课证明",
    lambda account: (
        TeachingProof.objects.visible_to(account).select_related("lecturer", "unit").order_by("-year", "pk")
    ),
    ProofFilter,
    (
        Told("编号", "number", width=18),
        Told("授课教师", "lecturer.name", "name"),
        Told("工作单位", "lecturer.employer", width=36),
        Told("施教机构", "unit.name", width=36),
        Told("年度", "year", "integer", 8),
        Told("学时", "hours", "number", 8),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("classes", CLASSES)
    register_export("lecturers", LECTURERS)
    register_export("proofs", PROOFS)
