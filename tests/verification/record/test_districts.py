"""Districts whose files are believed: registered, approved by another, replaced, ended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.proof import keyring, signing
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.verification.record.elsewhere import ISSUER, Elsewhere, trusted
from verification.record.export import key_set
from verification.record.models import TrustedDistrict
from verification.record.portable import Unusable
from verification.record.trust import keys_in, read_key_set

pytestmark = pytest.mark.django_db
S = TrustedDistrict.State


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def sent(keys: Any) -> dict[str, Any]:
    text = keys if isinstance(keys, str) else json.dumps(keys, ensure_ascii=False)
    return {
        "name": "青溪市临江区",
        "key_set": text,
        "document": "测函〔2026〕3号",
        "valid_from": "2026-01-01",
        "do": "submit",
    }


def test_a_handler_registers_and_somebody_else_approves(district: District) -> None:
    answer = signed_in(district.handler).post(reverse("record:new_district"), sent(Elsewhere().key_set()))
    assert answer.status_code == 302
    case = TrustedDistrict.objects.get()
    assert (case.state, case.issuer) == (S.DRAFT, ISSUER)
    fire(case, "propose", actor=district.handler)
    with pytest.raises(Refused):
        fire(case, "put_in_force", actor=district.handler)
    fire(case, "put_in_force", actor=district.approver)
    assert TrustedDistrict.objects.in_force().get() == case
    assert "QX-R-2026-01" in signed_in(district.owner).get(case.get_absolute_url()).content.decode()


def test_a_new_key_set_takes_the_place_of_the_former(district: District) -> None:
    former = trusted(district, Elsewhere().key_set())
    new = trusted(district, Elsewhere("QX-R-2026-02").key_set(), "proposed")
    fire(new, "put_in_force", actor=district.approver)
    former.refresh_from_db()
    assert (former.state, list(keys_in(TrustedDistrict.objects.in_force().get().keys))) == (S.OFF, ["QX-R-2026-02"])


def test_what_this_district_hands_over_another_can_read(district: District, settings: Any) -> None:
    settings.PUBLIC_URL = "https://ce.luojiang.example"
    handed_over = Client().get(reverse("record:keys")).content.decode()  # before any record was signed
    key = keyring.current(keyring.Purpose.RECORDS)
    found = read_key_set(handed_over)
    assert (found["issuer"], list(keys_in(found))) == ("ce.luojiang.example", [key.kid])
    assert keys_in(found)[key.kid].public == bytes(key.public)


def faults() -> dict[str, tuple[str, str]]:
    """What may be pasted, and what is said of it."""
    good = Elsewhere().key_set()
    key = good["keys"][0]
    ed25519 = {"kid": "T", **signing.as_jwk(signing.new_key(signing.ED25519)[1]), "from": "2026-01-01"}
    return {
        "no JSON": ("-----BEGIN PUBLIC KEY-----", "不是 JSON"),
        "no keys": (json.dumps({**good, "keys": []}), "应有 1 到"),
        "no issuer": (json.dumps({**good, "issuer": ""}), "issuer"),
        "a private key": (json.dumps({**good, "keys": [{**key, "d": "AAAA"}]}), "含有私钥"),
        "another curve": (json.dumps({**good, "keys": [ed25519]}), "P-256"),
        "a point off the curve": (json.dumps({**good, "keys": [{**key, "y": key["x"]}]}), "不是 P-256 公钥"),
        "a number twice": (json.dumps({**good, "keys": [key, key]}), "编号（kid）相同"),
        "a list": (json.dumps([key]), "应为对象"),
        "deep": ("[" * 10_000, "不是 JSON"),
        "NaN in a member": (json.dumps(good).replace('"P-256"', "NaN"), "不是 JSON"),
        "a member twice": (json.dumps(good).replace('"kty"', '"kid": "T", "kty"'), "不是 JSON"),
        "a null character": (json.dumps({**good, "name": "青溪\0市"}), "不含控制字符"),
        "a null character in a key's number": (json.dumps({**good, "keys": [{**key, "kid": "T\0"}]}), "不含控制字符"),
        "half a pair": (json.dumps({**good, "name": "\ud800"}), "不是 JSON"),
        "a long name of the issuer": (json.dumps({**good, "issuer": "a" * 201}), "最多 200 个字符"),
        "an issuer that no file can name": (json.dumps({**good, "issuer": "青溪市"}), "不带 https:// 的网址"),
        "a long number of a key": (json.dumps({**good, "keys": [{**key, "kid": "T" * 101}]}), "最多 100 个字"),
        "a key that is none": (json.dumps({**good, "keys": ["T"]}), "应为对象"),
    }


@pytest.mark.parametrize("name", faults())
def test_a_bad_key_set_is_refused_with_the_reason_and_nothing_typed_is_lost(district: District, name: str) -> None:
    text, reason = faults()[name]
    answer = signed_in(district.handler).post(reverse("record:new_district"), sent(text))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert reason in page
    assert "测函〔2026〕3号" in page
    assert not TrustedDistrict.objects.exists()


def test_the_own_key_set_is_refused_also_after_a_move(district: District, settings: Any) -> None:
    settings.PUBLIC_URL = "https://ce.luojiang.example"
    handed_out = key_set()
    settings.PUBLIC_URL = "https://moved.example/ce"
    keyring.rotate(keyring.Purpose.TREE)
    keyring.rotate(keyring.Purpose.RECORDS)
    assert key_set()["issuer"] == handed_out["issuer"]
    answer = signed_in(district.handler).post(reverse("record:new_district"), sent(handed_out))
    assert (answer.status_code, "本区自己的公钥" in answer.content.decode()) == (422, True)


def test_of_what_is_pasted_nothing_is_kept_but_what_is_read(district: District) -> None:
    """PostgreSQL keeps no null character, wherever it stands."""
    there = Elsewhere().key_set(note="x\0", x5c=["x\0"])
    found = read_key_set(json.dumps({**there, "comment": "x\0"}))
    assert set(found) == {"issuer", "name", "keys"}
    assert set(found["keys"][0]) == {"kid", "kty", "crv", "x", "y", "alg", "use", "from"}
    assert keys_in(found)["QX-R-2026-01"].public == keys_in(there)["QX-R-2026-01"].public


def test_a_key_set_of_a_megabyte_is_not_read() -> None:
    with pytest.raises(Unusable, match="不是公钥文件"):
        read_key_set(" " * 1_000_000)


def test_nobody_is_put_out_of_force_under_another_name(district: District) -> None:
    former = trusted(district, Elsewhere().key_set())
    other = trusted(district, Elsewhere("QX-R-2026-03").key_set(), "proposed")
    page = signed_in(district.approver).get(other.get_absolute_url()).content.decode()
    assert f'代替现在执行的“<a href="{former.get_absolute_url()}">{former.name}</a>”' in page
    TrustedDistrict.objects.filter(pk=other.pk).update(name="青溪市别处区")
    other.refresh_from_db()
    with pytest.raises(Refused, match=f"现在登记为“{former.name}”，批准会使它停用"):
        fire(other, "put_in_force", actor=district.approver)
    former.refresh_from_db()
    assert former.state == S.IN_FORCE
