"""A district changes its keys while records that it signed wait here: which are still believed, and what pages say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from luojiang_ce import clock
from luojiang_ce.proof import signing
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.verification.record.elsewhere import CODE, Elsewhere, decided, record, trusted
from units.models import Person
from verification.record import belief, portable
from verification.record.belief import change_by
from verification.record.models import Transfer, TrustedDistrict
from verification.record.transfers import take_over

pytestmark = pytest.mark.django_db
NOON = clock.local(clock.now()).replace(year=2026, month=12, day=1, hour=12)
DOUBT = "可能是伪造的"


@pytest.fixture
def there() -> Elsewhere:
    return Elsewhere()


def taken(district: District, there: Elsewhere, *, number: int = 31, submitted: bool = True) -> Transfer:
    """At noon, by the keys of that day."""
    person: Person = person_in(district.unit, "裴南枝")
    content = record(person)
    content["paper"]["number"] = f"青临人社证〔2026〕{number:05d}号"
    with clock.at(NOON):
        clerk = district.fresh(district.owner)
        made = take_over(content=there.file(content), code=CODE, person=person, unit=district.unit, actor=clerk)
        if submitted:
            fire(made, "submit", actor=clerk)
    return made


def replaced(district: District, keys: dict[str, Any], hours: int = 1, **facts: Any) -> TrustedDistrict:
    """A new set takes the place of the one in force, so long after noon."""
    with clock.at(NOON + timedelta(hours=hours)):
        new = trusted(district, keys, "proposed", **facts)
        fire(new, "put_in_force", actor=district.fresh(district.approver))
    return new


def accept(district: District, case: Transfer) -> None:
    with clock.at(NOON + timedelta(days=1)):
        case.refresh_from_db()
        fire(case, "accept", actor=district.fresh(district.handler), data=decided(case))


def page_of(case: Any, account: Any) -> str:
    client = Client()
    with clock.at(NOON + timedelta(days=1)):
        client.force_login(account)
        return client.get(case.get_absolute_url()).content.decode()


def test_a_change_of_keys_stops_nothing_that_was_submitted_before(district: District, there: Elsewhere) -> None:
    trusted(district, there.key_set())
    case = taken(district, there)
    replaced(district, Elsewhere("QX-R-2026-02").key_set())
    replaced(district, Elsewhere("QX-R-2026-03").key_set(), 2)
    page = page_of(case, district.handler)
    assert "2026年12月1日导入时核对过签名、本人" in page
    assert "2026年12月1日已更换，新公钥里没有本件的密钥，也没有作废" in page
    assert DOUBT not in page
    accept(district, case)
    assert case.state == Transfer.State.ACCEPTED


def test_a_draft_is_taken_over_again_and_is_told_why(district: District, there: Elsewhere) -> None:
    trusted(district, there.key_set())
    case = taken(district, there, submitted=False)
    replaced(district, Elsewhere("QX-R-2026-02").key_set())
    page = page_of(case, district.owner)
    assert "已不在青溪市临江区现在登记的公钥之中（2026年12月1日已更换）" in page
    assert "请撤回，由本人向转出地区重新下载电子记录，再导入" in page
    assert DOUBT not in page
    with clock.at(NOON + timedelta(days=1)), pytest.raises(Refused, match="现在登记的公钥之中"):
        fire(case, "submit", actor=district.fresh(district.owner))


def test_what_was_withdrawn_in_between_stays_withdrawn(district: District, there: Elsewhere) -> None:
    trusted(district, there.key_set())
    case = taken(district, there)
    replaced(district, there.key_set(withdrawn="2026-12-01"))
    replaced(district, Elsewhere("QX-R-2026-03").key_set(), 2)
    assert "已于 2026年12月1日 作废" in page_of(case, district.handler)
    with pytest.raises(Refused, match="作废"):
        accept(district, case)


def test_what_was_ended_is_not_believed_again_by_a_new_set(district: District, there: Elsewhere) -> None:
    first = trusted(district, there.key_set())
    case = taken(district, there)
    with clock.at(NOON + timedelta(hours=1)):
        fire(first, "end", actor=district.fresh(district.approver), note="密钥管理混乱")
    replaced(district, Elsewhere("QX-R-2026-02").key_set(), 2)
    with pytest.raises(Refused, match="与该地区的互认曾于 2026年12月1日 停用，停用以前导入的不再认") as refused:
        accept(district, case)
    assert "不是更换以前提交的" not in str(refused.value)


def test_who_approves_a_key_set_sees_how_many_records_it_stops(district: District, there: Elsewhere) -> None:
    trusted(district, there.key_set())
    cases = [taken(district, there, number=number) for number in (31, 32)]
    taken(district, there, number=33, submitted=False)
    told = {
        "2 件将不能认可": there.key_set(withdrawn="2026-12-01"),
        "2 件新公钥里没有其密钥，只按原公钥认可": Elsewhere("QX-R-2026-02").key_set(),
        "2 件按新公钥照旧认可": there.key_set(),
    }
    for said, keys in told.items():
        with clock.at(NOON + timedelta(hours=1)):
            new = trusted(district, keys, "proposed")
        page = page_of(new, district.approver)
        assert said in page
        assert all(case.number in page for case in cases) == ("照旧" not in said)
        assert ("现在就不能认可" in page, "<dd>没有<br>" in page) == (False, False)
    later = trusted(district, there.key_set(), "proposed", valid_from=date(2026, 12, 1))
    assert "2 件将不能认可" in page_of(later, district.approver)


def test_records_that_are_believed_no_more_already_are_told_and_none_is_said_of_none(
    district: District, there: Elsewhere
) -> None:
    trusted(district, there.key_set())
    with clock.at(NOON - timedelta(hours=1)):
        nothing = trusted(district, there.key_set(), "proposed")
    assert "<dt>在途的转入</dt><dd>没有<br>" in page_of(nothing, district.approver)
    taken(district, there)
    replaced(district, there.key_set(withdrawn="2026-12-01"))
    with clock.at(NOON + timedelta(hours=2)):
        new = trusted(district, there.key_set(), "proposed")
    page = page_of(new, district.approver)
    assert "1 件现在就不能认可" in page
    assert "<dd>没有<br>" not in page


def test_what_a_key_set_does_is_asked_of_many_as_of_few(district: District, there: Elsewhere, monkeypatch: Any) -> None:
    trusted(district, there.key_set())
    with clock.at(NOON + timedelta(hours=1)):
        new = trusted(district, Elsewhere("QX-R-2026-02").key_set(), "proposed")
    counts, verified, read = [], [], []
    true, told = signing.verify, portable.read
    monkeypatch.setattr(signing, "verify", lambda *of: verified.append(1) or true(*of))
    monkeypatch.setattr(portable, "read", lambda *of, **on: read.append(1) or told(*of, **on))
    for numbers in (range(31, 34), range(34, 61)):
        for number in numbers:
            taken(district, there, number=number)
        verified.clear()
        read.clear()
        with clock.at(NOON + timedelta(hours=1)), statements() as made:
            change = change_by(new)
        counts.append(len(made))
    assert len(change.by_former) == len(verified) == len(read) == 30
    assert counts[0] == counts[1] <= 5
    monkeypatch.setattr(belief, "MOST_ASKED", 10)
    with clock.at(NOON + timedelta(hours=1)):
        change = change_by(new)
    assert (len(change.by_former), change.not_asked) == (10, 20)
