"""A clerk asks for a person of another unit; it, or the bureau, lets go; nothing more is told than was typed (U3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import owed_to
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with, id_number, person_in
from tests.units.cases import request_for
from units.lapses.reminding import remind
from units.models import Employment, Person, ReleaseRequest
from units.services import ask_for, suspend_unit

pytestmark = pytest.mark.django_db
NEW, LIST = reverse("people:new"), reverse("people:requests")
NUMBER = id_number(77)


@pytest.fixture
def employed(district: District) -> Person:
    """Somebody of the owner's unit, under a name that only it and the bureau know."""
    return person_in(district.unit, "沈照临", number=NUMBER, since=date(2020, 1, 1))


def typed(**more: Any) -> dict[str, Any]:
    facts = {"name": "沈照临", "kind": "resident", "number": NUMBER, "started_on": clock.today(), "category": "general"}
    return facts | {"department": "水文股"} | more


def asked(district: District, **more: Any) -> ReleaseRequest:
    facts = {name: value for name, value in typed(**more).items() if name != "category"}
    return ask_for(unit=district.neighbour_unit, actor=district.neighbour, **facts)


def todos(account: Any) -> list[str]:
    return [owed.title for owed in owed_to(account) if isinstance(owed.about, ReleaseRequest)]


def test_what_was_typed_for_a_newcomer_is_enough_to_ask(client, district: District, employed: Person) -> None:
    client.force_login(district.neighbour)
    refused = client.post(NEW, typed(do="submit"))
    assert refused.status_code == 422
    assert 'value="ask"' in refused.content.decode()
    sent = client.post(NEW, typed(do="ask"), follow=True)
    request = ReleaseRequest.objects.get()
    assert sent.redirect_chain[-1][0] == request.get_absolute_url()
    assert (request.unit, request.to_unit, request.person) == (district.unit, district.neighbour_unit, employed)
    assert [event.name for event in history(request)] == ["release_asked"]
    told = Notice.objects.filter(case_id=request.pk, case_type="units.releaserequest")
    assert {row.recipient for row in told} == {district.owner, district.colleague, district.handler}
    assert not [row.title for row in told if employed.name in row.title]
    client.post(NEW, typed(do="ask"))
    assert ReleaseRequest.objects.count() == 1


def test_the_unit_lets_go_and_the_person_moves(district: District, employed: Person) -> None:
    request = asked(district)
    assert todos(district.owner) == ["答复调入申请：沈照临 调往洛江区禾山水利工作站"] == todos(district.handler)
    assert todos(district.neighbour) == []
    fire(request, "release", actor=district.colleague, note="同意", data={"on": clock.today()})
    jobs = list(Employment.objects.filter(person=employed).order_by("pk"))
    assert [(job.unit, job.ended_on) for job in jobs] == [
        (district.unit, clock.today() - timedelta(days=1)),
        (district.neighbour_unit, None),
    ]
    assert jobs[1].department == "水文股"
    assert Person.objects.visible_to(district.fresh(district.neighbour)).filter(pk=employed.pk).exists()
    assert not Person.objects.visible_to(district.fresh(district.owner)).filter(pk=employed.pk).exists()
    assert Notice.objects.filter(recipient=district.neighbour, title__contains="同意调出").exists()


def test_the_bureau_answers_in_the_units_place_and_tells_it(district: District, employed: Person) -> None:
    fire(asked(district), "release", actor=district.handler)
    assert employed.job.unit == district.neighbour_unit
    assert Notice.objects.filter(recipient=district.owner, title__contains="已由区人社局同意").exists()


def test_a_refusal_says_why_and_nothing_moves(client, district: District, employed: Person) -> None:
    request = asked(district)
    client.force_login(district.owner)
    address = reverse("workflow:act", args=["units.releaserequest", request.pk, "refuse"])
    assert "请写明理由" in client.post(address, {"note": ""}).content.decode()
    client.post(address, {"note": "课务尚未交接"})
    client.force_login(district.neighbour)
    page = client.get(request.get_absolute_url()).content.decode()
    assert "不同意调出" in page
    assert "课务尚未交接" in page
    assert employed.job.unit == district.unit


