"""Guessed numbers: a thousand of them are answered with nothing, put on record, and told to the officers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.notices.models import Notice
from luojiang_ce.sheets.imports import read_staged, write_staged
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import begin_confirmation, stage_import
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import id_number, person_in
from tests.training.factories import class_of
from tests.units.roster.rosters import workbook
from tests.units.views.helpers import browser
from training.classes.importers.roster import TRAINEES_IMPORT
from units.guessing import why_stopped
from units.models import Account, Certificate, Person
from units.roster.importer import ROSTER_IMPORT
from units.services import unlock

pytestmark = pytest.mark.django_db
GUESSES = 1000
TITLES = ("姓名", "身份证号", "单位", "部门")
KINDS = [ROSTER_IMPORT, TRAINEES_IMPORT]
HIT, NAMESAKE = 400, 700  # of the guesses two are numbers of people: one under the right name, one under another


@pytest.fixture
def guesses(district: District) -> list[Sequence[Any]]:
    person_in(district.neighbour_unit, "仇远", number=id_number(HIT))
    person_in(district.neighbour_unit, "莫知之", number=id_number(NAMESAKE))
    return [("仇远", id_number(n), "", "一科") for n in range(GUESSES)]


def name_of(n: int) -> str:
    """A thousand names, each of three characters."""
    return "".join(
        ("林陈黄郑吴许蔡郭洪庄"[n % 10], "清明志文海春国建秀玉"[n // 10 % 10], "远和成平山英华宁安生"[n // 100])
    )


def born(n: int, day: int | None = None) -> str:
    """Numbers of people who were born on as many days, or on that one."""
    return id_number(n, birth=date(1990, 1, 1) - timedelta(days=31 * (n if day is None else day)))


def scope_of(kind: Any, district: District) -> Any:
    return district.unit if kind is ROSTER_IMPORT else class_of(district.unit)


def told() -> set[Account]:
    return {notice.recipient for notice in Notice.objects.filter(title__contains="核对不上的证件号码")}


def staged(kind: Any, scope: Any, rows: Sequence[Sequence[Any]], account: Account) -> ImportBatch:
    file = workbook(*rows, titles=TITLES)
    return read_staged(kind, stage_import(kind=kind.code, owner=account, scope=scope, name="表.xlsx", file=file))


def answers(batch: ImportBatch) -> set[str]:
    """What the preview says of the rows, their numbers apart."""
    return {str({**row, "row": 0, "shown": row["shown"][1:]}) for row in batch.plan["rows"]}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_preview_answers_a_thousand_guesses_with_nothing(
    kind: Any, district: District, guesses: list[Sequence[Any]]
) -> None:
    batch = staged(kind, scope_of(kind, district), guesses, district.owner)
    assert batch.counts["rows"] == batch.counts["new"] == GUESSES
    assert len(answers(batch)) == 1, "every row looks like every other"
    assert district.neighbour_unit.name not in str(batch.plan)
    assert not batch.returned
    (event,) = history(district.owner).filter(name="ids_missed")
    # Every try at the one name; to the list of trainees one was a trainee, right in name and number.
    assert event.data["count"] == (GUESSES if kind is ROSTER_IMPORT else GUESSES - 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("employer", ["", "晋江市梅岭中学"])
def test_one_name_with_many_numbers_is_told_to_the_officers(kind: Any, employer: str, district: District) -> None:
    """Spread over days of birth, whatever employer is invented."""
    guesses = [("仇远", born(n), employer, "") for n in range(300)]
    staged(kind, scope_of(kind, district), guesses, district.owner)
    assert told() == {district.security_admin, district.audit_admin}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_many_numbers_of_one_day_under_invented_names_are_told_to_the_officers(kind: Any, district: District) -> None:
    guesses = [(name_of(n), id_number(n), "", "") for n in range(300)]
    staged(kind, scope_of(kind, district), guesses, district.owner)
    assert told() == {district.security_admin, district.audit_admin}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_three_hundred_people_whom_nobody_knows_are_no_guesses(kind: Any, district: District) -> None:
    """A training base with trainees from elsewhere, a unit that registers its staff; some bear one name, some were
    born on one day. Uploaded five times, until it is right."""
    names, days = [n // 2 if n < 20 else n for n in range(300)], [n - n % 3 if n < 30 else n for n in range(300)]
    people = [(name_of(names[n]), born(n, days[n]), "晋江市梅岭中学", "") for n in range(300)]
    for _ in range(5):
        batch = staged(kind, scope_of(kind, district), people, district.owner)
    assert batch.counts["new"] == 300
    assert not history(district.owner).filter(name="ids_missed").exists()
    assert told() == set()


def test_a_unit_of_the_district_that_has_registered_nobody_is_no_guess(district: District) -> None:
    people = [(name_of(n), born(n), district.neighbour_unit.name, "") for n in range(300)]
    staged(TRAINEES_IMPORT, class_of(district.unit), people, district.owner)
    assert told() == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_numbers_of_others_under_wrong_names_each_count_among_honest_ones(kind: Any, district: District) -> None:
    for n in range(30):
        person_in(district.neighbour_unit, "仇远", number=born(n))
    people = [(name_of(n), born(n), "晋江市梅岭中学", "") for n in range(300)]
    staged(kind, scope_of(kind, district), people, district.owner)
    (event,) = history(district.owner).filter(name="ids_missed")
    assert event.data["count"] == 30
    assert told() == {district.security_admin, district.audit_admin}


def test_what_was_not_said_is_not_written_either(district: District, guesses: list[Sequence[Any]]) -> None:
    batch = staged(ROSTER_IMPORT, district.unit, guesses[HIT : HIT + 2], district.owner)
    begin_confirmation(batch)
    assert write_staged(ROSTER_IMPORT, batch, actor=district.owner).result == {"wrong": 1, "new": 1}
    assert Person.objects.with_id_number(id_number(HIT)).get().job.unit == district.neighbour_unit


def test_the_officers_are_told_once_a_day_above_the_setting(
    district: District, guesses: list[Sequence[Any]], settings: Any
) -> None:
    settings.ID_MISSES_TOLD = 3
    for _ in range(3):
        staged(ROSTER_IMPORT, district.unit, guesses, district.owner)
    told = Notice.objects.filter(title__contains="核对不上的证件号码")
    assert {notice.recipient for notice in told} == {district.security_admin, district.audit_admin}
    assert told.count() == 2
    assert history(district.owner).filter(name="ids_missed").count() == 3


def test_the_page_for_somebody_new_says_the_same_of_both(district: District, guesses: list[Sequence[Any]]) -> None:
    client, said = browser(district.owner), []
    for n in (HIT, NAMESAKE):
        typed = {"name": "仇远", "kind": "resident", "number": id_number(n), "category": "general"}
        page = client.post(reverse("people:new"), {**typed, "started_on": "2024-09-01", "do": "submit"})
        assert page.status_code == 422
        said.append(page.context["form"].errors.get_json_data())
    assert said[0] == said[1]
    assert [event.data["count"] for event in history(district.owner).filter(name="ids_missed")] == [1, 1]


def test_a_certificate_beside_it_tells_nothing_of_a_number(district: District) -> None:
    """Of another unit's medical staff the kind of booklet would be another than of somebody new."""
    known = person_in(district.neighbour_unit, "仇远", number=id_number(HIT))
    Person.objects.filter(pk=known.pk).update(category="medical")
    Certificate.objects.create(person=known, kind="medical", number="LJ-7")
    for number in ("LJ-7", "LJ-8"):
        rows = [("仇远", id_number(n), "", "一科", number) for n in (1, HIT, 2)]
        file = workbook(*rows, titles=(*TITLES, "证书编号"))
        to = {"owner": district.owner, "scope": district.unit}
        read = read_staged(ROSTER_IMPORT, stage_import(kind=ROSTER_IMPORT.code, name="表.xlsx", file=file, **to))
        said = [(row["outcome"], [each["what"] for each in row["problems"]]) for row in read.plan["rows"]]
        assert said[1] == said[2]


