"""The library of return reasons: every kind has some, and the bureau keeps it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.models import Event, ReturnPhrase
from luojiang_ce.workflow.phrases import load_phrases
from tests.training.classes.factories import an_application

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("home:phrases"), reverse("home:phrase_new")
CLASS = "training_classes.classapplication"


def test_every_kind_that_is_returned_begins_with_phrases():
    load_phrases()
    returned = {
        kind.key
        for kind, table in kinds_with_a_table()
        if any(each.returns for each in table.transitions) and not kind.key.startswith("toy.")
    }
    assert len(returned) >= 7
    assert returned <= set(ReturnPhrase.objects.values_list("case_type", flat=True))


def test_what_the_bureau_made_of_it_stays():
    load_phrases()
    kept = ReturnPhrase.objects.filter(case_type=CLASS).first()
    ReturnPhrase.objects.filter(case_type=CLASS).exclude(pk=kept.pk).delete()
    ReturnPhrase.objects.filter(pk=kept.pk).update(wrong="改过的话", active=False)
    load_phrases()
    assert list(ReturnPhrase.objects.filter(case_type=CLASS).values_list("wrong", "active")) == [("改过的话", False)]


def test_a_new_phrase_is_offered_where_its_kind_is_returned(client, district):
    client.force_login(district.handler)
    client.post(NEW, {"case_type": CLASS, "wrong": "缺少教室编号", "mend": "补上编号"})
    case = an_application(district.unit, "submitted")
    page = client.get(reverse("workflow:act", args=[CLASS, case.pk, "return"])).content.decode()
    assert '<option value="缺少教室编号">补上编号</option>' in page
    assert Event.objects.get(name="phrase_added").actor == district.handler


def test_the_same_phrase_twice_is_refused_beside_its_field(client, district):
    client.force_login(district.handler)
    typed = {"case_type": "", "wrong": "缺盖章", "mend": ""}
    client.post(NEW, typed)
    answer = client.post(NEW, typed)
    assert answer.status_code == 422
    assert "已有这条用语" in answer.content.decode()


def test_out_of_use_is_not_offered_and_comes_back_twice_as_once(client, district):
    phrase = ReturnPhrase.objects.create(case_type=CLASS, wrong="缺盖章")
    client.force_login(district.handler)
    url = reverse("home:phrase_switch", args=[phrase.pk])
    for _ in range(2):
        client.post(url, {"active": "no"})
    case = an_application(district.unit, "submitted")
    act = reverse("workflow:act", args=[CLASS, case.pk, "return"])
    offered = '<option value="缺盖章">'
    assert offered not in client.get(act).content.decode()
    client.post(url, {"active": "yes"})
    assert offered in client.get(act).content.decode()
    assert list(Event.objects.filter(name__startswith="phrase_o").values_list("name", flat=True)) == [
        "phrase_off",
        "phrase_on",
    ]


def test_the_approver_reads_and_does_not_keep(client, district):
    ReturnPhrase.objects.create(wrong="缺盖章")
    client.force_login(district.approver)
    page = client.get(LIST).content.decode()
    assert "缺盖章" in page
    assert NEW not in page
