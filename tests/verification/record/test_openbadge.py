"""The Open Badge beside an attestation: its schema, its signature, and what it does not say."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator, FormatChecker

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring
from luojiang_ce.proof.keyring import Purpose
from luojiang_ce.workflow.engine import fire
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.factories import person_in
from tests.verification.batches.samples import a_seal, learned
from tests.verification.record.cases import attestation_of
from verification.record.export import badge_file
from verification.record.models import Attestation

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((Path(__file__).parents[2] / "data/openbadges/achievementcredential.json").read_text())
CHECK = Draft201909Validator(SCHEMA, format_checker=FormatChecker())


@pytest.fixture
def case(district: District) -> Attestation:
    a_seal(district.bureau)
    person = person_in(district.unit, "岳临川")
    learned(person, "30", "60", 2025)
    case = attestation_of(district, "submitted", person=person, first_year=2015, last_year=2026)
    fire(case, "issue", actor=district.approver)
    with blank_papers():
        sweep()
    return case


def parts_of(jwt: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    head, claims, signature = jwt.split(b".")
    header, told = (json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in (head, claims))
    return header, told, head + b"." + claims, urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))


def credential_of(case: Attestation) -> dict[str, Any]:
    return parts_of(badge_file(case))[1]


def test_it_is_a_jwt_signed_by_the_key_of_records(case: Attestation) -> None:
    header, claims, signed, signature = parts_of(badge_file(case))
    key = keyring.current(Purpose.RECORDS)
    assert key.verify(signed, signature)
    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    assert header["kid"].endswith(f"/record/keys.json#{key.kid}")
    assert (claims["iss"], claims["jti"]) == (claims["issuer"]["id"], claims["id"])
    paper = Paper.objects.of(case).get()
    assert claims["nbf"] == int(paper.issued_at.timestamp()) <= clock.now().timestamp()
    assert not key.verify(signed + b"x", signature)


def test_it_keeps_to_the_schema(case: Attestation) -> None:
    assert [error.message for error in CHECK.iter_errors(credential_of(case))] == []


FAULTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no issuer": lambda badge: badge.pop("issuer"),
    "no date": lambda badge: badge.pop("validFrom"),
    "no identifier": lambda badge: badge["credentialSubject"].pop("identifier"),
    "no criteria": lambda badge: badge["credentialSubject"]["achievement"].pop("criteria"),
    "another type": lambda badge: badge.update(type=["VerifiableCredential"]),
    "a status of nobody": lambda badge: badge["credentialSubject"]["result"][0].update(status="未判定"),
    "another context": lambda badge: badge["@context"].reverse(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_schema_finds_what_is_wrong(case: Attestation, fault: str) -> None:
    badge = credential_of(case)
    FAULTS[fault](badge)
    assert list(CHECK.iter_errors(badge))


def test_it_says_how_each_year_came_out_and_judges_none_that_was_not(case: Attestation) -> None:
    results = {each["resultDescription"][-4:]: each for each in credential_of(case)["credentialSubject"]["result"]}
    assert (results["2025"]["status"], results["2025"]["value"]) == ("Completed", "达标")
    assert (results["2026"]["status"], results["2026"]["value"]) == ("Failed", "未达标")
    assert results["2015"]["value"] == "未判定"
    assert "status" not in results["2015"]


def test_what_is_described_as_a_status_has_one_and_nothing_else_has(case: Attestation) -> None:
    subject = credential_of(case)["credentialSubject"]
    kinds = {each["id"]: each["resultType"] for each in subject["achievement"]["resultDescription"]}
    assert {kinds[each["resultDescription"]] for each in subject["result"] if "status" in each} == {"Status"}
    assert {kinds[each["resultDescription"]] for each in subject["result"] if "status" not in each} == {"Result"}


def test_it_holds_neither_the_id_number_nor_the_code_of_the_paper(case: Attestation) -> None:
    told = json.dumps(credential_of(case), ensure_ascii=False)
    for secret in (case.person.id_number, case.person.masked_id[-4:], Paper.objects.of(case).get().code):
        assert secret not in told
