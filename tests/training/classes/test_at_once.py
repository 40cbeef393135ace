"""Two at the same moment: a session has one draft, a provider knows a lecturer once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from tests.conftest import in_parallel
from tests.training.classes.factories import project_for
from training.classes.models import ClassApplication, Lecturer
from training.classes.services.lecturers import LecturerFacts, register_lecturers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def browser_of(account: Any) -> Client:
    browser = Client()
    browser.force_login(account)
    return browser


def test_a_double_click_begins_one_application(district):
    address = reverse("classes:create", args=[project_for(district.unit, clock.today().year).pk])
    browsers = [browser_of(account) for account in (district.owner, district.owner, district.colleague)]
    answers = in_parallel([lambda browser=each: browser.post(address, {"session": "1"}) for each in browsers])
    drafts = ClassApplication.objects.all()
    assert [draft.session for draft in drafts] == [1]
    assert {answer["Location"] for answer in answers} == {reverse("classes:basics", args=[drafts[0].pk])}


def test_a_lecturer_typed_twice_at_once_is_registered_once(district):
    typed = {"name": "温如故", "employer": "市农业科学研究所"}
    browsers = [browser_of(district.owner), browser_of(district.colleague)]
    address = reverse("classes:lecturer_new")
    answers = in_parallel([lambda browser=each: browser.post(address, typed) for each in browsers])
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert Lecturer.objects.count() == 1


def test_two_imports_register_the_same_lecturer_once(district):
    facts = [LecturerFacts("温如故", "市农业科学研究所")]
    acts = [lambda: register_lecturers(unit_id=district.unit.pk, facts=facts, actor=district.fresh(district.owner))] * 3
    assert len({tuple(found.values()) for found in in_parallel(acts)}) == 1
