"""The end of a teacher's cycle: education and the bureau verify together, both seals on one paper (notice 二(一))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper, Seal, SealUse
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.factories import account_with
from tests.todos import todos
from tests.verification.batches.samples import YEAR, a_batch, a_seal, learned, staff
from tests.verification.batches.test_stamping import text_of
from units.models import Account, Person, StudyPeriod
from verification.batches import services
from verification.batches.models import AnnualRecord, Batch, Material
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)教师验印")]
R, S = AnnualRecord.State, Batch.State
EDUCATION_SEAL = "洛江区教育局继续教育验印专用章"


@dataclass(frozen=True)
class Keepers:
    """Both keepers with the seals that they put."""

    bureau: tuple[Account, Seal]
    education: tuple[Account, Seal]

    def put(self, batch: Batch, whose: str, act: str) -> None:
        keeper, seal = getattr(self, whose)
        fire(batch, act, actor=keeper, data={"seal": seal})


@pytest.fixture
def keepers(district: District) -> Keepers:
    drawn = {"arc_text": "洛江区教育局", "line_text": "继续教育验印专用章"}
    seal = a_seal(district.education, name=EDUCATION_SEAL, **drawn)
    return Keepers((district.keeper, a_seal(district.bureau)), (account_with("seal_keeper", district.education), seal))


def at_the_counter(district: District, number: int = 1) -> Batch:
    """Teachers whose cycle ends this year, reviewed by the education bureau."""
    people = staff(district.unit, number)
    Person.objects.filter(pk__in=[each.pk for each in people]).update(category="teacher")
    for person in people:
        StudyPeriod.objects.create(person=person, kind="cycle", first_year=YEAR - 4, last_year=YEAR)
        learned(person, "0", "8", year=YEAR - 1, form="remote")
    batch = a_batch(district, people=people, path="cycle")
    assert batch.records.count() == number
    Batch.objects.filter(pk=batch.pk).update(authority=district.education, materials_seen=Material.values)
    return Batch.objects.get(pk=batch.pk)


def decided(district: District, number: int = 1) -> Batch:
    batch = at_the_counter(district, number)
    keys = list(batch.records.values_list("pk", flat=True))
    decide(batch=batch, records=keys, name="verify", actor=district.handler)
    fire(batch, "finish", actor=district.handler)
    return batch


def papers(batch: Batch, kind: str = "verification_person") -> list[Paper]:
    return list(Paper.objects.of(batch).filter(kind=kind).order_by("pk"))


@pytest.mark.parametrize(("one", "other"), [("bureau", "education"), ("education", "bureau")])
def test_in_any_order_the_second_seal_makes_the_paper_with_both(
    district: District, keepers: Keepers, one: str, other: str
) -> None:
    batch = decided(district)
    record(batch, "education_pass", actor=district.education_reviewer)
    keepers.put(batch, one, "stamp_first")
    assert (batch.state, batch.records.get().state, papers(batch)) == (S.DECIDED, R.VERIFIED, [])
    assert not [each for each in todos(getattr(keepers, one)[0], Batch) if each.mine]
    (waiting,) = [each for each in todos(getattr(keepers, other)[0], Batch) if each.mine]
    assert "的印章" in waiting.note
    keepers.put(batch, other, "stamp")
    assert (batch.state, batch.records.get().state) == (S.STAMPED, R.STAMPED)
    sweep()
    (page,), (roster,) = papers(batch), papers(batch, "verification_roster")
    for paper in (page, roster):
        uses = SealUse.objects.filter(paper=paper)
        assert {(use.seal_name, use.keeper) for use in uses} == {
            (seal.name, keeper.name) for keeper, seal in (keepers.bureau, keepers.education)
        }
        assert [use.approver for use in uses] == [
            f"按规定出具（经办 {district.handler.name}）",
            district.education_reviewer.name,
        ]
        said = text_of(paper)
        for words in (keepers.bureau[1].name, EDUCATION_SEAL, district.bureau.name, district.education.name):
            assert words in said
    assert "中小学教师继续教育周期验证单" in text_of(page)
    assert "2022–2026年周期继续教育达到规定要求，由教育、人社部门统一验证" in text_of(page)
    public = Client().get(reverse("papers:check_code", args=[page.code])).content.decode()
    assert EDUCATION_SEAL in public
    assert keepers.bureau[1].name in public


def test_each_puts_the_own_seal_and_puts_it_once(district: District, keepers: Keepers) -> None:
    batch = decided(district)
    keeper, seal = keepers.education
    with pytest.raises(Refused, match="不是本机关现行的验证印章"):
        fire(batch, "stamp_first", actor=keeper, data={"seal": keepers.bureau[1]})
    keepers.put(batch, "education", "stamp_first")
    for act in ("stamp_first", "stamp"):
        with pytest.raises(Refused, match="只有监印人"):
            fire(batch, act, actor=keeper, data={"seal": seal})
    with pytest.raises(Refused, match="两枚印章都未盖时"):
        keepers.put(batch, "bureau", "stamp_first")
    keepers.put(batch, "bureau", "stamp")
    assert len(papers(batch)) == 1


def test_pages_get_both_seals_while_others_of_the_batch_are_open(district: District, keepers: Keepers) -> None:
    batch = at_the_counter(district, 2)
    first, second = batch.records.order_by("pk")
    decide(batch=batch, records=[first.pk], name="verify", actor=district.handler)
    keepers.put(batch, "bureau", "stamp_pages")
    first.refresh_from_db()
    assert (first.state, papers(batch)) == (R.VERIFIED, [])
    with pytest.raises(Refused, match="没有已验证而本机关未盖章的人"):
        keepers.put(batch, "bureau", "stamp_pages")
    keepers.put(batch, "education", "stamp_pages")
    first.refresh_from_db()
    assert (first.state, batch.state, len(papers(batch))) == (R.STAMPED, S.SUBMITTED, 1)
    decide(batch=batch, records=[second.pk], name="verify", actor=district.handler)
    fire(batch, "finish", actor=district.handler)
    keepers.put(batch, "education", "stamp_first")
    keepers.put(batch, "bureau", "stamp")
    assert set(batch.records.values_list("state", flat=True)) == {R.STAMPED}
    assert (len(papers(batch)), len(papers(batch, "verification_roster"))) == (2, 1)


def test_what_is_decided_anew_is_stamped_anew_by_both(district: District, keepers: Keepers) -> None:
    batch = decided(district)
    keepers.put(batch, "education", "stamp_first")
    record = batch.records.get()
    learned(record.person, "0", "8")
    with pytest.raises(Refused, match="办理以后学时有变动，不能用印"):
        keepers.put(batch, "bureau", "stamp")
    fire(batch, "reopen", actor=district.handler, note="学时有变动")
    assert batch.first_seal is None
    decide(batch=batch, records=[record.pk], name="withdraw", actor=district.handler, reason="学时有变动")
    assert batch.records.get().first_seal is None
    services.refreeze(batch=batch, actor=district.handler)
    decide(batch=batch, records=[record.pk], name="verify", actor=district.handler)
    fire(batch, "finish", actor=district.handler)
    keepers.put(batch, "bureau", "stamp_first")
    keepers.put(batch, "education", "stamp")
    assert batch.state == S.STAMPED


def test_a_seal_that_ended_before_the_second_came_is_put_again(district: District, keepers: Keepers) -> None:
    batch = decided(district)
    keepers.put(batch, "education", "stamp_first")
    keeper, seal = keepers.education
    Seal.objects.filter(pk=seal.pk).update(last_day=clock.today() - timedelta(days=1))
    with pytest.raises(Refused, match="只有监印人"):
        keepers.put(batch, "bureau", "stamp")
    new = a_seal(district.education, name=f"{EDUCATION_SEAL}（二）", first_day=date(2027, 1, 1))
    keepers.put(batch, "bureau", "stamp_first")
    fire(batch, "stamp", actor=keeper, data={"seal": new})
    (page,) = papers(batch)
    assert (page.seal, page.second_seal, page.second_keeper) == (keepers.bureau[1], new, keeper)


def test_the_first_keepers_role_may_be_over_when_the_second_seal_comes(district: District, keepers: Keepers) -> None:
    batch = decided(district)
    keepers.put(batch, "education", "stamp_first")
    keepers.education[0].assignments.update(valid_to=clock.today() - timedelta(days=1))
    keepers.put(batch, "bureau", "stamp")
    assert papers(batch)[0].second_keeper == keepers.education[0]


def test_hours_reversed_after_both_seals_take_both_off(district: District, keepers: Keepers) -> None:
    batch = decided(district)
    keepers.put(batch, "education", "stamp_first")
    keepers.put(batch, "bureau", "stamp")
    sweep()
    record = batch.records.get()
    fire(record, "revoke", actor=district.approver, note="学时已冲销")
    batch.refresh_from_db()
    assert (record.state, record.first_seal, batch.state, batch.first_seal) == (R.FILED, None, S.SUBMITTED, None)
    assert {paper.state for paper in (*papers(batch), *papers(batch, "verification_roster"))} == {"revoked"}