@pytest.mark.parametrize("wrong", [{"started_on": "2099-01-01"}, {"certificate": "LJ-7"}])
def test_with_something_else_wrong_a_number_is_not_looked_up(district: District, wrong: dict[str, str]) -> None:
    person_in(district.neighbour_unit, "仇远", number=id_number(HIT))
    other = person_in(district.neighbour_unit, "莫知之")
    Certificate.objects.create(person=other, kind="general", number="LJ-7")
    client, said = browser(district.owner), []
    for n in (HIT, 1):
        typed = {"name": "仇远", "kind": "resident", "number": id_number(n), "category": "general"}
        page = client.post(reverse("people:new"), {**typed, "started_on": "2024-09-01", "do": "submit", **wrong})
        said.append(page.context["form"].errors.get_json_data())
    assert said[0] == said[1] != {}


class TestStopped:
    """After so many numbers that led to nobody none is looked up any more, whatever page is used."""

    @pytest.fixture(autouse=True)
    def _few(self, settings: Any) -> None:
        settings.ID_MISSES_STOPPED = 3

    @pytest.fixture
    def guesser(self, district: District, guesses: list[Sequence[Any]]) -> Account:
        staged(ROSTER_IMPORT, district.unit, guesses, district.owner)
        return district.owner

    def upload(self, account: Account, guesses: list[Sequence[Any]]) -> Any:
        file = workbook(*guesses, titles=TITLES)
        file.name = "表.xlsx"
        return browser(account).post(reverse("roster:upload"), {"file": file, "unit": account.unit.pk})

    def newcomer(self, account: Account, do: str = "submit") -> Any:
        typed = {"name": "仇远", "kind": "resident", "number": id_number(HIT), "category": "general", "do": do}
        return browser(account).post(reverse("people:new"), {**typed, "started_on": "2024-09-01"})

    def test_no_list_is_read(self, guesser: Account, guesses: list[Sequence[Any]]) -> None:
        answer = self.upload(guesser, guesses)
        assert (answer.status_code, "已停止核对" in answer.content.decode()) == (422, True)
        assert ImportBatch.objects.count() == 1

    @pytest.mark.parametrize("do", ["submit", "ask"])
    def test_nobody_is_looked_up(self, guesser: Account, do: str) -> None:
        answer = self.newcomer(guesser, do)
        assert (answer.status_code, "已停止核对" in answer.content.decode()) == (422, True)
        assert history(guesser).filter(name="ids_missed").count() == 1

    def test_colleagues_and_neighbours_go_on(
        self, guesser: Account, district: District, guesses: list[Sequence[Any]]
    ) -> None:
        for account in (district.colleague, district.neighbour):
            assert self.upload(account, guesses[:1]).status_code == 302

    def test_the_security_officer_lets_go_on_and_so_does_the_next_day(
        self, guesser: Account, district: District, guesses: list[Sequence[Any]]
    ) -> None:
        assert unlock(account=guesser, actor=district.security_admin)
        assert self.upload(guesser, guesses).status_code == 302
        assert why_stopped(guesser)
        with time_machine.travel(clock.now() + timedelta(days=1)):
            assert not why_stopped(guesser)

    def test_many_accounts_at_one_address_are_stopped_together(
        self, district: District, guesses: list[Sequence[Any]], settings: Any
    ) -> None:
        settings.ID_MISSES_STOPPED_OF_ADDRESS = 4
        for account in (district.owner, district.colleague, district.neighbour):
            sign_in = {"account": account, "session_key": account.username, "device": "火狐"}
            SignIn.objects.create(address="198.51.100.7", **sign_in)
        settings.ID_MISSES_STOPPED = 1000
        for account in (district.owner, district.colleague):
            staged(ROSTER_IMPORT, district.unit, guesses[:6], account)
        assert why_stopped(district.neighbour)
        SignIn.objects.filter(account=district.neighbour).update(address="203.0.113.9")
        assert not why_stopped(district.neighbour)
