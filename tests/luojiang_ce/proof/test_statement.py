"""Signed statements: small, readable by their own reader alone, and whatever is not one is refused in words."""

from __future__ import annotations

import random
import re
import time
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
import segno
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.proof import base41, signing, statement, years
from luojiang_ce.proof.statement import (
    MOST_BYTES,
    MOST_NUMBER,
    Claims,
    TooLong,
    Unreadable,
    cut,
    fitted,
    in_text,
    read,
    signed,
)
from luojiang_ce.proof.words import OUTCOMES

CLAIMS = Claims(
    number="洛人社验〔2026〕00018号",
    title="专业技术人员继续教育验证单",
    name="温*故",
    digits="46",
    unit="洛江区青麓农业技术推广中心",
    year=2025,
    hours="108 学时",
    result="验证合格",
    dated=date(2026, 1, 14),
    code="7K3QWD82MX4P",
    signed=date(2026, 1, 15),
    subject="",
)
TWENTY = "2007" + "MUPNW" * 4  # as many years as an attestation may have, none like the one before
# What a paper states of one year, as long as it may be; and of many, which stand in the place of that.
OF_ONE: dict[str, Any] = dict.fromkeys(("hours", "result", "subject"), "继" * 200)
OF_MANY: dict[str, Any] = {"year": 0, "hours": "", "result": "", "years": TWENTY}
PRIVATE, PUBLIC = signing.new_key(signing.ES256)


def made(claims: Claims = CLAIMS) -> bytes:
    return signed(claims, kid="LJ-2026-01", algorithm="ES256", sign=lambda part: signing.sign(PRIVATE, part))


@given(st.binary(max_size=400))
def test_bytes_come_back_from_their_text(content: bytes) -> None:
    text = base41.encode(content)
    assert base41.decode(text) == content
    assert set(text) <= set(base41.ALPHABET)


@pytest.mark.parametrize("text", ["A", "ABCD", "//", "///", "a1", "AB C", "%%"])
def test_a_text_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a text"):
        base41.decode(text)


def test_what_was_signed_is_read_and_verified() -> None:
    message, claims = read(made())
    assert (claims, message.kid, message.algorithm) == (CLAIMS, "LJ-2026-01", "ES256")
    assert message.is_by(lambda content, signature: signing.verify(PUBLIC, content, signature))


@pytest.mark.parametrize("kid", ["LJ-2026-01", "LJ123456-2026-01"])
@pytest.mark.parametrize("told", [OF_ONE, OF_MANY], ids=["of a year", "of twenty years"])
def test_beside_the_longest_number_all_else_fits_however_long_it_is(kid: str, told: dict[str, Any]) -> None:
    texts = dict.fromkeys(("title", "unit"), "继" * 200) | told
    longest = replace(CLAIMS, number="洛" * MOST_NUMBER, name=f"温{'*' * 48}故", **texts)
    made = signed(longest, kid=kid, algorithm="ES256", sign=lambda part: signing.sign(PRIVATE, part))
    assert len(made) <= statement.MOST_BYTES
    stated = read(made)[1]
    assert (stated.number, stated.years) == (longest.number, longest.years)
    with pytest.raises(TooLong):
        fitted(replace(longest, number="洛" * 60), kid=kid, algorithm="ES256")


def test_hours_of_as_many_years_as_an_attestation_has_fit_beside_a_number_of_ours() -> None:
    """Only where a number is so long that they do not, the outcomes stand alone; none of them is ever lost."""
    many = "2007" + "".join(f"{letter}{nth}.25c25" for nth, letter in enumerate("MUPNW" * 4, 100))
    long = {"unit": "洛" * 200, "title": "继" * 200}
    ours = replace(CLAIMS, number="洛人社证〔2026〕00004号", **OF_MANY | long | {"years": many})
    fits = fitted(ours, kid="LJ-2026-01", algorithm="ES256").years
    plain = "2007" + "".join(f"{letter}{nth}" for nth, letter in enumerate("MUPNW" * 4, 90))
    assert fitted(replace(ours, years=plain), kid="LJ-2026-01", algorithm="ES256").years == plain
    assert fits == "2007" + "MUPNW" * 4


