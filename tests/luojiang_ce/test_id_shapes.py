"""No whole ID number in addresses, events, notices, what returns ask for, or the arguments of jobs (domain.md §6)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from stdnum.cn import uscc

from luojiang_ce.id_shapes import beside_birth, last_four_of_ids, mask, mask_ids, without_ids
from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from luojiang_ce.workflow.models import Event, EventNote, ReturnItem
from tests.factories import id_number, person_in
from tests.units.cases import leave_of, with_evidence
from tests.units.views.helpers import browser, workbook_rows
from units.services import suspend_unit

NUMBER = id_number(7)
MASKED = f"****************{NUMBER[-2:]}"  # words go anywhere, beside a birth too


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (NUMBER, MASKED),
        (f"身份证{NUMBER}，已核", f"身份证{MASKED}，已核"),
        (f"{NUMBER[:-1]}x", f"****************{NUMBER[-2]}x"),
        (f"原证件 {mask(NUMBER)}。", f"原证件 {MASKED}。"),
        (f"{NUMBER}9", f"{NUMBER}9"),  # 19 digits: something else
        ("洛人社〔2026〕12号", "洛人社〔2026〕12号"),
        ("12350504489000000" + uscc.calc_check_digit("12350504489000000"),) * 2,
    ],
)
def test_masking(text, masked) -> None:
    assert mask_ids(text) == masked


@pytest.mark.parametrize(
    ("number", "alone", "with_birth"),
    [
        (NUMBER, f"{NUMBER[:6]}********{NUMBER[-4:]}", MASKED),
        ("350504850312015", "***********2015", "*************15"),
        ("E12345678", "*****5678", "*******78"),
        ("E12345", "****345", "****45"),  # never fewer than three hidden
        ("E1234", "****34", "***34"),
        ("E123", "****", "****"),
    ],
)
def test_how_much_of_a_number_is_shown(number: str, alone: str, with_birth: str) -> None:
    assert (mask(number), beside_birth(number)) == (alone, with_birth)
    assert beside_birth(mask(number))[-2:] == with_birth[-2:]


def test_at_any_depth_and_nothing_else() -> None:
    assert without_ids({"a": [NUMBER, {"b": f"x{NUMBER}"}], "n": 5}) == {"a": [MASKED, {"b": f"x{MASKED}"}], "n": 5}
    assert last_four_of_ids(f"王 {NUMBER}") == f"王 {NUMBER[-4:]}"


def everything_kept() -> str:
    models = (Event, EventNote, ReturnItem, Notice, Job)
    return str([list(model.objects.values()) for model in models])


def test_what_is_typed_with_a_transition_is_kept_masked(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    items = [{"where": NUMBER, "wrong": f"{NUMBER} 不符", "mend": NUMBER}]
    fire(leave, "return", actor=district.handler, note=f"见 {NUMBER}", data={"items": items})
    answers = {str(item.pk): f"{NUMBER} 已改" for item in open_items(leave)}
    fire(leave, "resubmit", actor=district.owner, note=NUMBER, data={"answers": answers})
    assert NUMBER not in everything_kept()
    assert MASKED in Notice.objects.filter(recipient=district.owner).get().text
    assert ReturnItem.objects.get().answer == f"{MASKED} 已改"
    assert chain.check().problems == []


def test_so_are_the_reasons_of_other_acts(district) -> None:
    suspend_unit(unit=district.unit, actor=district.handler, reason=f"冒用 {NUMBER}")
    assert NUMBER not in everything_kept()


class TestAddresses:
    LIST, EXPORT = reverse("people:list"), reverse("people:export")

    def test_a_whole_number_is_cut_to_its_last_four(self, district) -> None:
        person_in(district.unit, "仇远", number=NUMBER)
        client = browser(district.owner)
        answer = client.get(self.LIST, {"q": f" {NUMBER}", "category": "general"})
        assert answer.status_code == 302
        assert NUMBER not in answer.headers["Location"]
        assert f"q=+{NUMBER[-4:]}&category=general" in answer.headers["Location"]
        assert client.get(answer.headers["Location"]).status_code == 200
        assert NUMBER not in everything_kept()

    def test_a_file_is_made_for_the_last_four(self, district) -> None:
        person_in(district.unit, "仇远", number=NUMBER)
        answer = browser(district.owner).get(self.EXPORT, {"q": NUMBER})
        assert [row[0] for row in workbook_rows(answer)[1:]] == ["仇远"]
        assert NUMBER not in everything_kept()

    def test_a_stranger_is_told_nothing(self, district) -> None:
        assert browser(district.handler).get(reverse("people:new"), {"number": NUMBER}).status_code == 404

    def test_the_page_says_why_and_finds_the_person(self, district) -> None:
        person_in(district.unit, "仇远", number=NUMBER)
        page = browser(district.owner).get(self.LIST, {"q": NUMBER}, follow=True).content.decode()
        assert "仇远" in page
        assert "后四位" in page
        assert NUMBER not in page

    def test_other_addresses_pass_and_so_do_forms(self, district) -> None:
        client = browser(district.owner)
        assert client.get(self.LIST, {"q": "仇远"}).status_code == 200
        assert client.post(f"{self.LIST}?q={NUMBER}").status_code != 302
