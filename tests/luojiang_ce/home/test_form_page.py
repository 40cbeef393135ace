"""The one form page: what a service refuses comes back beside its field, what it answers is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from luojiang_ce.home.form_page import act, posted, refuse, submitted
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.refusals import CLASH, NotPossible
from luojiang_ce.workflow.engine import Refused


class SlotForm(BaseForm):
    place = forms.CharField(label="地点")
    capacity = forms.IntegerField(label="可约数", required=False)


def sent(**typed: str) -> HttpRequest:
    request = RequestFactory().post("/", typed)
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def refusing(*reasons: str, **by_field: Any) -> Callable[[], Any]:
    def save() -> Any:
        raise NotPossible(*reasons, **by_field)

    return save


def said(request: HttpRequest) -> list[str]:
    return [f"{each.level_tag}: {each}" for each in get_messages(request)]


def test_a_refusal_knows_its_reasons_whole_and_by_field() -> None:
    refused = NotPossible("已办结", "请先撤回", place="没有这个地点", capacity=["太多", "不是整数"])
    assert refused.by_field == {"": ["已办结", "请先撤回"], "place": ["没有这个地点"], "capacity": ["太多", "不是整数"]}
    assert refused.reasons == ["已办结", "请先撤回", "没有这个地点", "太多", "不是整数"]
    assert str(refused) == "已办结；请先撤回；没有这个地点；太多；不是整数"
    assert NotPossible(**{"": ["甲"], "place": ["乙"]}).reasons == ["甲", "乙"]
    assert issubclass(Refused, NotPossible)


def test_reasons_stand_beside_their_fields_and_all_others_on_top() -> None:
    request = sent(place="一楼")
    form = SlotForm(posted(request))
    save = refusing("已停用", capacity="不能少于 3", elsewhere="没有这一栏")
    assert submitted(request, form, save, then="/done/") is None
    assert form.errors == {"__all__": ["已停用", "没有这一栏"], "capacity": ["不能少于 3"]}
    assert said(request) == []


def test_reasons_stand_on_top_of_a_table_of_forms() -> None:
    request = sent(**{"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-place": "一楼"})
    table = forms.formset_factory(SlotForm)(request.POST)
    assert table.is_valid()
    refuse([table], NotPossible("已报送", place="没有"))
    assert table.non_form_errors() == ["已报送", "没有"]


def test_what_is_wrong_in_any_of_the_forms_is_not_saved() -> None:
    request = sent(place="一楼", capacity="")
    good, bad = SlotForm(request.POST), SlotForm(request.POST, prefix="second")
    assert submitted(request, [good, bad], pytest.fail, then="/done/") is None
    assert bad.errors == {"place": ["请填写这一项"]}


def test_of_two_at_once_the_one_whom_the_database_turns_away_is_told() -> None:
    def save() -> None:
        raise IntegrityError

    request = sent(place="一楼")
    form = SlotForm(request.POST)
    assert submitted(request, form, save, then="/done/") is None
    assert form.non_field_errors() == [CLASH]


@pytest.mark.parametrize(
    ("then", "location"),
    [("/done/", "/done/"), (lambda count: f"/done/{count}/", "/done/3/"), (lambda count: HttpResponse("once"), None)],
)
def test_what_the_service_answers_is_said_and_gone_on_with(then: Any, location: str | None) -> None:
    request = sent(place="一楼")
    answer = submitted(request, SlotForm(request.POST), lambda: 3, done=lambda count: f"已开放 {count} 个", then=then)
    assert answer is not None
    assert answer.headers.get("Location") == location
    assert said(request) == ["success: 已开放 3 个"]


def test_a_page_that_is_only_looked_at_saves_nothing() -> None:
    request = RequestFactory().get("/")
    assert posted(request) is None
    assert submitted(request, SlotForm(posted(request)), pytest.fail, then="/done/") is None


def test_a_form_sent_empty_is_a_form_sent() -> None:
    assert SlotForm(posted(sent())).is_bound


def test_a_button_says_why_not_and_goes_back() -> None:
    request = sent()
    assert act(request, refusing("已停用"), back="/slots/", then="/done/").headers["Location"] == "/slots/"
    assert said(request) == ["error: 已停用"]


def test_a_button_with_nothing_ticked_does_nothing() -> None:
    request = sent()
    assert act(request, pytest.fail, form=SlotForm(request.POST), back="/slots/").headers["Location"] == "/slots/"
    assert said(request) == ["error: 地点：请填写这一项"]
