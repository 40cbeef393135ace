"""Two at the same moment: one record is taken over once, one attestation gets one paper, one district one key set."""

from __future__ import annotations

from typing import Any

import pytest

from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District, in_parallel
from tests.factories import account_with, person_in
from tests.verification.batches.samples import a_seal
from tests.verification.record.cases import attestation_of, transfer_of
from tests.verification.record.elsewhere import CODE, Elsewhere, decided, record, trusted
from verification.ledger.models import LedgerEntry
from verification.record.models import Attestation, Transfer, TrustedDistrict
from verification.record.transfers import take_over

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def tried(act: Any) -> str:
    try:
        with refusing_clashes():
            act()
    except (NotPossible, Refused) as refused:
        return "；".join(refused.reasons)
    return ""


def test_a_record_is_taken_over_once(district: District) -> None:
    there, person = Elsewhere(), person_in(district.unit, "裴南枝")
    trusted(district, there.key_set())
    file = there.file(record(person))
    asked = {"content": file, "code": CODE, "person": person, "unit": district.unit}
    clerks = (district.owner, district.colleague)
    said = in_parallel([lambda clerk=clerk: tried(lambda: take_over(actor=clerk, **asked)) for clerk in clerks])
    assert sorted(bool(each) for each in said) == [False, True]
    assert Transfer.objects.count() == 1


def test_a_record_is_accepted_once(district: District) -> None:
    case = transfer_of(district, "submitted")
    said = in_parallel([lambda: tried(lambda: fire(case, "accept", actor=district.handler, data=decided(case)))] * 2)
    assert sorted(bool(each) for each in said) == [False, True]
    assert LedgerEntry.objects.count() == 1


def test_of_two_records_with_the_same_hours_accepted_at_once_one_counts(district: District) -> None:
    """Each was alone when its reviewer looked; the second finds the first one's hours and asks to look again."""
    there, person = Elsewhere(), person_in(district.unit, "裴南枝")
    trusted(district, there.key_set())
    cases = []
    for number in ("青临人社证〔2026〕00031号", "青临人社证〔2026〕00044号"):
        content = record(person)
        content["paper"]["number"] = number
        asked = {"code": CODE, "person": person, "unit": district.unit, "actor": district.owner}
        cases.append(take_over(content=there.file(content), **asked))
        fire(cases[-1], "submit", actor=district.fresh(district.owner))
    ticked = [(case, decided(case, "水土保持监测技术培训班")) for case in cases]
    said = in_parallel(
        [
            lambda case=case, data=data: tried(lambda: fire(case, "accept", actor=district.handler, data=data))
            for case, data in ticked
        ]
    )
    assert sorted(bool(each) for each in said) == [False, True]
    # By when the first was done: before the second looked anew, or before it wrote.
    assert any(why in "".join(said) for why in ("与您勾选时所见不同", "本区台账已有同样的一条"))
    assert LedgerEntry.objects.count() == 1


def test_an_attestation_gets_one_paper(district: District) -> None:
    a_seal(district.bureau)
    case = attestation_of(district, "submitted")
    other = account_with("bureau_approver", district.bureau)
    approvers = (district.approver, other)
    said = in_parallel([lambda who=who: tried(lambda: fire(case, "issue", actor=who)) for who in approvers])
    assert sorted(bool(each) for each in said) == [False, True]
    assert Paper.objects.of(Attestation.objects.get()).count() == 1


def test_of_two_key_sets_of_a_district_one_is_in_force(district: District) -> None:
    cases = [trusted(district, Elsewhere(f"QX-R-2026-0{n}").key_set(), "proposed") for n in (1, 2)]
    in_parallel(
        [lambda case=case: tried(lambda: fire(case, "put_in_force", actor=district.approver)) for case in cases]
    )
    assert TrustedDistrict.objects.in_force().count() == 1
