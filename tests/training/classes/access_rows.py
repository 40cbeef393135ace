"""Who gets into the pages of classes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
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
from tests.training.plans.factories import a_batch
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT
from training.classes.models import ClassApplication, CourseEntitlement, Enrolment, TeachingProof
from training.plans.models import PlanBatch, PlanItem

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


def proof(district: District, **kwargs: Any) -> list[Any]:
    facts = {"unit": district.unit, "year": 2026, "state": "submitted", "first_submitted_at": clock.now(), **kwargs}
    return [TeachingProof.objects.create(lecturer=a_lecturer(district.unit), **facts).pk]


def proof_draft(district: District) -> list[Any]:
    return proof(district, state="draft", first_submitted_at=None)


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


def published(district: District) -> ClassApplication:
    """An approved session of a project that a document publishes."""
    session = an_application(district.unit, State.APPROVED)
    day = date(2026, 3, 20)
    batch = a_batch(PlanBatch.State.PUBLISHED, document_number="泉洛政人社〔2026〕1号", published_on=day)
    PlanItem.objects.filter(pk=session.project_id).update(batch=batch)
    return session


ROWS = [
    Row("published:list", EVERYONE, public=True),
    Row("published:calendar", EVERYONE, public=True),
    Row("published:project", EVERYONE, lambda district: [published(district).project_id], public=True),
    Row("published:session", EVERYONE, lambda district: [published(district).pk], public=True),
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
    Row("classes:proof_new", OWN_UNIT, lecturer),
    Row("classes:proofs", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("classes:export_proofs", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("classes:proof", OWN_UNIT, proof_draft),
    Row("classes:proof", OWN_UNIT | DISTRICT_WIDE, proof),
    Row("classes:open", CLERKS),
    Row("classes:enrol", CLERKS, approved),
    Row("classes:own_trainees", CLERKS),
    Row("classes:agree", CLERKS, method="post", status=302),
    Row("classes:agree_late", CLERKS),
    Row("classes:agree_late", CLERKS, method="post", status=422),
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
