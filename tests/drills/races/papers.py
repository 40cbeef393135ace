"""Races for numbers of papers and cases, lines of the register of seal use, the log, mails."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import Model

from luojiang_ce import clock
from luojiang_ce.jobs.services import run
from luojiang_ce.notices import outbox
from luojiang_ce.notices.models import Delivery
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.hand_stamps import enter_applied
from luojiang_ce.papers.issuing import reserve
from luojiang_ce.papers.models import NumberSeries, Paper, Seal, SealUse
from luojiang_ce.papers.numbering import REGISTER, allocate
from luojiang_ce.papers.seal_records import SealApplied
from luojiang_ce.papers.services import request_paper, request_papers
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import ChainLink, Event
from tests.conftest import District
from tests.drills.races import Race, Round, fired, one_by_one, refused
from tests.factories import account_with, person_in
from tests.luojiang_ce.papers.samples import made, seal_of
from tests.units.interpretations.cases import interpretation_of
from tests.verification.batches.samples import a_seal
from training.inspections.models import OutsideReport
from training.inspections.services import take_report
from units.interpretations.models import Interpretation


def last_of(series: str) -> int:
    return NumberSeries.objects.get(series=series, year=clock.today().year).last


def the_seal(district: District) -> Seal:
    """Of all rounds."""
    return Seal.objects.first() or a_seal(district.bureau)


def numbers_in(rows: Collection[str]) -> list[int]:
    """The running part of each, the last digits of it."""
    return [int(re.findall(r"\d+", number)[-1]) for number in rows]


def numbers_that_are_rolled_back_too(district: District) -> Round:
    def give(count: int, fails: bool) -> list[int]:
        with transaction.atomic():
            given = [*allocate("race", 2026, count)]
            transaction.set_rollback(fails)
        return [] if fails else given

    before = NumberSeries.objects.filter(series="race").values_list("last", flat=True).first() or 0
    given = yield [partial(give, count, fails) for count in (1, 2, 3) for fails in (False, True, False)]
    assert one_by_one([n - before for numbers in given for n in numbers])


def numbers_of_papers_that_several_workers_make(district: District) -> Round:
    people = [person_in(district.unit) for _ in range(4)]
    keys = [each.pk for each in request_papers("sample.page", district.unit, actor=district.keeper, subjects=people)]
    yield [partial(reserve, part) for part in (keys, keys[::-1], keys[:2], keys[2:])]
    numbers = Paper.objects.filter(kind="sample.page").values_list("number", flat=True)
    assert one_by_one(numbers_in(numbers))
    assert last_of("sample.page") == len(numbers)


def a_paper_that_several_ask_for(district: District) -> Round:
    case = person_in(district.unit)
    asks = [
        partial(request_paper, "sample.page", district.unit, actor=who, subject=case)
        for who in (district.handler, district.approver) * 2
    ]
    papers = yield asks
    assert len({each.pk for each in papers}) == 1


def lines_of_the_register(district: District) -> Round:
    """Four papers with their seal, each given to two workers."""
    seal, people = the_seal(district), [person_in(district.unit) for _ in range(4)]
    papers = [
        request_paper("sample.page", district.unit, actor=district.keeper, subject=person, seal=seal)
        for person in people
    ]
    ran = yield [partial(run, paper.job_id) for paper in papers * 2]
    assert sum(ran) == 4, "each once"
    issued = Paper.objects.filter(pk__in=[each.pk for each in papers], state=Paper.State.ISSUED)
    assert issued.count() == 4
    assert sorted(seal.uses.filter(paper__in=papers).values_list("paper", flat=True)) == sorted(p.pk for p in papers)
    numbers = SealUse.objects.values_list("number", flat=True)
    assert one_by_one(numbers_in(numbers))
    assert last_of(REGISTER) == len(numbers)


def a_stamp_by_hand(district: District) -> Round:
    seal = Seal.objects.first() or seal_of(district.bureau, provider=Seal.Provider.BLANK, demo=False)
    person = person_in(district.unit)
    paper = made(request_paper("sample.page", district.unit, actor=district.handler, subject=person, seal=seal))
    (use,), keepers = paper.seal_uses.all(), (district.keeper, account_with("seal_keeper", district.bureau))
    said = yield [partial(enter_applied, use=use, copies=2, at=clock.now(), actor=each) for each in keepers * 2]
    assert refused(said) == 3, said
    assert SealApplied.objects.filter(use=use).count() == 1


def numbers_of_reports(district: District) -> Round:
    facts = {"channel": "phone", "received_on": clock.today(), "text": "代签到", "unit": district.unit}
    yield [partial(take_report, actor=district.handler, **facts)] * 4
    numbers = OutsideReport.objects.values_list("number", flat=True)
    assert one_by_one(numbers_in(numbers))


def numbers_of_what_is_decided(district: District) -> Round:
    """Four drafts, each decided by two."""
    other = account_with("bureau_approver", district.bureau)
    drafts = [interpretation_of(district, "proposed", question=f"第 {n} 问") for n in range(4)]
    said = yield [fired(draft, "publish", who) for draft in drafts for who in (district.approver, other)]
    assert refused(said) == 4, said
    assert one_by_one(numbers_in(Interpretation.objects.values_list("number", flat=True)))


def numbers_of_the_log_s_writers(district: District) -> Round:
    def write(fails: bool) -> None:
        with transaction.atomic():
            for _ in range(3):
                record(district.unit, "edited", actor=district.owner)
            transaction.set_rollback(fails)

    before = edited(district.unit)
    yield [partial(write, fails) for fails in (False, True, False, False)]
    assert edited(district.unit) == before + 9
    assert gaps_of_writers() == []


def edited(case: Model) -> int:
    return Event.objects.filter(name="edited", case_type=case._meta.label_lower, case_id=case.pk).count()


def gaps_of_writers() -> list[str]:
    """What the check of the log finds altered."""
    return chain.check().problems


def links_of_the_chain(district: District) -> Round:
    for _ in range(5):
        record(district.unit, "edited", actor=district.owner)
    waiting = chain.unsealed().count()
    sealed = yield [chain.seal] * 4
    assert sum(sealed) == waiting >= 5
    assert one_by_one(list(ChainLink.objects.values_list("position", flat=True)))
    assert ChainLink.objects.values("event_uid").distinct().count() == Event.objects.count()


def mails_that_several_workers_find(district: District) -> Round:
    """The keys of notices are the round's own."""
    key = f"race-{Delivery.objects.count()}"
    for n in range(3):
        notify([district.owner, district.colleague], "收到培训计划", key=f"{key}-{n}", text="请查看")
    sent = yield [outbox.send_waiting] * 4
    assert sum(each for each, _ in sent) == 6
    assert not Delivery.objects.exclude(state=Delivery.State.SENT, attempts=1).exists()


RACES = tuple(
    map(
        Race,
        (
            numbers_that_are_rolled_back_too,
            numbers_of_papers_that_several_workers_make,
            a_paper_that_several_ask_for,
            lines_of_the_register,
            a_stamp_by_hand,
            numbers_of_reports,
            numbers_of_what_is_decided,
            numbers_of_the_log_s_writers,
            links_of_the_chain,
            mails_that_several_workers_find,
        ),
    )
)
