"""Who gets into the pages of units, people, long absence, accounts and the log."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import AccountFactory, account_with, id_number, person_in
from tests.luojiang_ce.access.matrix import (
    AUDIT_ADMIN,
    BUREAU,
    CLERKS,
    DISTRICT_UNITS,
    DISTRICT_WIDE,
    EVERYONE,
    KEEPER,
    NOBODY,
    OFFICERS,
    OWN_UNIT,
    REVIEWERS,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    Row,
)
from tests.luojiang_ce.papers.samples import issued_letter
from tests.units.cases import leave_of, officer_request, request_for
from tests.units.test_seal_pictures import as_kept, png, ring
from tests.verification.batches.samples import a_seal
from units.models import Leave, Person, ProviderScope, StudyPeriod, Title
from units.services.seals import set_picture


def an_officer_request(district: District) -> list[int]:
    return [officer_request(district).pk]


def an_agreed_reset(district: District) -> list[int]:
    return [officer_request(district, "confirmed").pk]


READERS = OWN_UNIT | DISTRICT_WIDE
WRITERS = OWN_UNIT | BUREAU
LISTS = CLERKS | DISTRICT_WIDE | REVIEWERS
WHY = {"reason": "查验"}


def a_person(district: District) -> list[int]:
    return [person_in(district.unit).pk]


def a_leaver(district: District) -> list[int]:
    """Somebody who has left the unit: its clerks do not see the page any more, the bureau does."""
    person = person_in(district.unit)
    person.employments.update(ended_on=clock.today(), end_reason="left")
    return [person.pk]


def an_ended_job(district: District) -> list[int]:
    return [Person.objects.get(pk=a_leaver(district)[0]).employments.get().pk]


def a_newcomers_post(name: str) -> dict[str, Any]:
    return {"name": name, "kind": "resident", "number": id_number(), "category": "general", "started_on": "2024-09-01"}


def kind_and_record(district: District) -> list[Any]:
    title = Title.objects.create(person=person_in(district.unit), name="农艺师")
    return [title.person_id, "titles", title.pk]


def record_of_another_person(district: District) -> list[Any]:
    title = Title.objects.create(person=person_in(district.neighbour_unit), name="农艺师")
    return [person_in(district.unit).pk, "titles", title.pk]


def a_period(district: District) -> list[Any]:
    period = StudyPeriod.objects.create(person=person_in(district.unit), kind="tenure", first_year=2024, last_year=2026)
    return [period.person_id, "periods", period.pk]


def new_certificate(district: District) -> list[Any]:
    return [*a_person(district), "certificates"]


def no_such_kind(district: District) -> list[Any]:
    return [*a_person(district), "medals"]


def the_unit(district: District) -> list[int]:
    return [district.unit.pk]


def the_health_bureau(district: District) -> list[int]:
    return [district.health.pk]


def a_scope(district: District) -> list[int]:
    scope = ProviderScope.objects.create(unit=district.unit, subject="农业技术", valid_from=clock.today())
    return [district.unit.pk, scope.pk]


def a_submitted_leave(district: District) -> list[int]:
    return [leave_of(district, "submitted").pk]


def a_drafted_leave(district: District) -> list[int]:
    return [leave_of(district, "draft").pk]


def an_account(district: District) -> list[int]:
    return [AccountFactory().pk]


def a_held_role(district: District) -> list[int]:
    clerk = account_with(Role.UNIT_CLERK, district.unit)
    return [clerk.pk, clerk.assignments.get().pk]


def a_role_of_another(district: District) -> list[int]:
    return [AccountFactory().pk, district.owner.assignments.get().pk]


def the_persons_case(district: District) -> list[Any]:
    return [Person._meta.label_lower, *a_person(district)]


def a_request(district: District) -> list[int]:
    """The neighbour unit asks for somebody of the owner's; both units' clerks see it, the one less than the other."""
    return [request_for(district).pk]


def a_request_between_others(district: District) -> list[int]:
    request = request_for(district)
    request.unit, request.to_unit = district.health, district.neighbour_unit
    request.save()
    return [request.pk]


def an_unknown_case(district: District) -> list[Any]:
    return ["nothing.known", 1]


def _file_of(district: District, state: str) -> dict[str, Any]:
    leave = leave_of(district, state)
    upload = SimpleUploadedFile("证明.pdf", PDF)
    return {"uid": attach(case=leave, material="evidence", upload=upload, actor=district.owner).uid}


def a_file_of_a_draft(district: District) -> dict[str, Any]:
    return _file_of(district, "draft")


def a_submitted_file(district: District) -> dict[str, Any]:
    return _file_of(district, "submitted")


def a_draft_to_upload_to(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "draft").pk, "evidence"]


def a_case_without_files(district: District) -> list[Any]:
    return ["units.person", person_in(district.unit).pk, "evidence"]


def a_material_that_is_not_asked_for(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "draft").pk, "scheme"]


PEOPLE = [
    Row("people:list", LISTS),
    Row("people:export", LISTS),
    Row("people:leavers", LISTS),
    Row("people:export_leavers", LISTS),
    Row("people:new", CLERKS),
    Row("people:new", CLERKS, method="post", data=a_newcomers_post("陈若溪"), status=302),
    Row("people:person", READERS, a_person),
    Row("people:person", DISTRICT_WIDE, a_leaver),
    Row("people:edit", WRITERS, a_person),
    Row("people:edit", BUREAU, a_leaver),
    Row("people:rename", WRITERS, a_person),
    Row("people:document", BUREAU, a_person),
    Row("people:reveal", WRITERS, a_person),
    Row("people:reveal", WRITERS, a_person, method="post", data={"why": "核对证书"}),
    Row("people:leaving", WRITERS, a_person),
    Row("people:undo_leaving", WRITERS, an_ended_job),
    Row("people:move", BUREAU, a_person),
    Row("people:add_record", WRITERS, new_certificate),
    Row("people:add_record", NOBODY, no_such_kind),
    Row("people:record", WRITERS, kind_and_record),
    Row("people:record", WRITERS, a_period),
    Row("people:record", NOBODY, record_of_another_person),
    Row("people:remove_record", WRITERS, kind_and_record),
]
UNITS = [
    # A clerk of one unit is led straight to it.
    Row("units:list", DISTRICT_UNITS | REVIEWERS, others=dict.fromkeys(CLERKS, 302)),
    Row("units:export", LISTS | DISTRICT_UNITS),
    Row("units:new", BUREAU),
    Row("units:unit", OWN_UNIT | DISTRICT_UNITS, the_unit),
    Row("units:unit", DISTRICT_UNITS, the_health_bureau),
    Row("units:edit", BUREAU, the_unit),
    Row("units:suspend", BUREAU, the_unit),
    Row("units:suspend", BUREAU, the_unit, method="post", data=WHY, status=302),
    Row("units:merge", BUREAU, the_unit),
    Row("units:add_scope", BUREAU, the_unit),
    Row("units:end_scope", BUREAU, a_scope),
]
LEAVES = [
    Row("leaves:list", CLERKS | BUREAU | AUDIT_ADMIN),
    Row("leaves:export", CLERKS | BUREAU | AUDIT_ADMIN),
    Row("leaves:begin", CLERKS),
    Row("leaves:new", OWN_UNIT, a_person),
    Row("leaves:leave", OWN_UNIT, a_drafted_leave),
    Row("leaves:leave", OWN_UNIT | BUREAU | AUDIT_ADMIN, a_submitted_leave),
    Row("leaves:edit", OWN_UNIT, a_drafted_leave),
    Row("leaves:edit", NOBODY, a_submitted_leave),
]
ACCOUNTS = [
    Row("accounts:requests", OFFICERS),
    Row("accounts:request", OFFICERS, an_officer_request),
    Row("accounts:fetch", SECURITY_ADMIN, an_agreed_reset, method="post"),
    Row("accounts:factor", SECURITY_ADMIN, an_account),
    Row("accounts:list", OFFICERS),
    Row("accounts:export", OFFICERS),
    Row("accounts:disable_many", SECURITY_ADMIN, method="post", status=302),
    Row("accounts:identity", EVERYONE, status=404),
    Row("accounts:identity_unlink", EVERYONE),
    Row("accounts:new", SYSTEM_ADMIN),
    Row("accounts:new", SYSTEM_ADMIN, method="post", data={"username": "linzhixia", "name": "林知夏"}),
    Row("accounts:account", OFFICERS, an_account),
    Row("accounts:edit", SYSTEM_ADMIN, an_account),
    Row("accounts:reset", SECURITY_ADMIN, an_account),
    Row("accounts:reset", SECURITY_ADMIN, an_account, method="post"),
    Row("accounts:switch", SECURITY_ADMIN, an_account),
    Row("accounts:unlock", SECURITY_ADMIN, an_account, method="post", status=302),
    Row("accounts:assign", SECURITY_ADMIN, an_account),
    Row("accounts:end_role", SECURITY_ADMIN, a_held_role),
    Row("accounts:end_role", NOBODY, a_role_of_another),
    Row("accounts:hand_over", SECURITY_ADMIN, a_held_role),
]
AUDIT = [
    Row("audit:events", AUDIT_ADMIN),
    Row("audit:export", AUDIT_ADMIN),
    Row("audit:check", AUDIT_ADMIN, method="post", status=302),
    Row("audit:case", AUDIT_ADMIN, the_persons_case, status=302),
    Row("audit:case", NOBODY, an_unknown_case),
]
SEAL = {
    "purpose": "verification", "arc_text": "洛江区教育局", "line_text": "继续教育验证专用章", "provider": "blank",
    "diameter_mm": "40", "ring_mm": "1", "first_day": "2026-03-02",
}  # fmt: skip


def the_bureaus_seal(district: District) -> list[int]:
    return [a_seal(district.bureau).pk]


def a_seal_with_a_picture(district: District) -> list[int]:
    seal = a_seal(district.bureau)
    set_picture(seal=seal, picture=as_kept(png(ring())), actor=district.handler)
    return [seal.pk]


def a_line_for_the_hand(district: District) -> list[int]:
    seal = a_seal(district.bureau, provider="blank")
    return [issued_letter(district, seal=seal).seal_uses.get().pk]


SEALS = [
    Row("seals:list", BUREAU | KEEPER | AUDIT_ADMIN),
    Row("seals:hand", BUREAU | KEEPER | AUDIT_ADMIN),
    Row("seals:hand_apply", KEEPER, method="post", status=302),
    Row("seals:hand_more", KEEPER, a_line_for_the_hand),
    Row("seals:seal", BUREAU | KEEPER | AUDIT_ADMIN, the_bureaus_seal),
    Row("seals:way", BUREAU, the_bureaus_seal),
    Row("seals:approve", frozenset({"approver"}), the_bureaus_seal, method="post", status=302),
    Row("seals:register_paper", BUREAU | KEEPER | AUDIT_ADMIN, the_bureaus_seal),
    Row("seals:new", BUREAU),
    Row("seals:new", BUREAU, method="post", data=SEAL, status=422),
    Row("seals:end", BUREAU, the_bureaus_seal),
    Row("seals:picture", BUREAU | KEEPER, a_seal_with_a_picture),
    Row("seals:new_picture", BUREAU, the_bureaus_seal),
    Row("seals:end_picture", BUREAU, the_bureaus_seal),
]
EVIDENCE = [
    Row("files:download", OWN_UNIT, a_file_of_a_draft),
    Row("files:download", OWN_UNIT | BUREAU | AUDIT_ADMIN, a_submitted_file),
    Row("files:remove", OWN_UNIT, a_file_of_a_draft, method="post", status=302),
    Row("files:remove", NOBODY, a_submitted_file, method="post"),
    Row("files:upload", OWN_UNIT, a_draft_to_upload_to, method="post", status=302),
    Row("files:upload", NOBODY, a_case_without_files, method="post"),
    Row("files:upload", NOBODY, a_material_that_is_not_asked_for, method="post"),
]
REQUESTS = [
    Row("people:requests", CLERKS | BUREAU),
    Row("people:request", CLERKS | BUREAU | AUDIT_ADMIN, a_request),
    Row("people:request", frozenset({"neighbour"}) | BUREAU | AUDIT_ADMIN, a_request_between_others),
]
ROWS = [*EVIDENCE, *PEOPLE, *REQUESTS, *UNITS, *LEAVES, *ACCOUNTS, *AUDIT, *SEALS]
