"""The file from another district as an attacker makes it: what a reader spends on it is bounded, whoever signed it."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from luojiang_ce.proof import signing
from tests.verification.record.elsewhere import Elsewhere, entry, year
from verification.record.portable import MOST_ENTRIES, MOST_PROBLEMS, TYP, Unusable, b64, loaded, opened, read

TODAY = date(2026, 5, 8)


def content(**more: Any) -> dict[str, Any]:
    """What an honest district says; without a person of the database its binding is that of nobody."""
    binding = {"method": "scrypt", "n": 2**15, "r": 8, "p": 1, "salt": "AAAA", "digest": "AAAA"}
    person = {"name": "裴南枝", "binding": binding}
    said = {"schema": "continuing-education-record/1", "person": person, "years": [year(2025, entry())]}
    paper = {"number": "青临人社证〔2026〕00001号", "dated": "2026-03-02", "check": "https://x.example/check/A/"}
    return {**said, "issuer": {"id": "x.example"}, "paper": paper, "exported": "2026-03-02", **more}


def escaped(said: dict[str, Any], kid: str = "K") -> bytes:
    """Signed like any file, but written with escapes, in which half a character can stand."""
    there = Elsewhere()
    header = {"alg": "ES256", "kid": kid, "typ": TYP}
    parts = {"payload": b64(json.dumps(said).encode()), "protected": b64(json.dumps(header).encode())}
    signed = signing.sign(there.pair[0], f"{parts['protected']}.{parts['payload']}".encode())
    return json.dumps({**parts, "signature": b64(signed)}).encode()


def told(**more: Any) -> tuple[str, ...]:
    with pytest.raises(Unusable) as wrong:
        read(opened(Elsewhere().file(content(**more))), today=TODAY)
    return wrong.value.problems


def test_an_honest_file_is_read():
    assert len(read(opened(Elsewhere().file(content())), today=TODAY).entries) == 1


@pytest.mark.parametrize("text", ['"' * 400_000, '"\\' * 200_000, '"' + "\\" * 400_001, '{"a": "' + '\\"' * 300_000])
def test_depth_is_counted_in_one_pass(text):
    """A quadratic pattern took twelve seconds for 24 KB: four times as much may take twelve times as long, not 16."""

    def spent(times: int) -> float:
        begun = time.process_time()
        with suppress(ValueError):
            loaded(text * times)
        return time.process_time() - begun

    once = min(spent(1) for _ in range(3))
    assert min(spent(4) for _ in range(3)) < max(once, 0.005) * 12


@pytest.mark.parametrize("years", [[{} for _ in range(60_000)], [{"year": 2025, "entries": [{}] * (MOST_ENTRIES + 1)}]])
def test_how_many_there_are_is_asked_before_any_is_read(years):
    assert len(told(years=years)) == 1


def test_of_many_faults_the_first_are_told_and_how_many_more():
    problems = told(years=[{"year": 2025, "entries": [{}] * MOST_ENTRIES}])
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].startswith("……另有 ")


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
@pytest.mark.parametrize("where", ["exported", "label", "title", "unread"])
def test_half_a_character_is_in_no_file(half, where):
    said = content(years=[year(2025, entry(half if where == "title" else "水土保持"))])
    said |= {"exported": half} if where == "exported" else {"unread": {"deep": [half]}} if where == "unread" else {}
    if where == "label":
        said["years"][0]["verdict"]["label"] = half
    with pytest.raises(Unusable):
        read(opened(escaped(said)), today=TODAY)


def test_a_key_number_of_half_a_character():
    with pytest.raises(Unusable, match="不是继续教育电子记录"):
        opened(escaped(content(), kid="\ud800"))


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        *[("verdict", each, "verdict") for each in (5, None, [])],
        ("verdict", {"outcome": "perfect", "label": "达标", "remark": "", "rows": []}, "verdict outcome"),
        ("verdict", {"outcome": "met", "label": 7, "remark": "", "rows": []}, "verdict label"),
        ("verdict", {"outcome": "met", "label": "达标", "remark": "", "rows": {}}, "verdict rows"),
        *[("verification", each, "verification") for each in ([], "已盖章")],
        ("verification", {"stamped": 1, "label": "", "paper": "", "dated": None}, "verification stamped"),
        ("verification", {"stamped": True, "label": "", "paper": "", "dated": "昨天"}, "verification dated"),
        ("waiver", None, "waiver"),
        ("rule", {"code": 1, "title": "", "document": ""}, "rule code"),
        ("absences", [{"from": "2025-01-01"}], "absences[0] to"),
    ],
)
def test_what_is_shown_of_a_year_has_its_type(key, value, where):
    assert any(each.startswith(f"years[0] {where}") for each in told(years=[year(2025, entry(), **{key: value})]))


def test_a_year_without_a_verdict_is_refused():
    without = {name: each for name, each in year(2025, entry()).items() if name != "verdict"}
    assert any("verdict" in each for each in told(years=[without]))


@pytest.mark.parametrize(("key", "day"), [("from", "0001-01-01"), ("to", "9999-12-31")])
def test_an_entry_lies_in_days_that_can_be(key, day):
    assert any("日期应在 1990 年到 2026 年之间" in each for each in told(years=[year(2025, entry(**{key: day}))]))


def test_a_header_that_asks_to_be_understood_is_refused():
    header = {"alg": "ES256", "kid": "K", "typ": TYP, "crit": ["exp"], "exp": 1}
    parts = {"payload": b64(json.dumps(content()).encode()), "protected": b64(json.dumps(header).encode())}
    with pytest.raises(Unusable, match="crit"):
        opened(json.dumps({**parts, "signature": b64(b"0" * 64)}).encode())


def test_marks_that_turn_a_line_are_in_no_title():
    assert "不含控制字符" in "".join(told(years=[year(2025, entry("培训\u202e班"))]))
