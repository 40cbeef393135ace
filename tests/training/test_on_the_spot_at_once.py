"""Two at the same moment on the spot: phones, class teachers, inspectors, whoever draws. Each thing is done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.factories import account_with, person_in
from tests.training.attendance.phone.phones import slot_of
from tests.training.attendance.teacher.links import link_of, tick
from tests.training.factories import class_of, enrol
from tests.training.inspections.draws.factories import a_draw
from tests.training.inspections.factories import a_finding, a_visit, second_inspector, seen, sign
from training.attendance.models import Sign
from training.attendance.phone import services as phone
from training.attendance.phone.guessing import Claim, trainee_of
from training.attendance.phone.models import CorrectionRequest, Misses
from training.attendance.teacher.models import TeacherTick
from training.attendance.teacher.taking import take
from training.classes.models import Enrolment
from training.half_days import Slot
from training.inspections.draws.models import Draw
from training.inspections.models import Inspection, OnSiteSheet
from training.inspections.recording import send_sheet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def tried(work: Callable[[], Any]) -> Any:
    try:
        with refusing_clashes():
            return work()
    except (NotPossible, Refused) as refused:
        return refused


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What came of each, the refused last."""
    found = in_parallel([partial(tried, work) for work in works])
    return sorted(found, key=lambda each: isinstance(each, NotPossible | Refused))


@pytest.fixture
def noon(district: District, time_machine: Any) -> tuple[Slot, list[Enrolment]]:
    """It is noon: a morning that is just over, of a class that goes on, and two trainees."""
    day = clock.today()
    time_machine.move_to(datetime.combine(day, time(12), clock.SHANGHAI), tick=True)
    course = class_of(district.unit, opens_on=day, days=3)
    return slot_of(course, day), [enrol(course, person_in(district.unit, name)) for name in ("温知故", "李晓红")]


def test_two_phones_for_one_trainee(noon: Any) -> None:
    slot, (trainee, _) = noon
    phones = [partial(phone.sign, trainee=trainee, key=slot.key, kind="in", device=uuid4().hex) for _ in range(4)]
    first, *others = at_once(*phones)
    assert not first.again
    assert all("另一部手机" in str(each) for each in others)
    assert Sign.objects.count() == 1


def test_one_phone_for_two_trainees(noon: Any) -> None:
    slot, trainees = noon
    first, other = at_once(
        *(partial(phone.sign, trainee=each, key=slot.key, kind="in", device="a" * 32) for each in trainees)
    )
    assert not first.again
    assert "一部手机每半日只能为一人" in str(other)
    assert Sign.objects.count() == 1


def test_a_thumb_that_taps_twice(noon: Any) -> None:
    slot, (trainee, _) = noon
    tap = partial(phone.sign, trainee=trainee, key=slot.key, kind="in", device="a" * 32)
    assert sorted(each.again for each in at_once(tap, tap, tap)) == [False, True, True]
    assert Sign.objects.count() == 1


def test_a_correction_asked_for_twice(noon: Any) -> None:
    slot, (trainee, _) = noon
    facts = {"trainee": trainee, "slot": slot, "kind": "out", "at": slot.ends_at, "reason": "手机没电", "picture": None}
    ask = partial(phone.ask_for_correction, **facts)
    assert len({each.pk for each in at_once(ask, ask, ask)}) == 1
    assert CorrectionRequest.objects.count() == 1


def test_misses_are_counted_each(noon: Any) -> None:
    slot, (trainee, _) = noon
    course = trainee.application
    claims = [Claim("某人", f"00000{n}", uuid4().hex, "198.51.100.7") for n in range(4)]
    at_once(*(partial(trainee_of, application=course, key=slot.key, claim=claim) for claim in claims))
    assert set(Misses.objects.filter(of__startswith="class:").values_list("count", flat=True)) == {4}


def test_a_class_teachers_ticks_sent_twice_and_by_two_phones(district: District, noon: Any) -> None:
    slot, (trainee, other) = noon
    links = [link_of(trainee.application, district.owner, holder)[0] for holder in ("顾清和", "宁致远")]
    ticks = [tick(each, slot.begins, date=slot.date) for each in (trainee, other)]
    at_once(*(partial(take, link=link, ticks=ticks) for link in (links[0], links[0], links[1], links[1])))
    assert Sign.objects.count() == 2
    assert TeacherTick.objects.filter(outcome="recorded").count() == 2
    assert TeacherTick.objects.count() == 4


def test_two_inspectors_send_the_same_visit(district: District) -> None:
    case = a_visit(district)
    sign(case, district.inspector)
    who = (district.fresh(district.inspector), district.fresh(second_inspector(district)))
    sends = [partial(send_sheet, case=case, seen=seen(a_finding()), actor=each) for each in who]
    first, other = at_once(*sends)
    assert isinstance(first, OnSiteSheet)
    assert "提交，本次填写的没有再提交" in str(other)
    assert Inspection.objects.get(pk=case.pk).findings.count() == 1
    assert [event.name for event in history(case)].count("record") == 1


def test_a_phone_that_sends_its_sheet_twice(district: District) -> None:
    case = a_visit(district)
    sign(case, district.inspector)
    send = partial(send_sheet, case=case, seen=seen(), actor=district.inspector)
    assert len({each.pk for each in at_once(send, send, send)}) == 1
    assert [event.name for event in history(case)].count("record") == 1


def test_two_handlers_draw_the_same_list(district: District) -> None:
    case = a_draw(district)
    other = account_with(Role.BUREAU_HANDLER, district.bureau)
    draws = [
        partial(fire, Draw.objects.get(pk=case.pk), "draw_by_system", actor=district.fresh(each))
        for each in (district.handler, other)
    ]
    _, refused = at_once(*draws)
    assert isinstance(refused, Refused)
    assert [event.name for event in history(case)].count("seeded") == 1


def test_two_handlers_freeze_a_list(district: District) -> None:
    """Nobody chooses between two."""
    a_draw(district)
    Draw.objects.all().delete()
    at_once(*[partial(a_draw, district, classes=0)] * 3)
    assert Draw.objects.count() == 1
