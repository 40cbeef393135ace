"""Who gets into declarations: the unit's clerks always, others once it was submitted."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import District
from tests.luojiang_ce.access.matrix import (
    BUREAU,
    CLERKS,
    DISTRICT_WIDE,
    HANDLER,
    NOBODY,
    OWN_UNIT,
    REVIEWERS,
    SYSTEM_ADMIN,
    Row,
)
from tests.luojiang_ce.sheets.imports import stage
from tests.verification.declarations.cases import a_conversion, conversion_in, in_state
from verification.declarations.forms import FORMS
from verification.declarations.importing import PEOPLE_IMPORT

OWNER = frozenset({"owner"})


def a_draft(district: District) -> list[int]:
    return [in_state(district, "draft").pk]


def a_submitted_one(district: District) -> list[int]:
    return [in_state(district, "submitted").pk]


def a_drafted_conversion(district: District) -> list[int]:
    return [conversion_in(district, "draft").pk]


def a_staged_list(district: District, name: str = "") -> list[object]:
    case = in_state(district, "draft")
    file = SimpleUploadedFile("人员.csv", f"姓名,身份证号\n{name or case.person.name},".encode())
    batch = stage(PEOPLE_IMPORT, application=case, file=file, name=file.name, actor=district.owner)
    return [case.pk, batch.token]


def proof_of_a_draft(district: District) -> list[object]:
    return [*a_draft(district), "proof"]


ROWS = [
    Row("declarations:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:conversions", BUREAU | SYSTEM_ADMIN),
    Row("declarations:conversion_new", HANDLER),
    Row("declarations:conversion_new", HANDLER, method="post", status=422),
    Row("declarations:conversion", BUREAU | SYSTEM_ADMIN, lambda district: [a_conversion().pk]),
    Row("declarations:conversion", BUREAU, a_drafted_conversion),
    Row("declarations:edit_conversion", HANDLER, a_drafted_conversion),
    Row("declarations:edit_conversion", NOBODY, lambda district: [a_conversion().pk]),
    Row("declarations:revise_conversion", HANDLER, lambda district: [a_conversion().pk], method="post", status=302),
    Row("declarations:try_conversion", BUREAU, a_drafted_conversion, method="post", status=302),
    Row("declarations:people_template", CLERKS),
    Row("declarations:people_import", OWN_UNIT, a_draft),
    Row("declarations:people_preview", OWNER, a_staged_list),
    Row("declarations:people_returned", OWNER, lambda district: a_staged_list(district, "查无此人")),
    Row("declarations:new_many", CLERKS),
    Row("declarations:new_many", CLERKS, method="post", data={"do": "submit"}, status=422),
    Row("declarations:together", OWN_UNIT, a_draft),
    Row("declarations:together", NOBODY, a_submitted_one),
    Row("declarations:together_files", OWN_UNIT, proof_of_a_draft, method="post", status=302),
    Row("declarations:evidence", CLERKS),
    Row("declarations:evidence_upload", CLERKS, method="post", status=302),
    Row("declarations:evidence_sort", CLERKS, method="post", status=302),
    Row("declarations:choose", CLERKS),
    *(Row("declarations:new", CLERKS, lambda district, form=form: [form]) for form, _ in FORMS),
    Row("declarations:new", CLERKS, lambda district: ["paper"], method="post", status=422),
    Row("declarations:declaration", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("declarations:edit", OWN_UNIT, a_draft),
    Row("declarations:edit", OWN_UNIT, a_draft, method="post", status=422),
]
