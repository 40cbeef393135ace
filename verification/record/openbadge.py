"""An attestation as an Open Badges 3.0 AchievementCredential (1EdTech, with W3C Verifiable Credentials 2.0).

Pure: facts in, JSON out. It says how each year came out, not what was attended: that stands in the portable record. No
ID number in any form: whoever is shown it asks the public check, which gives the masked name and the last digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
NARRATIVE = "由单位申请，人力资源和社会保障局按学时记录和年度验证结论出具；每年度是否达到规定要求，见 result"


@dataclass(frozen=True)
class BadgeFacts:
    """What a badge says. `identifier`: a URN, and no address of the check: that holds the paper's code, which unlocks
    the binding of the portable record (portable.bound_to); `years`: as they were frozen (content.py)."""

    identifier: str
    check_url: str
    issuer_url: str
    issuer_name: str
    number: str
    title: str
    issued_at: datetime
    name: str
    years: Sequence[Mapping[str, Any]]


def credential(facts: BadgeFacts) -> dict[str, Any]:
    """The credential, unsigned."""
    achievement = f"{facts.identifier}#achievement"
    descriptions = {year["year"]: f"{achievement}-{year['year']}" for year in facts.years}
    return {
        "@context": list(CONTEXTS),
        "id": facts.identifier,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{facts.title} {facts.number}",
        "issuer": {
            "id": facts.issuer_url,
            "type": ["Profile"],
            "name": facts.issuer_name,
            "url": facts.issuer_url,
        },
        "validFrom": facts.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_identity("name", facts.name), _identity("identifier", facts.number)],
            "achievement": {
                "id": achievement,
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": facts.title,
                "description": "所载年度的专业技术人员继续教育情况",
                "criteria": {"id": facts.check_url, "narrative": NARRATIVE},
                "inLanguage": "zh-CN",
                "resultDescription": [_described(descriptions[year["year"]], year) for year in facts.years],
            },
            "result": [_result(descriptions[year["year"]], year) for year in facts.years],
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }


def _identity(kind: str, value: str) -> dict[str, Any]:
    """Not hashed: neither the name nor a paper's number is a secret, and a hash of either hides nothing."""
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def _described(identifier: str, year: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": ["ResultDescription"],
        "name": f"{year['year']} 年度达标情况",
        "resultType": "Status" if _status(year) else "Result",  # what is said to be a status must have one
    }


def _result(identifier: str, year: Mapping[str, Any]) -> dict[str, Any]:
    status = _status(year)
    found = {"type": ["Result"], "resultDescription": identifier, "value": year["waiver"] or year["verdict"]["label"]}
    return {**found, **({"status": status} if status else {})}


def _status(year: Mapping[str, Any]) -> str:
    """Only where there is a verdict: what is not judged is neither completed nor failed."""
    told = {"met": "Completed", "unmet": "Failed", "in_progress": "InProgress"}
    return "Completed" if year["waiver"] else told.get(year["verdict"]["outcome"], "")
