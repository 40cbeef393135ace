"""Who gets into the pages of classes."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import (
    BUREAU,
    CASE_LISTS,
    CLERKS,
    DISTRICT_CASES,
    DISTRICT_WIDE,
    EVERYONE,
    HANDLER,
    OWN_UNIT,
    REVIEWERS,
    SYSTEM_ADMIN,
    Row,
)
from tests.luojiang_ce.sheets.imports import stage
from tests.training.classes.factories import a_course, a_lecturer, an_application, enrolled, project_for
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, CourseEntitlement, Enrolment

State = ClassApplication.State
OWNER = frozenset({"owner"})


def draft(district: District) -> list[Any]:
    return [an_application(district.unit).pk]


def second_draft(district: District) -> list[Any]:
    an_application(district.unit, State.APPROVED)
    return draft(district)


def submitted(district: District) -> list[Any]:
    return [an_application(district.unit, State.SUBMITTED).pk]


def approved(district: District) -> list[Any]:
    return [an_application(district.unit, State.APPROVED).pk]


def project(district: District) -> list[Any]:
    return [project_for(district.unit, 2027).pk]


def lecturer(district: District) -> list[Any]:
    return [a_lecturer(district.unit).pk]


def entitlement(district: District) -> list[Any]:
    facts = {"document": "洛人社〔2026〕3号", "valid_from": "2026-01-01"}
    return [CourseEntitlement.objects.create(unit=district.unit, **facts).pk]


def staged_timetable(district: District, rows: str = "") -> list[Any]:
    case = an_application(district.unit)
    file = SimpleUploadedFile("课程表.csv", f"日期,课程名称,起止时间\n{rows}".encode())
    batch = stage(TIMETABLE_IMPORT, application=case, file=file, name=file.name, actor=district.owner)
    return [case.pk, batch.token]


def staged_roster(district: District, rows: str = "") -> list[Any]:
    case = an_application(district.unit, State.APPROVED)
    file = SimpleUploadedFile("名册.csv", f"姓名,身份证号\n{rows}".encode())
    batch = stage(TRAINEES_IMPORT, application=case, file=file, name=file.name, actor=district.owner)
    return [case.pk, batch.token]


def trainee(district: District) -> Enrolment:
    case = an_application(district.neighbour_unit, State.APPROVED)
    return enrolled(case, person_in(district.unit), agreement=Enrolment.Agreement.WAITING)


ROWS = [
    Row("classes:list", EVERYONE),
    Row("classes:export", CLERKS | CASE_LISTS),
    Row("classes:new", CLERKS),
    Row("classes:create", OWN_UNIT, project, method="post", status=302),
    Row("classes:class", OWN_UNIT, draft),
    Row("classes:class", OWN_UNIT | DISTRICT_CASES, submitted),
    *(Row(f"classes:{step}", OWN_UNIT, draft) for step in ("basics", "timetable", "teaching", "review")),
    Row("classes:repeat", OWN_UNIT, second_draft),
    *(Row(f"classes:{step}", OWN_UNIT, submitted, status=302) for step in ("basics", "timetable", "teaching")),
    *(
        Row(f"classes:{name}", OWN_UNIT | DISTRICT_CASES, submitted)
        for name in ("form2_pdf", "form2_sheet", "form3_pdf", "form3_sheet")
    ),
    Row("classes:form3_template", CLERKS),
    Row("classes:timetable_import", OWN_UNIT, draft),
    Row("classes:timetable_preview", OWNER, staged_timetable),
    Row("classes:timetable_returned", OWNER, lambda district: staged_timetable(district, "没有这天,课,8:00-9:00")),
    Row("classes:lecturers", EVERYONE),
    Row("classes:export_lecturers", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("classes:lecturer_new", CLERKS),
    Row("classes:lecturer", OWN_UNIT | DISTRICT_WIDE, lecturer),
    Row("classes:lecturer_edit", OWN_UNIT, lecturer),
    Row("classes:open", CLERKS),
    Row("classes:enrol", CLERKS, approved),
    Row("classes:own_trainees", CLERKS),
    Row("classes:agree", CLERKS, method="post", status=302),
    Row("classes:refuse", CLERKS, method="post", status=302),
    Row("classes:remove_own", CLERKS, method="post", status=302),
    Row("classes:leave_waiting", CLERKS, method="post", status=302),
    Row("classes:trainees", OWN_UNIT | DISTRICT_WIDE, approved),
    Row("classes:trainees_sheet", OWN_UNIT | DISTRICT_WIDE, approved),
    Row("classes:remove", OWN_UNIT, approved, method="post", status=302),
    Row("classes:scan", OWN_UNIT, approved, method="post", status=302),
    Row("classes:trainees_template", CLERKS),
    Row("classes:roster_import", OWN_UNIT, approved),
    Row("classes:roster_preview", OWNER, staged_roster),
    Row("classes:roster_returned", OWNER, lambda district: staged_roster(district, "王明,1")),
    Row("classes:catalogue", BUREAU | SYSTEM_ADMIN),
    Row("classes:course_new", HANDLER),
    Row("classes:course", HANDLER, lambda district: [a_course().pk]),
    Row("classes:entitlement_new", HANDLER),
    Row("classes:entitlement", HANDLER, entitlement),
    Row("classes:rule_new", SYSTEM_ADMIN),
]
