"""Out of one installation, into another: two databases, two addresses, two sets of keys (V10)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from luojiang_ce.proof import keyring
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import person_in
from tests.verification.record.elsewhere import altered, decided, trusted
from tests.verification.record.second_district import issued_there
from verification.ledger.models import LedgerEntry
from verification.record.transfers import take_over

pytestmark = pytest.mark.django_db


def test_what_one_district_issues_counts_in_the_other(district: District, tmp_path: Path) -> None:
    person = person_in(district.unit, "裴南枝")
    carried = issued_there(person.id_number, "裴南枝", tmp_path)
    file = carried.file.read_bytes()
    asked = {"code": carried.code, "person": person, "unit": district.unit, "actor": district.owner}
    assert carried.keys["issuer"] == "ce.qingxi.example" != keyring.issuer()
    assert [key["kid"][:5] for key in carried.keys["keys"]] == ["QX-R-"]
    with pytest.raises(NotPossible, match="没有登记过出具地区"):
        take_over(content=file, **asked)
    trusted(district, carried.keys)
    with pytest.raises(NotPossible, match="签名不符"):
        take_over(content=altered(file, '"24.00"', '"84.00"'), **asked)
    with pytest.raises(NotPossible, match="对不上"):
        take_over(content=file, **{**asked, "person": person_in(district.unit, "裴南枝")})
    transfer = take_over(content=file, **asked)
    fire(transfer, "submit", actor=district.owner)
    fire(transfer, "accept", actor=district.handler, data=decided(transfer))
    rows = LedgerEntry.objects.filter(person=person).order_by("amount")
    assert [(row.year, row.form, row.subject, row.amount, row.title) for row in rows] == [
        (2025, "remote", "public", Decimal("6.50"), "公需科目网络课程"),
        (2025, "class", "professional", Decimal("24.00"), "水土保持监测技术培训班"),
    ]
    assert all(carried.number in row.reason for row in rows)
    with pytest.raises(NotPossible, match="已经转入过"):
        take_over(content=file, **asked)