def test_the_same_is_signed_alike_each_time() -> None:
    assert made() == made()


def test_every_changed_byte_is_found() -> None:
    whole = made()
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        try:
            message, claims = read(changed)
        except Unreadable:
            continue
        known = message.kid == "LJ-2026-01" and message.algorithm == "ES256"
        assert not known or not signing.verify(PUBLIC, message.signed_part, message.signature) or claims == CLAIMS


def test_hostile_bytes_are_refused_with_one_error() -> None:
    rnd, whole = random.Random(14), made()
    for _ in range(3000):
        content = bytearray(whole[: rnd.randrange(1, len(whole) + 1)])
        for _ in range(rnd.randrange(1, 6)):
            content[rnd.randrange(len(content))] = rnd.randrange(256)
        try:
            read(bytes(content))
        except Unreadable:
            continue


@pytest.mark.parametrize(
    "content", [b"", b"\x84", b"\x80", b"\xa0", b"\x81" * 500, b"x" * 5000, b"\x84\x40\xa0\x40\x40", b"\x00"]
)
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)


def test_it_is_found_in_what_is_pasted() -> None:
    text = statement.address("https://jxjy.luojiang.example/check/7K3Q-WD82-MX4P/", made())
    assert in_text(f"  {text[:80]}\n{text[80:]} ") == made()
    assert in_text(text.partition("#")[2]) == made()
    for wrong in ("", "https://jxjy.luojiang.example/check/7K3Q-WD82-MX4P/", "温故知新"):
        with pytest.raises(Unreadable):
            in_text(wrong)


def test_long_names_lose_their_middle_and_the_code_stays_readable() -> None:
    long = "泉州市洛江区" + "青麓农业技术推广" * 10 + "服务中心"
    claims = Claims(
        **{
            **CLAIMS.__dict__,
            "unit": long,
            "subject": long,
            "years": TWENTY,
            "hours": long,
            "result": long,
            "title": long,
        }
    )
    content = made(claims)
    told = read(content)[1]
    assert len(content) <= statement.MOST_BYTES
    assert (told.number, told.years) == (CLAIMS.number, TWENTY)
    assert re.fullmatch("泉州市.*….*中心", told.unit)
    url = "https://jxjy.luojiang.example/check/7K3Q-WD82-MX4P/"
    code = segno.make([f"{url}#", base41.encode(content)], error="m", micro=False, boost_error=False)
    assert code.version <= 15


@pytest.mark.parametrize(("most", "told"), [(5, "一二三四五"), (4, "一二…五"), (3, "一…五")])
def test_the_middle_goes(most: int, told: str) -> None:
    assert cut("一二三四五", most) == told


def test_a_thousand_statements_are_verified_within_ten_seconds() -> None:
    contents = [made(Claims(**{**CLAIMS.__dict__, "number": f"洛人社验〔2026〕{n:05d}号"})) for n in range(1000)]
    began = time.process_time()
    for content in contents:
        message, _ = read(content)
        assert signing.verify(PUBLIC, message.signed_part, message.signature)
    assert time.process_time() - began < 10


def test_the_document_tells_every_claim_and_every_letter() -> None:
    """Whoever reads a code in twenty years has it and nothing else."""
    text = (settings.BASE_DIR / "docs" / "statement.md").read_text()
    assert re.findall(r"^\| (\d+) \| `(\w+)`", text, re.MULTILINE) == [
        (str(key), each.name) for key, each in enumerate(fields(Claims), 1)
    ]
    assert dict(re.findall(r"^\| `([A-Z])` \| (.+) \|", text, re.MULTILINE)) == OUTCOMES
    assert base41.ALPHABET in text
    assert f"at most {MOST_BYTES} bytes" in text
    ((example, words),) = re.findall(r"`(\d{4}[A-Z][0-9A-Zc]+)` is ([^`]+?)\. Where", text)
    assert re.sub(r"\s", "", years.said(example)) == re.sub(r"\s", "", words)