@pytest.mark.parametrize("step", ["", "refuse", "withdraw"])
def test_the_asking_unit_is_told_no_more_than_it_typed(client, district: District, employed: Person, step: str) -> None:
    district.unit.short_name = "青麓站"
    district.unit.save()
    request = asked(district, name="沈照林")  # not the name on record
    if step:
        actor = district.neighbour if step == "withdraw" else district.owner
        fire(request, step, actor=actor, note="理由在此" if step == "refuse" else "")
    client.force_login(district.neighbour)
    secrets = (employed.name, district.unit.name, "青麓站", district.owner.name, district.unit.code)
    notices = [f"{row.title}{row.text}" for row in Notice.objects.filter(recipient=district.neighbour)]
    pages = [request.get_absolute_url(), LIST, reverse("deadlines:board"), "/", reverse("notices:inbox")]
    for text in [*notices, *(client.get(page).content.decode() for page in pages)]:
        assert not [secret for secret in secrets if secret in text]
    assert client.get(employed.get_absolute_url()).status_code == 404
    client.force_login(district.owner)
    page = client.get(request.get_absolute_url()).content.decode()
    assert "姓名不一致" in page
    assert district.unit.name in page


def test_a_third_unit_sees_nothing_of_it(client, district: District, employed: Person) -> None:
    request = asked(district)
    client.force_login(account_with(Role.UNIT_CLERK, UnitFactory()))
    assert client.get(request.get_absolute_url()).status_code == 404
    assert employed.name not in client.get(LIST).content.decode()
    for name in ("release", "refuse", "withdraw"):
        assert client.post(reverse("workflow:act", args=["units.releaserequest", request.pk, name])).status_code == 404


@pytest.mark.parametrize("number", [id_number(78), ""])
def test_nobody_elsewhere_is_an_answer_on_record(district: District, number: str) -> None:
    own = person_in(district.neighbour_unit).id_number
    with pytest.raises(NotPossible, match="没有在其他单位任职的人员"):
        asked(district, number=number or own)
    assert Event.objects.filter(name="release_asked_in_vain", actor=district.neighbour).count() == 1
    assert not ReleaseRequest.objects.exists()


def test_only_for_the_own_unit_and_not_while_suspended(district: District, employed: Person) -> None:
    facts = {name: value for name, value in typed().items() if name != "category"}
    with pytest.raises(PermissionDenied):
        ask_for(unit=district.neighbour_unit, actor=district.owner, **facts)
    suspend_unit(unit=district.neighbour_unit, actor=district.handler, reason="整顿")
    district.neighbour_unit.refresh_from_db()
    with pytest.raises(NotPossible, match="已被暂停"):
        asked(district)


def test_who_has_moved_on_is_for_the_bureau_to_answer(district: District, employed: Person) -> None:
    request = asked(district)
    employed.employments.update(ended_on=clock.today() - timedelta(days=3), end_reason="left")
    with pytest.raises(Refused, match="由区人社局"):
        fire(request, "release", actor=district.owner)
    fire(request, "release", actor=district.handler)
    assert Person.objects.get(pk=employed.pk).job.unit == district.neighbour_unit


@pytest.mark.parametrize(("days", "said"), [(1, "不能晚于今天"), (-9999, "须晚于到现单位的日期")])
def test_a_day_that_cannot_be_is_refused_beside_the_form(
    client, district: District, employed: Person, days: int, said: str
) -> None:
    request = asked(district)
    client.force_login(district.owner)
    address = reverse("workflow:act", args=["units.releaserequest", request.pk, "release"])
    answer = client.post(address, {"on": clock.today() + timedelta(days=days), "note": ""})
    assert said in answer.content.decode()
    request.refresh_from_db()
    assert request.state == "asked"


def test_two_units_ask_and_the_first_release_settles_it(district: District, employed: Person) -> None:
    first = asked(district)
    second = request_for(district, person=employed, to_unit=UnitFactory())
    fire(first, "release", actor=district.owner)
    with pytest.raises(Refused, match="由区人社局"):
        fire(second, "release", actor=district.owner)
    fire(second, "refuse", actor=district.handler, note="已调入另一单位")


class TestClock:
    def at(self, *when: int) -> Any:
        return clock.at(datetime(*when, tzinfo=clock.SHANGHAI))

    def deadline(self, account: Any) -> Any:
        (owed,) = [each for each in owed_to(account) if isinstance(each.about, ReleaseRequest)]
        return owed.deadline

    def test_without_a_figure_no_clock_runs(self, district: District, employed: Person) -> None:
        asked(district)
        assert self.deadline(district.owner) is None
        assert self.deadline(district.handler) is None

    def test_the_bureaus_figure_makes_one_that_reminds(self, district: District, employed: Person) -> None:
        DeadlineSetting.objects.update(release_days=5)
        with self.at(2026, 3, 2, 9):
            asked(district)
            assert self.deadline(district.owner).due == date(2026, 3, 9)
        with self.at(2026, 3, 4, 9):
            remind()
        told = Notice.objects.filter(recipient=district.owner, text__contains="答复调入申请")
        assert [("还剩 3 个工作日" in row.text, employed.name in row.title) for row in told] == [(True, False)]
