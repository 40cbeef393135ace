"""What changes under an issued attestation is seen, however close to its issue; what year is judged by which facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import IN_REVIEW, Paper, Seal
from luojiang_ce.workflow.engine import Refused, fire
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.luojiang_ce.sheets.reading import cells
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import a_batch, a_seal, learned, staff, stamped
from tests.verification.own_record.slips import opened, slip_of, token_of
from tests.verification.record.cases import attestation_of
from units.models import Employment, Person, Unit
from verification.batches import services as batches
from verification.batches.models import AnnualRecord
from verification.counter import deciding
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter
from verification.record.content import told
from verification.record.models import Attestation
from verification.record.papers import shown
from verification.record.second_look import is_looked_at_again, tell_of_second_looks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_season() -> Iterator[None]:
    with clock.at(SEASON):
        yield


def issue(district: District, person: Person, **facts: Any) -> Attestation:
    if not Seal.objects.exists():
        a_seal(district.bureau)
    case = attestation_of(district, "submitted", person=person, **facts)
    fire(case, "issue", actor=district.fresh(district.approver))
    return case


def reverse_hours(person: Person, district: District, **which: Any) -> LedgerEntry:
    entry = LedgerEntry.objects.standing().filter(person=person, **which).first()
    assert entry
    return counter(entry=entry, reason="检查发现代签", actor=district.approver)


# --- however close ----------------------------------------------------------------------------------------------------


def test_a_reversal_at_the_moment_of_the_issue_is_seen(district: District) -> None:
    """The clock stands still: nothing is later than anything."""
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8")
    learned(person, "0", "6")
    reverse_hours(person, district, amount=6)  # this one was seen
    case = issue(district, person)
    assert not is_looked_at_again(case)
    again = reverse_hours(person, district, amount=8)
    assert is_looked_at_again(case)
    assert Attestation.objects.get(pk=case.pk).state_said == IN_REVIEW
    assert tell_of_second_looks() == 1
    counter(entry=again, reason="查明是误报", actor=district.approver)
    fire(case, "confirm", actor=district.approver)
    assert not is_looked_at_again(case)
    assert Attestation.objects.get(pk=case.pk).state_said == "已出具"


def test_what_is_reversed_while_it_is_confirmed_is_not_taken_as_seen(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8", title="甲班")
    learned(person, "0", "8", title="乙班")
    case = issue(district, person)
    back = reverse_hours(person, district, title="甲班")
    counter(entry=back, reason="查明是误报", actor=district.approver)
    reverse_hours(person, district, title="乙班")
    # The guard read before this one was there.
    monkeypatch.setattr("verification.record.second_look.says_the_same", _once_and_then(True))
    with pytest.raises(Refused, match="与证明所载不同"):
        fire(case, "confirm", actor=district.approver)
    assert is_looked_at_again(case)


def _once_and_then(first: bool) -> Any:
    from verification.record.content import says_the_same

    answers = iter([first])
    return lambda *args: next(answers, None) or says_the_same(*args)


def test_a_yearly_result_taken_back_is_seen_though_its_page_was_not_made_yet(district: District) -> None:
    (person,) = staff(district.unit, 1)
    batch = a_batch(district, "submitted", people=[person])
    batches.refreeze(batch=batch, actor=district.handler)
    record = batch.records.get()
    deciding.decide(batch=batch, records=[record.pk], name="verify", actor=district.handler)
    batch.records.update(state="stamped")
    case = issue(district, person)
    assert not Paper.objects.filter(kind="verification_person").exists()
    assert case.content["years"][-1]["verification"]["stamped"]
    assert not is_looked_at_again(case)
    batch.records.update(state="filed")
    assert is_looked_at_again(case)
    batch.records.update(state="stamped")
    assert not is_looked_at_again(case)
    batch.records.update(decided_at=clock.now().replace(year=SEASON.year + 1))
    assert is_looked_at_again(case)


def test_each_change_is_told_once_also_a_second_one_of_another_kind(district: District) -> None:
    (person,) = staff(district.unit, 1)
    stamped(district, [person])
    case = issue(district, person)
    AnnualRecord.objects.update(decided_at=clock.now().replace(year=SEASON.year + 1))
    tell_of_second_looks()
    tell_of_second_looks()
    mine = Notice.objects.filter(recipient=district.approver, title__contains="正在复核", title__startswith=case.called)
    assert mine.count() == 1
    with clock.at(SEASON.replace(hour=SEASON.hour + 1)):
        fire(case, "confirm", actor=district.approver)
    AnnualRecord.objects.update(state="filed")
    tell_of_second_looks()
    assert mine.count() == 2


def test_case_and_list_say_what_the_public_reads_while_it_is_looked_at_again(district: District) -> None:
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8")
    case, other = issue(district, person), issue(district, person_in(district.unit, "裴南枝"))
    reverse_hours(person, district)
    client = Client()
    client.force_login(district.fresh(district.approver))
    page = lxml.html.fromstring(client.get(case.get_absolute_url()).content.decode())
    assert [
        each.text_content().strip()
        for each in page.xpath("//*[contains(@class, 'lj-head')]//*[contains(@class, 'lj-state')]")
    ] == ["复核中"]
    rows = lxml.html.fromstring(client.get(reverse("record:list")).content.decode()).xpath("//tbody/tr")
    shown = {row.xpath("string(.//*[@class='lj-no'])"): row.xpath("string(td[last()])").strip() for row in rows}
    assert shown == {case.number: "复核中", other.number: "已出具"}
    chosen = {
        state: lxml.html.fromstring(client.get(reverse("record:list"), {"state": state}).content.decode())
        for state in ("issued", "review")
    }
    numbers = {state: page.xpath("//tbody//*[@class='lj-no']/text()") for state, page in chosen.items()}
    assert numbers == {"issued": [other.number], "review": [case.number]}
    said = column(client, reverse("record:export"), 8)
    assert (said[case.number], said[other.number]) == ("复核中", "已出具")


def test_every_page_with_its_paper_says_so_too(district: District) -> None:
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8")
    case, other = issue(district, person), issue(district, person_in(district.unit, "裴南枝"))
    with blank_papers():
        sweep()
    paper, theirs = (Paper.objects.of(each).get() for each in (case, other))
    slip = slip_of(person, district.owner)
    phone, own = opened(slip, person), reverse("own:record", args=[token_of(slip)])
    carried = reverse("own:carried_record", args=[token_of(slip), paper.uid])
    assert carried in phone.get(own).content.decode()
    reverse_hours(person, district)
    client = Client()
    client.force_login(district.fresh(district.approver))
    rows = lxml.html.fromstring(client.get(reverse("papers:list")).content.decode()).xpath("//tbody/tr")
    state = "string(.//*[contains(@class, 'lj-state')])"
    shown = {row.xpath("string(th//a)"): row.xpath(state).strip() for row in rows}
    assert shown == {paper.number: "复核中", theirs.number: "有效"}
    said = column(client, reverse("papers:export"), 7)
    assert (said[paper.number], said[theirs.number]) == ("复核中", "有效")
    head = lxml.html.fromstring(client.get(paper.get_absolute_url()).content.decode())
    assert "复核中" in head.xpath("string(//*[contains(@class, 'lj-head')])")
    page = phone.get(own).content.decode()
    assert "复核中" in page
    assert carried not in page


def column(client: Client, url: str, nth: int) -> dict[Any, Any]:
    """A column of a list as a workbook, by the number in its first one."""
    response = client.get(url)
    book = b"".join(response.streaming_content) if response.streaming else response.content
    return {row.get(1): row.get(nth) for row in cells(book).values()}


def test_the_form_of_a_renewal_says_that_the_public_reads_the_reason(district: District) -> None:
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8")
    case = issue(district, person)
    with blank_papers():
        sweep()
    paper = Paper.objects.of(case).get()
    reverse_hours(person, district)
    client = Client()
    client.force_login(district.fresh(district.approver))
    url = reverse("workflow:act", args=["verification_record.attestation", case.pk, "renew"])
    page = client.get(url).content.decode()
    assert "换发原因" in page
    assert "核验页会向公众显示，请勿写姓名和证件号码" in page
    fire(case, "renew", actor=district.approver)
    paper.refresh_from_db()
    assert f"显示“{paper.revoke_reason}”" in page


# --- by which facts ---------------------------------------------------------------------------------------------------


def moved_to_a_hospital(person: Person) -> None:
    """And is medical staff by now: by other rules, which want credits."""
    Employment.objects.filter(person=person).update(unit=UnitFactory(medical_level="first"))
    Person.objects.filter(pk=person.pk).update(category="medical")
    person.refresh_from_db()


def of_2026(district: District, person: Person) -> dict[str, Any]:
    case = attestation_of(district, person=person, first_year=2026, last_year=2026)
    (year,) = told(case).content["years"]
    return year


def test_a_year_that_was_filed_keeps_the_facts_of_its_filing(district: District) -> None:
    (person,) = staff(district.unit, 1)
    batch = a_batch(district, "submitted", people=[person])
    batches.refreeze(batch=batch, actor=district.handler)
    before = of_2026(district, person)
    assert before["verdict"]["outcome"] == "met"
    assert before["basis"] == "按报送时登记的情况（一般人员）判定"
    moved_to_a_hospital(person)
    after = of_2026(district, person)
    assert (after["verdict"], after["rule"], after["basis"]) == (before["verdict"], before["rule"], before["basis"])


@pytest.mark.parametrize("state", ["verified", "failed"])
def test_a_year_that_was_decided_keeps_its_verdict_whatever_the_ledger_says(district: District, state: str) -> None:
    (person,) = staff(district.unit, 1, met=False)
    batch = a_batch(district, "submitted", people=[person])
    batches.refreeze(batch=batch, actor=district.handler)
    batch.records.update(state=state)
    before = of_2026(district, person)
    assert (before["verdict"]["outcome"], before["basis"]) == ("unmet", "按办理时的结论")
    learned(person, "0", "30")
    moved_to_a_hospital(person)
    assert of_2026(district, person)["verdict"] == before["verdict"]


def test_a_year_that_was_never_filed_says_by_which_facts_it_is_judged(district: District) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(medical_level="first")
    person = person_in(district.unit, "岳临川", category="medical")
    year = of_2026(district, person)
    assert year["basis"] == "该年度没有报送，按出具时登记的情况（卫生人员，医疗机构等级：一级）判定"
    case = issue(district, person, first_year=2026, last_year=2026)
    with blank_papers():
        sweep()
    assert shown(case.content)["years"][0]["basis"] == year["basis"]
