"""What is to be done about recognitions, for the start page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import Todo
from units.terms.grants import Terms
from units.terms.reading import current_terms

from .models import Recognition, last_day
from .page_data import classes_waiting

State = Recognition.State


def recognitions_to_do(account: Any) -> Iterator[Todo]:
    """Classes to file or mend (clerk), to check (handler), to decide (approver). Four queries."""
    if not account.holds(Role.UNIT_CLERK, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER):
        return
    terms = current_terms()
    yield from _to_begin(account, terms)
    for case in Recognition.objects.visible_to(account).filter(state__in=_OPEN).select_related("unit", "application"):
        todo = _todo(case, account, terms)
        if todo:
            yield todo


_OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.CHECKED)


def _to_begin(account: Any, terms: Terms) -> Iterator[Todo]:
    for waiting in classes_waiting(account, terms):
        yield Todo(
            f"申报学时认定：{waiting.application}",
            reverse("recognition:list"),
            waiting.deadline.explanation,
            waiting.deadline.due,
            waiting.deadline.provisional,
            action_label="准备材料",
        )


def _todo(case: Recognition, account: Any, terms: Terms) -> Todo | None:
    mine, url = str(case.application), case.get_absolute_url()
    if case.unit_id in account.unit_ids(Role.UNIT_CLERK):
        return _for_clerk(case, mine, url, terms)
    if case.state == State.SUBMITTED and account.holds(Role.BUREAU_HANDLER):
        return _for_bureau(case, f"审核学时认定：{mine}", url, terms, "审核")
    if case.state == State.CHECKED and account.holds(Role.BUREAU_APPROVER):
        return _for_bureau(case, f"审批学时认定：{mine}", url, terms, "审批")
    return None


def _for_bureau(case: Recognition, title: str, url: str, terms: Terms, label: str) -> Todo:
    """The five working days run for handler and approver together."""
    reply = terms.reply(clock.local(case.submitted_at or clock.now()).date())
    return Todo(title, url, reply.explanation, reply.due, reply.provisional, action_label=label)


def _for_clerk(case: Recognition, title: str, url: str, terms: Terms) -> Todo:
    deadline = terms.recognition_for(case.unit, case.application_id, last_day(case.application))
    if case.state == State.DRAFT:
        note, due = deadline.explanation, deadline.due
        return Todo(f"提交学时认定：{title}", url, note, due, deadline.provisional, action_label="继续准备")
    if case.state == State.RETURNED:
        return Todo(f"补正学时认定：{title}", url, "退回补正，须一次补齐", action_label="继续补正", meaning="soon")
    waiting_for = "区人社局经办审核" if case.state == State.SUBMITTED else "区人社局审批"
    return Todo(f"学时认定：{title}", url, waiting_for=waiting_for, mine=False)
