"""How the walk builds attestations, records taken over and trusted districts."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.papers.services import request_paper
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.verification.batches.samples import a_seal, learned
from tests.verification.record.elsewhere import CODE, Elsewhere, decided, record, trusted
from units.models import Person
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter
from verification.record import transfers
from verification.record.content import freeze_into
from verification.record.models import Attestation, Transfer, TrustedDistrict
from verification.record.papers import PAPER

FROZEN = ("issued", "revoked")


def attestation_of(
    district: District, state: str = "draft", *, person: Person | None = None, **facts: Any
) -> Attestation:
    """Of 2025 and 2026, for a title: assigned, not fired; one that was issued has its paper waiting."""
    now = clock.now()
    filed = {} if state in ("draft", "cancelled") else {"first_submitted_at": now, "submitted_at": now}
    given = {"first_year": 2025, "last_year": 2026, "purpose": "申报中级职称", **facts}
    case = Attestation(
        unit=district.unit,
        person=person or person_in(district.unit, "裴南枝"),
        created_by=district.owner,
        **filed,
        **given,
    )
    case.save()
    if state in FROZEN:
        freeze_into(case)
    case.state = state
    case.save()
    if state in FROZEN:
        request_paper(PAPER.key, case, actor=district.approver, subject=case.person)
    return case


def with_a_seal(district: District, case: Attestation) -> None:
    """The bureau's verification seal is on record."""
    a_seal(district.bureau)


def reversed_since(district: District, case: Attestation) -> None:
    """Hours were reversed after it was issued; what it says is what the ledger holds nevertheless."""
    learned(case.person, "0", "8", case.last_year)
    counter(entry=LedgerEntry.objects.get(person=case.person), reason="代签", actor=district.approver)
    a_seal(district.bureau)


def district_of(district: District, state: str = "draft", **facts: Any) -> TrustedDistrict:
    return trusted(district, Elsewhere().key_set(), state, **facts)


def transfer_of(district: District, state: str = "draft", **facts: Any) -> Transfer:
    """A record that was taken over honestly, then put into a state."""
    there = Elsewhere()
    known = TrustedDistrict.objects.in_force().first()
    if known is None:
        trusted(district, there.key_set())
    else:
        TrustedDistrict.objects.filter(pk=known.pk).update(keys=there.key_set())
    person = facts.pop("person", None) or person_in(district.unit, "裴南枝")
    content = record(person)
    content["paper"]["number"] = f"青临人社证〔2026〕{Transfer.objects.count() + 1:05d}号"
    clerk = district.fresh(district.owner)
    if district.unit.pk not in clerk.unit_ids(Role.UNIT_CLERK):  # a district of another unit, with nobody of its own
        clerk = account_with(Role.UNIT_CLERK, district.unit)
    made = transfers.take_over(content=there.file(content), code=CODE, person=person, unit=district.unit, actor=clerk)
    now = clock.now()
    filed = {} if state in ("draft", "withdrawn") else {"first_submitted_at": now, "submitted_at": now}
    Transfer.objects.filter(pk=made.pk).update(state=state, **filed, **facts)
    made.refresh_from_db()
    return made


KINDS = [
    Kind(
        Attestation,
        attestation_of,
        ready={
            "allow_return": returned_before,
            "issue": with_a_seal,
            "renew": reversed_since,
            "confirm": reversed_since,
        },
    ),
    Kind(
        Transfer,
        transfer_of,
        ready={"allow_return": returned_before, "accept": lambda district, case: decided(case)},
        outsiders={"health_reviewer", "education_reviewer"},
    ),
    Kind(TrustedDistrict, district_of),
]
