"""Records of other districts: taken over, refused, accepted, taken back (V10)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.proof import keyring, signing
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import person_in
from tests.verification.batches.samples import learned
from tests.verification.record import elsewhere
from tests.verification.record.elsewhere import CODE, Elsewhere, altered, decided, entry, record, trusted, year
from units.models import Person
from verification.ledger.models import LedgerEntry
from verification.record import portable
from verification.record.models import Transfer, TransferredEntry
from verification.record.transfers import take_over
from verification.verdicts import verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_december() -> Any:
    with clock.at(clock.local(clock.now()).replace(year=2026, month=12, day=1, hour=10)):
        yield


@pytest.fixture
def there() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def person(district: District) -> Person:
    return person_in(district.unit, "裴南枝")


def taken(district: District, person: Person, content: bytes, code: str = CODE) -> Transfer:
    return take_over(content=content, code=code, person=person, unit=district.unit, actor=district.owner)


def refused(district: District, person: Person, content: bytes, code: str = CODE) -> str:
    """Why it is refused; nothing is kept then."""
    with pytest.raises(NotPossible) as why:
        taken(district, person, content, code)
    assert not TransferredEntry.objects.exists()
    return "；".join(why.value.reasons)


def accepted(district: District, transfer: Transfer, *titles: str) -> Transfer:
    """Filed, and accepted with what is ticked beforehand and the entries of these titles."""
    fire(transfer, "submit", actor=district.owner)
    fire(transfer, "accept", actor=district.handler, data=decided(transfer, *titles))
    return transfer


# --- taken over -------------------------------------------------------------------------------------------------------


def test_what_is_accepted_counts_here_and_keeps_where_it_came_from(
    district: District, there: Elsewhere, person: Person
) -> None:
    trusted(district, there.key_set())
    remote = entry("网络课程", form="remote", amount="6.5", subject="public", **{"from": None, "to": None})
    intensive = entry("脱产研修", form="seminar", amount="40", intensive=True)
    transfer = taken(district, person, there.file(record(person, year(2025, entry(), remote), year(2026, intensive))))
    assert not LedgerEntry.objects.exists()
    accepted(district, transfer)
    rows = LedgerEntry.objects.filter(person=person).order_by("year", "amount")
    assert [(row.year, row.form, row.subject, row.amount, row.intensive) for row in rows] == [
        (2025, "remote", "public", Decimal("6.50"), False),
        (2025, "class", "professional", Decimal("24.00"), False),
        (2026, "seminar", "professional", Decimal("40.00"), True),
    ]
    assert {row.organiser for row in rows} == {"青溪市水利学会"}
    assert all("青溪市临江区" in row.reason and "青临人社证〔2026〕00031号" in row.reason for row in rows)
    assert next(row.reached for row in verdicts([person], 2025)[person.pk].rows) == "30.5"


def test_forty_trainings_a_year_are_forty_entries(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    many = [entry(f"第{n}期技术讲座", amount="2.0") for n in range(1, 41)]
    accepted(district, taken(district, person, there.file(record(person, year(2025, *many)))))
    assert LedgerEntry.objects.filter(person=person, year=2025).count() == 40
    assert LedgerEntry.objects.filter(person=person).sums()[person.pk] == {("hours", "professional"): Decimal(80)}


def test_an_acceptance_that_is_revoked_is_countered(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    transfer = accepted(district, taken(district, person, there.file(record(person))))
    fire(transfer, "revoke", actor=district.approver, note="转出地区来函更正")
    assert not LedgerEntry.objects.standing().exists()
    assert LedgerEntry.objects.filter(person=person).count() == 2
    # It may be taken over again then.
    assert taken(district, person, there.file(record(person))).pk != transfer.pk


def test_what_the_person_has_here_is_not_counted_twice(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    days = {"date_from": date(2025, 4, 14), "date_to": date(2025, 4, 16)}
    learned(person, "0", "24", 2025, title="水土保持监测技术培训班", **days)
    here = LedgerEntry.objects.get(person=person)
    same = entry(course=here.course)
    meets = entry("另一个班", **{"from": "2025-04-16", "to": "2025-04-17"})
    transfer = taken(district, person, there.file(record(person, year(2025, same, meets))))
    page = signed_in(district.owner).get(transfer.get_absolute_url()).content.decode()
    assert "1 条不能计入" in page
    assert "1 条与本区已有的或在途的有重叠" in page
    accepted(district, transfer, "另一个班")
    assert sorted(LedgerEntry.objects.filter(person=person).values_list("title", flat=True)) == sorted(
        ["水土保持监测技术培训班", "另一个班"]
    )


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_file_changed_by_a_character_is_refused(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    file = there.file(record(person))
    assert "签名不符：文件被改过" in refused(district, person, altered(file, '"24.0"', '"84.0"'))
    broken = json.loads(file)
    broken["signature"] = broken["signature"][:-4] + ("AAAA" if broken["signature"][-4:] != "AAAA" else "BBBB")
    assert "签名不符" in refused(district, person, json.dumps(broken).encode())


def test_a_key_of_the_same_number_that_somebody_else_made_is_refused(
    district: District, there: Elsewhere, person: Person
) -> None:
    trusted(district, there.key_set())
    assert "签名不符" in refused(district, person, Elsewhere().file(record(person)))
    assert "不在登记的公钥之中" in refused(district, person, Elsewhere("QX-R-2027-09").file(record(person)))


def test_another_persons_file_and_another_papers_code_are_refused(
    district: District, there: Elsewhere, person: Person
) -> None:
    trusted(district, there.key_set())
    other = person_in(district.unit, "裴南枝")  # a namesake
    file = there.file(record(person))
    assert "对不上" in refused(district, other, file)
    assert "对不上" in refused(district, person, file, code="7K2M-9QXA-3F8V")
    named = record(person)
    named["person"]["name"] = "裴北枝"
    assert "姓名是“裴北枝”" in refused(district, person, there.file(named))


def test_the_file_does_not_hold_the_id_number_nor_what_gives_it_away(person: Person) -> None:
    told = json.dumps(record(person), ensure_ascii=False)
    assert person.id_number not in told
    assert person.id_number[6:] not in told
    assert CODE.replace("-", "") not in told
    assert person.id_hash not in told


def test_an_unknown_district_a_former_one_and_the_own_are_refused(
    district: District, there: Elsewhere, person: Person
) -> None:
    file = there.file(record(person))
    assert "没有登记过出具地区" in refused(district, person, file)
    for state in ("draft", "proposed"):
        trusted(district, there.key_set(), state)
        assert "没有登记过出具地区" in refused(district, person, file)
    trusted(district, there.key_set(), "off")
    assert "互认已停用" in refused(district, person, file)
    own = record(person, issuer={"id": keyring.issuer(), "name": "本区"})
    assert "本区自己出具的" in refused(district, person, there.file(own))


def test_a_withdrawn_key_and_one_out_of_its_days_are_refused(
    district: District, there: Elsewhere, person: Person
) -> None:
    known = trusted(district, there.key_set(withdrawn="2026-11-20", reason="泄露"))
    file = there.file(record(person))
    assert "已于 2026年11月20日 作废" in refused(district, person, file)
    for more in ({"until": "2026-10-31"}, {"from": "2026-11-10"}):
        known.keys = there.key_set(**more)
        known.save()
        assert "不在密钥 QX-R-2026-01 的使用期内" in refused(district, person, file)
    known.keys, known.valid_to = there.key_set(), date(2026, 10, 1)
    known.save()
    assert "才认" in refused(district, person, file)


def test_a_key_withdrawn_after_the_file_was_taken_over_stops_its_acceptance(
    district: District, there: Elsewhere, person: Person
) -> None:
    known = trusted(district, there.key_set())
    transfer = taken(district, person, there.file(record(person)))
    fire(transfer, "submit", actor=district.owner)
    known.keys = there.key_set(withdrawn="2026-11-20", reason="泄露")
    known.save()
    with pytest.raises(Refused, match="作废"):
        fire(transfer, "accept", actor=district.handler, data=decided(transfer))
    assert not LedgerEntry.objects.exists()


def test_the_same_file_twice_is_refused_and_the_database_holds_it(
    district: District, there: Elsewhere, person: Person
) -> None:
    trusted(district, there.key_set())
    first = taken(district, person, there.file(record(person)))
    with pytest.raises(NotPossible, match=f"已经转入过：{first.number}"):
        taken(district, person, there.file(record(person)))
    again = Transfer.objects.get(pk=first.pk)
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_the_first_key_of_another_purpose_signs_no_record(district: District, person: Person) -> None:
    """A statement's key is none of records, though it is one of the same district."""
    key = keyring.current(keyring.Purpose.STATEMENTS)
    keyring.current(keyring.Purpose.RECORDS)
    handed_out = {"issuer": elsewhere.ISSUER, "name": "x", "keys": keyring.keys_of(keyring.Purpose.RECORDS)}
    file = portable.sealed(record(person), kid=key.kid, sign=lambda part: keyring.sign(key, part))
    trusted(district, handed_out)
    assert key.kid not in json.dumps(handed_out)
    assert "不在登记的公钥之中" in refused(district, person, file)
    assert "LJ-R-" not in json.dumps(keyring.as_jwks())


