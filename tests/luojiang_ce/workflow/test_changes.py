"""What was changed is said in words, on the case and in the audit officer's log."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce.workflow.changes import what_changed
from luojiang_ce.workflow.models import Event
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_plan
from training.classes.services.applications import save_basics
from training.plans.services import save_head

pytestmark = pytest.mark.django_db


def test_the_fields_that_changed_and_no_others(district):
    case = an_application(district.unit)
    values = {"place": "四楼教室", "people": 55, "title": case.title}
    save_basics(application=case, values=values, organisers=None, version=case.version, actor=district.owner)
    event = Event.objects.get(name="edited")
    assert event.data["fields"] == ["place", "people"]
    assert what_changed(event) == "地点、计划人数"


def test_on_the_case_and_in_the_log(client, district):
    plan = a_plan(district.unit)
    values = {"leader": "叶清越", "filler": plan.filler, "phone": plan.phone, "note": plan.note}
    save_head(plan=plan, values=values, actor=district.owner)
    client.force_login(district.owner)
    assert "修改内容：单位负责人" in client.get(plan.get_absolute_url()).content.decode()
    client.force_login(district.audit_admin)
    assert "单位负责人" in client.get(reverse("audit:events")).content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"records": [1, 2, 3]}, "3 人"),
        ({"count": 2}, "2 人"),
        ({"fields": ["place", "gone_long_ago"]}, "地点、其他项"),
        ({"fields": []}, ""),
        ({}, ""),
    ],
)
def test_old_events_are_said_as_far_as_they_say(data, said):
    event = Event(case_type="training_classes.classapplication", case_id=1, name="edited", data=data)
    assert what_changed(event) == said
