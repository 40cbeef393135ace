"""The forms of an opinion; it is shown on the page of its case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from luojiang_ce.access import Actor, Role, get_visible_case_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.uploads.places import SCAN

from . import services
from .forms import GiveForm, RecordForm
from .models import STATES, Opinion
from .reading import TITLE, may_give, may_record, opinion_on


@takes_files(SCAN)
@roles(Role.UNIT_CLERK)
def give(request: HttpRequest, case_type: str, case_id: int) -> HttpResponse:
    """The clerk of the supervising authority says what it thinks of a case."""
    case = _case_or_404(request, case_type, case_id, may_give)
    form = GiveForm(posted(request), request.FILES or None, instance=opinion_on(case))

    def save() -> Opinion:
        return services.give_opinion(case=case, actor=_actor(request), version=form.version, **form.cleaned_data)

    return _page(request, form, save, case, "出具意见")


@takes_files(SCAN)
@roles(Role.BUREAU_HANDLER)
def record(request: HttpRequest, case_type: str, case_id: int) -> HttpResponse:
    """The bureau records an opinion from paper."""
    case = _case_or_404(request, case_type, case_id, may_record)
    form = RecordForm(posted(request), request.FILES or None, instance=opinion_on(case))

    def save() -> Opinion:
        facts = dict(form.cleaned_data)
        file = facts.pop("file")
        return services.record_opinion(case=case, facts=facts, file=file, actor=_actor(request), version=form.version)

    return _page(request, form, save, case, "登记意见")


def _case_or_404(request: HttpRequest, case_type: str, case_id: int, allowed: Callable[[Any, Actor], bool]) -> Any:
    if case_type not in STATES:
        raise Http404
    case = get_visible_case_or_404(case_type, case_id, request)
    if not allowed(case, _actor(request)):
        raise Http404
    return case


def _actor(request: HttpRequest) -> Any:
    return request.user


def _page(request: HttpRequest, form: Any, save: Callable[[], Opinion], case: Any, label: str) -> HttpResponse:
    return form_page(
        request, form, save, title=TITLE, lead=str(case), submit_label=label, done=f"已{label}",
        back=case.get_absolute_url(), why="供审核、审批时参考，办结前可以更改",
    )  # fmt: skip