def test_nobody_takes_over_for_another_unit(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    with pytest.raises(PermissionDenied):
        take_over(
            content=there.file(record(person)), code=CODE, person=person, unit=district.unit, actor=district.neighbour
        )


# --- hostile files ----------------------------------------------------------------------------------------------------


def test_every_fault_of_a_signed_record_is_told_at_once(district: District, there: Elsewhere, person: Person) -> None:
    trusted(district, there.key_set())
    bad = entry(amount=24, subject="class_1", form="holiday", **{"from": "2025-04-20", "to": "2025-04-16"})
    told = refused(district, person, there.file(record(person, year(2025, bad, entry("x" * 201)), year(2031))))
    for part in (
        "amount：应为写成文字的小数",
        "科目与计量不符",
        "form：应为",
        "结束日期早于开始日期",
        "最多 200 个字",
        "到 2026 之间",
    ):
        assert part in told


@pytest.mark.parametrize(
    "amount", ["0", "-4.0", "NaN", "1e3", "99999.0", "0.001", "Infinity", "٤", "24.0\u0000"], ids=repr
)
def test_no_impossible_amount_passes(district: District, there: Elsewhere, person: Person, amount: str) -> None:
    trusted(district, there.key_set())
    assert "amount" in refused(district, person, there.file(record(person, year(2025, entry(amount=amount)))))


def payload_of(there: Elsewhere, text: str) -> bytes:
    """A file with this text as it stands, signed."""
    header = json.dumps({"alg": "ES256", "kid": there.kid, "typ": portable.TYP}).encode()
    parts = {"payload": portable.b64(text.encode("utf-8", "surrogatepass")), "protected": portable.b64(header)}
    signed = f"{parts['protected']}.{parts['payload']}".encode()
    return json.dumps({**parts, "signature": portable.b64(signing.sign(there.pair[0], signed))}).encode()


HOSTILE = {
    "deep": '{"issuer":' + "[" * 5000 + "]" * 5000 + "}",
    "deep in a file": "[" * 100_000,
    "double keys": '{"issuer":{"id":"ce.qingxi.example","id":"b"}}',
    "NaN": '{"issuer":{"id":NaN}}',
    "a fraction": '{"issuer":{"id":"ce.qingxi.example"},"x":1.5}',
    "a number of a million digits": '{"issuer":{"id":' + "9" * 1_000_000 + "}}",
    "no object": '"issuer"',
    "null": "null",
    "empty": "",
    "half a pair": '{"issuer":{"id":"\\ud800"}}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused_whole_or_signed(
    district: District, there: Elsewhere, person: Person, name: str
) -> None:
    trusted(district, there.key_set())
    assert refused(district, person, HOSTILE[name].encode())
    assert refused(district, person, payload_of(there, HOSTILE[name]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("person", each) for each in (None, [], "裴南枝", {"name": 7}, {"name": "裴南枝", "binding": {"n": 2**30}})],
        *[("years", each) for each in (None, {}, [], [None], [{"year": "2025"}], [{"year": 2025, "entries": {}}])],
        *[("paper", each) for each in (None, {"number": "", "dated": "x"})],
        *[("schema", each) for each in (None, 1, "continuing-education-record/2")],
        *[("exported", each) for each in (None, 20261103, "2026-13-01", "2027-01-01")],
    ],
)
def test_wrong_types_are_refused(district: District, there: Elsewhere, person: Person, key: str, value: Any) -> None:
    trusted(district, there.key_set())
    assert refused(district, person, there.file({**record(person), key: value}))


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_a_file_of_a_hundred_megabytes_is_not_read(district: District, person: Person) -> None:
    client = signed_in(district.owner)
    big = SimpleUploadedFile("record.json", b"{" + b" " * 100_000_000 + b"}")
    sent = {"person": person.pk, "file": big, "code": CODE, "do": "submit"}
    answer = client.post(reverse("record:take_over"), sent)
    assert answer.status_code == 422
    assert "超过 2 MB" in answer.content.decode()


def test_the_page_takes_a_file_over_and_says_everything_that_is_wrong(
    district: District, there: Elsewhere, person: Person
) -> None:
    trusted(district, there.key_set())
    client = signed_in(district.owner)
    url = reverse("record:take_over")
    good = SimpleUploadedFile("record.json", there.file(record(person)))
    answer = client.post(url, {"person": person.pk, "file": good, "code": "12", "do": "submit"})
    assert "核验码是 12 位" in answer.content.decode()
    bad = SimpleUploadedFile("record.json", altered(there.file(record(person)), "24.0", "84.0"))
    answer = client.post(url, {"person": person.pk, "file": bad, "code": CODE, "do": "submit"})
    assert (answer.status_code, "签名不符" in answer.content.decode()) == (422, True)
    good.seek(0)
    answer = client.post(url, {"person": person.pk, "file": good, "code": " 7k2m9qxa3f8t ", "do": "submit"})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
