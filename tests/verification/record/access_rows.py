"""Who gets into attestations, their files, records taken over and trusted districts."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import (
    BUREAU,
    CLERKS,
    DISTRICT_WIDE,
    EVERYONE,
    HANDLER,
    NOBODY,
    OWN_UNIT,
    REVIEWERS,
    Row,
)
from tests.verification.record.cases import attestation_of, district_of, transfer_of

READERS = CLERKS | DISTRICT_WIDE | REVIEWERS


def a_draft(district: District) -> list[int]:
    return [attestation_of(district).pk]


def a_submitted_one(district: District) -> list[int]:
    return [attestation_of(district, "submitted").pk]


def a_transfer(district: District) -> list[int]:
    return [transfer_of(district).pk]


def a_submitted_transfer(district: District) -> list[int]:
    return [transfer_of(district, "submitted").pk]


def a_drafted_district(district: District) -> list[int]:
    return [district_of(district).pk]


def a_trusted_district(district: District) -> list[int]:
    return [district_of(district, "in_force").pk]


ROWS = [
    Row("record:list", READERS),
    Row("record:export", READERS),
    Row("record:new", CLERKS),
    Row("record:new", CLERKS, method="post", data={"do": "submit"}, status=422),
    Row("record:attestation", OWN_UNIT, a_draft),
    Row("record:attestation", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("record:preview", OWN_UNIT, a_draft),
    Row("record:preview", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("record:edit", OWN_UNIT, a_draft),
    Row("record:edit", OWN_UNIT, a_draft, method="post", status=422),
    Row("record:edit", NOBODY, a_submitted_one),
    # There is no paper yet: the page says why there is no file.
    Row("record:portable", OWN_UNIT | BUREAU, a_submitted_one, status=302),
    Row("record:badge", OWN_UNIT | BUREAU, a_submitted_one, status=302),
    Row("record:keys", EVERYONE, public=True),
    Row("record:transfers", READERS),
    Row("record:export_transfers", READERS),
    Row("record:take_over", CLERKS),
    Row("record:take_over", CLERKS, method="post", data={"do": "submit"}, status=422),
    Row("record:transfer", OWN_UNIT, a_transfer),
    Row("record:transfer", OWN_UNIT | DISTRICT_WIDE, a_submitted_transfer),
    Row("record:districts", READERS),
    Row("record:export_districts", READERS),
    Row("record:new_district", HANDLER),
    Row("record:new_district", HANDLER, method="post", status=422),
    Row("record:trusteddistrict", BUREAU, a_drafted_district),
    Row("record:trusteddistrict", READERS, a_trusted_district),
    Row("record:edit_district", HANDLER, a_drafted_district),
    Row("record:edit_district", NOBODY, a_trusted_district),
]
