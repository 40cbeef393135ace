"""A unit that has filed its plan asks to add to it: a way in on the start page and beside the plan (P4)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.training.plans.factories import a_plan
from tests.units.views.helpers import browser
from training.plans import services
from training.plans.models import Plan

pytestmark = pytest.mark.django_db
ASK = reverse("plans:ask_supplement")


def filed(district: District, **facts: object) -> Plan:
    return a_plan(
        district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now(), year=clock.today().year, **facts
    )


def test_the_entrance_stands_where_there_is_something_to_add_to(district: District) -> None:
    client = browser(district.owner)
    draft = a_plan(district.unit, year=clock.today().year)
    for page in ("/", reverse("plans:list"), draft.get_absolute_url()):
        assert ASK not in client.get(page).content.decode()
    Plan.objects.update(state=Plan.State.CHECKED, first_submitted_at=clock.now())
    for page in ("/", reverse("plans:list"), draft.get_absolute_url()):
        assert ASK in client.get(page).content.decode()
    assert ASK not in browser(district.neighbour).get("/").content.decode()
    assert ASK not in browser(district.handler).get(draft.get_absolute_url()).content.decode()


def test_the_approver_is_told_and_led_to_the_leave(district: District) -> None:
    plan, client = filed(district), browser(district.owner)
    assert client.post(ASK, {"plan": plan.pk, "why": ""}).status_code == 422
    answer = client.post(ASK, {"plan": plan.pk, "why": "增加防汛抢险培训班，省里新部署"})
    assert answer.headers["Location"] == plan.get_absolute_url()
    told = Notice.objects.get(recipient=district.approver)
    assert "申请增补" in told.title
    assert "防汛抢险" not in told.title
    page = browser(district.approver).get(told.url)
    assert page.status_code == 200
    assert f'<option value="{district.unit.pk}" selected>' in page.content.decode()
    assert history(plan).first().name == "supplement_asked"
    assert "申请增补" in client.get(plan.get_absolute_url()).content.decode()
    client.post(ASK, {"plan": plan.pk, "why": "增加防汛抢险培训班，省里新部署"})
    assert Notice.objects.count() == 1, "two clicks ask once"


def test_a_draft_is_gone_on_with_instead(district: District) -> None:
    plan, client = filed(district), browser(district.owner)
    services.allow_supplement(unit=district.unit, year=plan.year, leave="会议纪要", actor=district.approver)
    assert ASK not in client.get(plan.get_absolute_url()).content.decode()
    assert client.post(ASK, {"plan": plan.pk, "why": "再加一班"}).status_code == 422


def test_a_neighbour_asks_for_nobody_else(district: District) -> None:
    plan = filed(district)
    answer = browser(district.neighbour).post(ASK, {"plan": plan.pk, "why": "加一班"})
    assert answer.status_code == 422
    assert district.unit.name not in answer.content.decode()
    assert not history(plan).exists()
