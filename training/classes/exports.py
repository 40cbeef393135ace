"""The lists of applications and lecturers as workbooks: the columns of their pages, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .filters import ClassFilter, LecturerFilter
from .models import ClassApplication, Lecturer

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

LECTURERS = ListExport(
    "授课教师",
    lambda account: Lecturer.objects.visible_to(account).as_listed().order_by("name", "pk"),
    LecturerFilter,
    (
        Told("姓名", "name", "name"),
        Told("工作单位", "employer", width=36),
        Told("职务/职称", "standing", width=20),
        Told("专业/专长", "specialty", width=30),
        Told("登记单位", "unit.name", width=36),
        Told("授课班数", "classes", "integer", 10),
        Told("简历", lambda lecturer: "已附" if lecturer.has_resume else "缺"),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("classes", CLASSES)
    register_export("lecturers", LECTURERS)
