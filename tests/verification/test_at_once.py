"""Two at the same moment: a declaration enters the ledger once, an entry is countered once, a source posts once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import account_with, person_in
from tests.verification.batches.samples import a_batch, a_seal, staff
from tests.verification.batches.test_two_seals import at_the_counter, decided
from tests.verification.declarations.cases import declaration_of, in_state, with_evidence
from tests.verification.ledger.entries import a_source, hours, posted
from units.models import Account, Certificate
from units.services.certificates import set_pattern
from verification.batches import services
from verification.batches.models import AnnualRecord, Batch, Material
from verification.counter.deciding import decide
from verification.declarations.models import Declaration
from verification.declarations.services import TYPED, save_declaration
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; what each returned or raised."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_reviewers_accept_the_same_declaration(district):
    case = with_evidence(in_state(district, "submitted"), district.owner)

    def accept() -> Any:
        return fire(Declaration.objects.get(pk=case.pk), "accept", actor=district.handler)

    results = at_once(accept, accept)
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert [str(entry.amount) for entry in LedgerEntry.objects.all()] == ["12.00"]


def test_a_declaration_is_drafted_once_by_a_double_click(district):
    like = declaration_of(district.unit)
    facts = {name: getattr(like, name) for name in TYPED}
    like.delete()

    def draft() -> Any:
        return save_declaration(declaration=Declaration(**facts), unit=district.unit, actor=district.owner)

    assert at_once(draft, draft) == [Declaration.objects.get()] * 2


def test_an_entry_is_countered_once(district):
    (entry,) = posted(a_source(), district.handler, hours(person_in(district.unit)))

    def take_back() -> Any:
        return counter(entry=entry, reason="检查", actor=district.approver)

    first, second = at_once(take_back, take_back)
    assert first.pk == second.pk
    assert LedgerEntry.objects.count() == 2


def test_a_source_posts_once(district):
    source, person = a_source(), person_in(district.unit)

    def post_it() -> Any:
        return posted(source, district.handler, hours(person), hours(person, "2.0", subject="public"))

    results = at_once(post_it, post_it)
    assert sorted(len(each) for each in results) == [0, 2]
    assert LedgerEntry.objects.count() == 2


def test_nobody_becomes_undecided_while_the_batch_is_being_finished(district):
    batch = a_batch(district)
    people = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=people, name="verify", actor=district.handler)
    services.check_materials(batch=batch, seen=Material.values, actor=district.handler)
    is_finished, taken_back = threading.Event(), threading.Event()

    def finish() -> Any:
        with transaction.atomic():
            fire(Batch.objects.get(pk=batch.pk), "finish", actor=district.handler)
            is_finished.set()
            taken_back.wait(2)  # the other goes on now where nothing keeps it
        return "finished"

    def take_back() -> Any:
        is_finished.wait(10)
        try:
            return fire(AnnualRecord.objects.get(pk=people[0]), "withdraw", actor=district.approver, note="重看")
        finally:
            taken_back.set()

    finished, refused = at_once(finish, take_back)
    assert finished == "finished"
    assert isinstance(refused, Refused)
    assert set(batch.records.values_list("state", flat=True)) == {"verified"}


@pytest.mark.parametrize("act", ["stamp_pages", "stamp_first"])
def test_two_keepers_put_their_seals_to_one_paper_at_the_same_time(district, act):
    """Each seal once, one paper, one record stamped; whoever comes second to the whole puts the last seal."""
    batch = decided(district) if act == "stamp_first" else at_the_counter(district)
    if act == "stamp_pages":
        decide(batch=batch, records=[batch.records.get().pk], name="verify", actor=district.handler)
    education = account_with("seal_keeper", district.education)
    seals = {district.keeper: a_seal(district.bureau), education: a_seal(district.education)}

    def put(keeper: Account, name: str) -> Any:
        return fire(Batch.objects.get(pk=batch.pk), name, actor=keeper, data={"seal": seals[keeper]})

    results = at_once(*(lambda keeper=keeper: put(keeper, act) for keeper in seals))
    late = [keeper for keeper, each in zip(seals, results, strict=True) if isinstance(each, Refused)]
    assert len(late) == (act == "stamp_first")
    for keeper in late:
        put(keeper, "stamp")
    assert batch.records.get().state == "stamped"
    (page,) = Paper.objects.of(batch).filter(kind="verification_person")
    assert {page.seal, page.second_seal} == set(seals.values())
    assert {page.keeper, page.second_keeper} == set(seals)


def test_two_keepers_who_stamp_at_once_give_no_number_twice(district):
    set_pattern(kind="general", typed="洛继教{序号:4}", following=1, actor=district.system_admin)
    batches = [ready_to_stamp(district) for _ in range(2)]
    seal = {"seal": a_seal(district.bureau)}

    def stamp(batch: Batch) -> Callable[[], Any]:
        return lambda: fire(Batch.objects.get(pk=batch.pk), "stamp_pages", actor=district.keeper, data=seal)

    assert not any(isinstance(each, Exception) for each in at_once(*map(stamp, batches)))
    given = AnnualRecord.objects.filter(batch__in=batches).values_list("certificate_number", flat=True)
    assert sorted(given) == [f"洛继教{n:04d}" for n in range(1, 7)]
    assert sorted(Certificate.objects.values_list("number", flat=True)) == sorted(given)


def test_of_two_counters_who_type_one_number_one_keeps_it(district):
    rows = [ready_to_stamp(district, 1).records.get() for _ in range(2)]

    def type_it(row: AnnualRecord) -> Callable[[], Any]:
        return lambda: services.type_number(row=row, number="0526-0901", actor=district.handler)

    results = at_once(*map(type_it, rows))
    assert sum(isinstance(each, NotPossible | IntegrityError) for each in results) == 1
    assert Certificate.objects.filter(number="0526-0901").count() == 1


def ready_to_stamp(district, number: int = 3) -> Batch:
    """Everybody of it passed, nobody has a booklet yet; each in a batch of their own."""
    batch = a_batch(district, people=staff(district.unit, number, booklet=False))
    people = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=people, name="verify", actor=district.handler)
    return batch
