"""Another district, which has keys of its own and signs records: what a test takes over, honest or not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.proof import signing
from tests.conftest import District
from units.models import Person
from verification.record import portable
from verification.record.meetings import compared, fingerprint
from verification.record.models import Transfer, TrustedDistrict
from verification.record.transfers import Decision

ISSUER, NAME, KID = "ce.qingxi.example", "青溪市临江区人力资源和社会保障局", "QX-R-2026-01"
CODE = "7K2M-9QXA-3F8T"
SALT = portable.b64(b"0123456789abcdef")


@dataclass
class Elsewhere:
    """Its key pair; `keys` more members of the JWK (until, withdrawn)."""

    kid: str = KID
    pair: tuple[bytes, bytes] = field(default_factory=lambda: signing.new_key(signing.ES256))

    def key_set(self, **more: Any) -> dict[str, Any]:
        """As it hands its public keys over."""
        key = {"kid": self.kid, **signing.as_jwk(self.pair[1]), "from": "2026-01-01", **more}
        return {"issuer": ISSUER, "name": NAME, "keys": [key]}

    def file(self, content: Any) -> bytes:
        """A record that it signed."""
        return portable.sealed(content, kid=self.kid, sign=lambda part: signing.sign(self.pair[0], part))


def entry(title: str = "水土保持监测技术培训班", **more: Any) -> dict[str, Any]:
    facts = {
        **{"title": title, "organiser": "青溪市水利学会", "from": "2025-04-14", "to": "2025-04-16", "form": "class"},
        **{"measure": "hours", "subject": "professional", "amount": "24.0", "intensive": False, "course": ""},
    }
    return {**facts, "origins": [], **more}


def year(number: int = 2025, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    verdict = {"outcome": "unmet", "label": "未达标", "remark": "", "rows": []}
    verification = {"stamped": False, "label": "未报送验证", "paper": "", "dated": None}
    told = {"year": number, "rule": None, "verdict": verdict, "verification": verification, "waiver": ""}
    return {**told, "absences": [], "entries": list(entries) or [entry()], **more}


def record(person: Person, *years: dict[str, Any], code: str = CODE, **more: Any) -> dict[str, Any]:
    """What it says of a person."""
    told = {
        "schema": portable.SCHEMA,
        "issuer": {"id": ISSUER, "name": NAME},
        "paper": {
            "number": "青临人社证〔2026〕00031号",
            "title": "继续教育情况证明",
            "dated": "2026-11-02",
            "check": "",
        },
        "exported": "2026-11-03",
        "person": {"name": person.name, "binding": portable.bound_to(person.id_number, code, SALT)},
        "years": list(years) or [year()],
    }
    return {**told, **more}


def trusted(district: District, key_set: dict[str, Any], state: str = "in_force", **more: Any) -> TrustedDistrict:
    """It is registered with these keys: assigned, not fired."""
    facts = {
        **{"name": "青溪市临江区", "issuer": key_set["issuer"], "keys": key_set, "document": "测函〔2026〕3号"},
        **{"valid_from": date(2026, 1, 1), "created_by": district.handler, **more},
    }
    return TrustedDistrict.objects.create(state=state, **facts)


def decided(transfer: Transfer, *titles: str, ticks: bool = True) -> dict[str, Any]:
    """What a reviewer gives who ticks what is ticked beforehand, and the entries of these titles besides."""
    meetings = compared([transfer])[transfer.pk].meetings
    counted = [each.entry.pk for each in meetings if (ticks and each.counts_by_default) or each.entry.title in titles]
    return Decision(frozenset(counted), fingerprint(meetings), clock.today()).as_data()


def altered(file: bytes, old: str, new: str) -> bytes:
    """The same file with other words in what was signed."""
    parts = json.loads(file)
    payload = portable._unb64(parts["payload"]).decode()
    assert old in payload
    return json.dumps({**parts, "payload": portable.b64(payload.replace(old, new).encode())}).encode()
