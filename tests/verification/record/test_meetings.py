"""What hours of another district meet here: nothing counts twice, nothing comes back, and a reviewer has the word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.proof import keyring
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.verification.batches.samples import learned
from tests.verification.declarations.cases import declaration_of
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.record.elsewhere import CODE, Elsewhere, decided, entry, record, trusted, year
from tests.verification.record.test_transfers import signed_in
from units.models import Person
from verification.declarations.transfers import already_here
from verification.ledger.models import LedgerEntry
from verification.ledger.registry import on_their_way
from verification.ledger.services import counter
from verification.record.meetings import compared
from verification.record.models import Transfer
from verification.record.transfers import take_over

pytestmark = pytest.mark.django_db
DAYS = {"date_from": date(2025, 4, 14), "date_to": date(2025, 4, 16)}


@pytest.fixture(autouse=True)
def _in_december() -> Any:
    with clock.at(clock.local(clock.now()).replace(year=2026, month=12, day=1, hour=10)):
        yield


@pytest.fixture
def there(district: District) -> Elsewhere:
    elsewhere = Elsewhere()
    trusted(district, elsewhere.key_set())
    return elsewhere


@pytest.fixture
def person(district: District) -> Person:
    return person_in(district.unit, "裴南枝")


def taken(
    district: District, there: Elsewhere, person: Person, *entries: dict[str, Any], number: int = 31, **more: Any
) -> Transfer:
    """Taken over from the paper of this number, and filed."""
    content = record(person, year(2025, *entries))
    content["paper"] |= {"number": f"青临人社证〔2026〕{number:05d}号", **more}
    asked = {"code": CODE, "person": person, "unit": district.unit, "actor": district.fresh(district.owner)}
    transfer = take_over(content=there.file(content), **asked)
    fire(transfer, "submit", actor=district.owner)
    return transfer


def accept(district: District, transfer: Transfer, *titles: str) -> None:
    fire(transfer, "accept", actor=district.handler, data=decided(transfer, *titles))


def told(transfer: Transfer) -> dict[str, str]:
    """What is said of each of its entries, by title."""
    return {
        each.entry.title: "；".join([each.barred, *each.meets]) for each in compared([transfer])[transfer.pk].meetings
    }


def page_of(account: Any, transfer: Transfer) -> str:
    return signed_in(account).get(transfer.get_absolute_url()).content.decode()


def titles(person: Person) -> list[str]:
    return sorted(LedgerEntry.objects.standing().filter(person=person).values_list("title", flat=True))


# --- what meets what --------------------------------------------------------------------------------------------------


def test_a_renewed_record_posts_nothing_twice_and_refers_to_the_older(
    district: District, there: Elsewhere, person: Person
) -> None:
    lecture = entry("学术讲座", form="lecture", amount="2.0", **{"from": None, "to": None})
    first = taken(district, there, person, entry(), lecture)
    accept(district, first)
    # Renewed there: a title corrected, an amount corrected, one taken back, one new.
    corrected = entry("水土保持监测技术培训班（第二期）")
    other = entry("学术讲座", form="lecture", amount="2.5", **{"from": None, "to": None})
    new = entry("坡耕地治理研修", **{"from": "2025-06-02", "to": "2025-06-03"})
    second = taken(district, there, person, corrected, other, new, number=44, dated="2026-11-03")
    said = told(second)
    assert "水土保持监测技术培训班" in said["水土保持监测技术培训班（第二期）"]
    assert "本区台账：学术讲座" in said["学术讲座"]
    assert said["坡耕地治理研修"] == ""
    page = page_of(district.handler, second)
    assert first.number in page
    assert "此前计入、这份记录里没有的" in page
    accept(district, second)
    assert titles(person) == ["坡耕地治理研修", "学术讲座", "水土保持监测技术培训班"]
    assert "没有计入" in page_of(district.handler, second)


def test_a_reviewer_ticks_what_is_another_learning_after_all(
    district: District, there: Elsewhere, person: Person
) -> None:
    learned(person, "0", "24", 2025, title="另一个班", **DAYS)
    transfer = taken(district, there, person, entry("早上的班"), entry("晚上的班"))
    with pytest.raises(Refused, match="没有勾选计入的学时"):
        accept(district, transfer)
    accept(district, transfer, "晚上的班")
    assert titles(person) == ["另一个班", "晚上的班"]
    assert dict(transfer.entries.values_list("title", "counts")) == {"早上的班": False, "晚上的班": True}


def test_hours_declared_by_hand_and_another_record_on_its_way_are_met(
    district: District, there: Elsewhere, person: Person
) -> None:
    facts = {"form": "transfer", "year": 2025, "title": "青溪市临江区的学时", "state": "submitted"}
    by_hand = declaration_of(district.unit, person, **facts)
    other = taken(district, there, person, entry())
    transfer = taken(district, there, person, entry("同一些日子的班"), number=44)
    assert by_hand.number in told(transfer)["同一些日子的班"]
    assert other.number in told(transfer)["同一些日子的班"]
    assert other.number in already_here(by_hand)
    assert transfer.number in already_here(by_hand)


def test_of_two_equal_entries_one_line_of_the_ledger_is_one(
    district: District, there: Elsewhere, person: Person
) -> None:
    learned(person, "0", "24", 2025, title="水土保持监测技术培训班", **DAYS)
    here = LedgerEntry.objects.get(person=person)
    twice = entry(course=here.course)
    transfer = taken(district, there, person, twice, twice)
    found = compared([transfer])[transfer.pk].meetings
    assert [bool(each.barred) for each in found] == [True, False]
    assert not any(each.counts_by_default for each in found)  # the second meets the same days


def test_credits_of_somebody_who_has_none_do_not_take_the_hours_with_them(
    district: District, there: Elsewhere, person: Person
) -> None:
    credits = entry("Ⅱ类学分项目", measure="credits", subject="class_2", amount="5.0", **{"from": None, "to": None})
    transfer = taken(district, there, person, entry(), credits)
    assert "按学时计" in told(transfer)["Ⅱ类学分项目"]
    assert "按学时计" in page_of(district.owner, transfer)
    accept(district, transfer, "Ⅱ类学分项目")
    assert titles(person) == ["水土保持监测技术培训班"]


def test_what_moved_since_the_page_was_shown_is_looked_at_again(
    district: District, there: Elsewhere, person: Person
) -> None:
    transfer = taken(district, there, person, entry())
    shown = decided(transfer)
    learned(person, "0", "20", 2025, title="同一些日子的班", **DAYS)
    with pytest.raises(Refused, match="与您勾选时所见不同"):
        fire(transfer, "accept", actor=district.handler, data=shown)
    answer = asked(district, transfer, meetings_sha256=shown["meetings_sha256"], counted=shown["counted"])
    assert (answer.status_code, "与您勾选时所见不同" in answer.content.decode()) == (422, True)
    assert titles(person) == ["同一些日子的班"]
    # The page that told it shows what is there now: sent again, it counts.
    form = answer.context["form"]
    again = {"meetings_sha256": form["meetings_sha256"].value(), "counted": form["counted"].value()}
    assert asked(district, transfer, **again).status_code == 302
    assert titles(person) == ["同一些日子的班", "水土保持监测技术培训班"]


# --- what must not come back ------------------------------------------------------------------------------------------


def origin(issuer: str, district: str = "本区") -> dict[str, Any]:
    return {"issuer": issuer, "district": district, "paper": "洛人社证〔2025〕00007号"}


def test_what_began_here_does_not_come_back_by_way_of_others(
    district: District, there: Elsewhere, person: Person, settings: Any
) -> None:
    own = keyring.issuer()
    settings.PUBLIC_URL = "https://moved.example"
    keyring.rotate(keyring.Purpose.RECORDS)
    over_two = entry("绕了一圈的班", origins=[origin("ce.beishan.example", "北山县"), origin(own)])
    transfer = taken(district, there, person, entry(), over_two)
    assert "原由本区出具（洛人社证〔2025〕00007号）" in told(transfer)["绕了一圈的班"]
    assert "原由本区出具" in page_of(district.owner, transfer)
    accept(district, transfer, "绕了一圈的班")
    assert titles(person) == ["水土保持监测技术培训班"]
    kept = transfer.entries.get(title="绕了一圈的班")
    assert [each["district"] for each in kept.came_through] == ["青溪市临江区", "北山县", "本区"]


def test_what_this_bureau_has_taken_back_does_not_come_back(
    district: District, there: Elsewhere, person: Person
) -> None:
    learned(person, "0", "24", 2025, title="水土保持监测技术培训班", **DAYS)
    here = LedgerEntry.objects.get(person=person)
    counter(entry=here, reason="检查发现代签", actor=district.approver)
    transfer = taken(
        district,
        there,
        person,
        entry(course=here.course),
        entry("另一期", **{"from": "2025-05-01", "to": "2025-05-02"}),
    )
    assert "已冲销（检查发现代签）" in told(transfer)["水土保持监测技术培训班"]
    accept(district, transfer, "水土保持监测技术培训班")
    assert titles(person) == ["另一期"]


def test_an_acceptance_taken_back_may_be_given_anew_by_the_reviewers_word(
    district: District, there: Elsewhere, person: Person
) -> None:
    first = taken(district, there, person, entry())
    accept(district, first)
    fire(first, "revoke", actor=district.approver, note="点错了一件")
    again = taken(district, there, person, entry())
    assert "已冲销（点错了一件）" in told(again)["水土保持监测技术培训班"]
    with pytest.raises(Refused, match="没有勾选"):
        accept(district, again)
    accept(district, again, "水土保持监测技术培训班")
    assert titles(person) == ["水土保持监测技术培训班"]


def test_a_file_of_which_nothing_can_count_is_not_filed(district: District, there: Elsewhere, person: Person) -> None:
    own = entry("绕了一圈的班", origins=[origin(keyring.issuer())])
    with pytest.raises(Refused, match="都不能计入：原由本区出具"):
        taken(district, there, person, own)


@pytest.mark.parametrize(
    "origins", [None, {}, ["x"], [{"issuer": "青溪", "district": "x", "paper": "1"}], [{"issuer": "a"}], [{}] * 11]
)
def test_origins_that_cannot_be_read_are_refused(
    district: District, there: Elsewhere, person: Person, origins: Any
) -> None:
    with pytest.raises(NotPossible, match="origins"):
        taken(district, there, person, entry(origins=origins))


# --- the reviewer's page ----------------------------------------------------------------------------------------------


def asked(district: District, transfer: Transfer, **changes: Any) -> Any:
    """Sent as the page shows it, but for the changes."""
    client = signed_in(district.handler)
    url = reverse("workflow:act", args=[transfer._meta.label_lower, transfer.pk, "accept"])
    form = client.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"checked": "on"}
    return client.post(url, {**sent, **changes})


def test_the_page_asks_for_the_check_at_the_other_district(
    district: District, there: Elsewhere, person: Person
) -> None:
    content = {"check": "https://ce.qingxi.example/check/"}
    transfer = taken(district, there, person, entry(), **content)
    page = page_of(district.handler, transfer)
    assert "https://ce.qingxi.example/check/" in page
    assert "文件导出于 2026年11月3日" in page
    unchecked = asked(district, transfer, checked="")
    assert (unchecked.status_code, "请先到对方核验页核对" in unchecked.content.decode()) == (422, True)
    early = asked(district, transfer, checked_on="2026-11-01")
    assert (early.status_code, "应在证明日期到今天之间" in early.content.decode()) == (422, True)
    assert not LedgerEntry.objects.exists()
    assert asked(district, transfer).status_code == 302
    transfer.refresh_from_db()
    assert (transfer.state, transfer.checked_on) == ("accepted", date(2026, 12, 1))
    assert "2026年12月1日 已核对" in page_of(district.owner, transfer)


def test_nothing_ticked_is_told_and_nothing_of_another_record_can_be_ticked(
    district: District, there: Elsewhere, person: Person
) -> None:
    other = taken(district, there, person_in(district.unit, "岳临川"), entry(), number=44)
    transfer = taken(district, there, person, entry())
    none = asked(district, transfer, counted=[])
    assert (none.status_code, "不予认可" in none.content.decode()) == (422, True)
    assert asked(district, transfer, counted=[other.entries.get().pk]).status_code == 422
    with pytest.raises(Refused, match="逐条勾选"):
        fire(transfer, "accept", actor=district.handler)


def test_two_thousand_entries_are_entered_by_the_worker_in_few_statements(
    district: District, there: Elsewhere, person: Person
) -> None:
    days = [date(2025, month, day) for month in range(1, 13) for day in range(1, 29)]
    many = [
        entry(f"第{n}期技术讲座", amount="1.0", **{"from": f"{days[n % 336]}", "to": f"{days[n % 336]}"})
        for n in range(2000)
    ]
    transfer = taken(district, there, person, *many)
    answer = asked(district, transfer)
    assert "/jobs/" in answer["Location"]
    assert not LedgerEntry.objects.exists()
    with statements() as ran:
        sweep()
    assert LedgerEntry.objects.filter(person=person).count() == 2000
    assert len(ran) < 80
    transfer.refresh_from_db()
    assert transfer.state == "accepted"


# --- on its way -------------------------------------------------------------------------------------------------------


def test_what_waits_for_a_reviewer_is_on_its_way(district: District, there: Elsewhere, person: Person) -> None:
    learned(person, "0", "24", 2025, title="另一个班", **DAYS)
    free = entry("坡耕地治理研修", amount="8.0", **{"from": "2025-06-02", "to": "2025-06-03"})
    transfer = taken(district, there, person, entry(), free)
    (found,) = on_their_way([person], 2025)[person.pk]
    assert (found.amount, found.state, found.is_sent_back) == (Decimal("8.00"), "外区记录转入 待审核", False)
    assert found.url == transfer.get_absolute_url()
    assert on_their_way([person], 2024) == {}
    accept(district, transfer)
    assert on_their_way([person], 2025) == {}


@pytest.mark.parametrize("number", [3, 30])
def test_what_is_on_its_way_is_asked_as_often_for_thirty_as_for_three(
    district: District, there: Elsewhere, number: int
) -> None:
    people = [person_in(district.unit, f"岳临川{n}") for n in range(number)]
    for n, each in enumerate(people):
        taken(district, there, each, entry(), number=n + 1)
        posted(a_source(), district.handler, hours(each, "8.0", 2025))
    with statements() as ran:
        found = on_their_way(people, 2025)
    assert len(found) == number
    assert len(ran) <= 9


def test_the_page_of_a_record_asks_at_most_twenty_times(district: District, there: Elsewhere, person: Person) -> None:
    accept(district, taken(district, there, person, entry()))
    transfer = taken(district, there, person, entry("另一期"), number=44)
    client = signed_in(district.handler)
    with statements() as ran:
        assert client.get(transfer.get_absolute_url()).status_code == 200
    assert len(ran) <= 20
