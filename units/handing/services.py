"""Giving cases to a handler by name, and handing over all that one of them has in hand (product.md U7).

It says on whose desk a case lies. Who may act, and by when, stays what table and calendar say: a handler who is away
stops nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count

from luojiang_ce.access import Role, case_key
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import CaseKind, Context, kinds_with_a_table, workflow_of
from luojiang_ce.workflow.events import record_many
from luojiang_ce.workflow.handlers import NAMED, handler_of
from luojiang_ce.workflow.models import Event, Handling
from units.access import APPROVER, BUREAU
from units.filed_case import titled
from units.models import Account
from units.notify import handlers
from units.separation import is_own


def give(*, cases: Sequence[Any], to: Account, actor: Account, reason: str = "", shown: int | None = -1) -> int:
    """Give open cases to a handler by name, all or none; returns how many were not with that handler already.

    `shown`: the handler (an account's id, or None) that the page had shown of a single case. Raises NotPossible with
    everything that stands in the way, also where somebody else gave the case away meanwhile.
    """
    _check_actor(actor, to)
    with transaction.atomic():
        locked = [case for model, pks in _by_model(cases).items() for case in _lock(model, pks)]
        before = _handlers_of(locked)
        problems = [
            f"“{case}”已办结（{case.get_state_display()}），不用再指定经办人" for case in locked if not _is_open(case)
        ]
        if shown != -1 and any(before.get(case_key(case)) not in (shown, to.pk) for case in locked):
            problems.append("您打开页面以后，这一件已改由他人经办，请核对现在的经办人后再办")
        if problems:
            raise NotPossible(*problems)
        return _write([case for case in locked if before.get(case_key(case)) != to.pk], before, to, actor, reason)


def hand_over(*, of: Account, to: Account, actor: Account, reason: str) -> int:
    """Hand all open cases of a handler to another, in one act; returns how many. Raises NotPossible.

    A handler hands over the own ones; those of somebody who is away, or no handler any more, an approver does.
    """
    _check_actor(actor, to)
    if of.pk != actor.pk and not APPROVER.test(actor, None):
        raise NotPossible(of="他人经办的事项由审批人移交；您可以移交自己经办的")
    if of.pk == to.pk:
        raise NotPossible(to="移交给的还是同一个人，请另选一位经办")
    if not reason.strip():
        raise NotPossible(reason="请写明移交的原因，如休假、出差、岗位调整")
    with transaction.atomic():
        cases = [case for _, rows in open_cases_of(of) for case in rows.select_for_update()]
        if not cases:
            raise NotPossible(of=f"{of.name}名下没有未办结的事项")
        return _write(cases, dict.fromkeys(map(case_key, cases), of.pk), to, actor, reason)


def open_cases_of(account: Account) -> Iterator[tuple[CaseKind, Any]]:
    """What is on a handler's desk and not over yet, kind by kind, whether or not it lies with the bureau today."""
    for kind, table in kinds_with_a_table():
        if table.handled:
            given = Handling.objects.filter(case_type=kind.key, account=account).values("case_id")
            yield kind, kind.model._base_manager.filter(pk__in=given, state__in=table.open_states).order_by("pk")


def open_counts() -> dict[int, list[tuple[str, int]]]:
    """How much of each kind is on every desk and not over yet, by account. A query for each kind."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for kind, table in kinds_with_a_table():
        if table.handled:
            still_open = kind.model._base_manager.filter(state__in=table.open_states)
            given = Handling.objects.filter(case_type=kind.key, case_id__in=still_open.values("pk"))
            for account, number in given.values_list("account").annotate(number=Count("pk")).order_by("account"):
                found[account].append((str(kind.model._meta.verbose_name), number))
    return found


def handler_does_not_approve(context: Context) -> str | None:
    """Guard of every table: to whom a case was given by name leaves its approval to a second person."""
    who = context.transition.who
    if who is not APPROVER or not settings.FOUR_EYES or not context.actor.holds(Role.BUREAU_HANDLER):
        return None
    handler = handler_of(context.case) if workflow_of(context.case).handled else None
    return is_own(handler, context.actor, "审核人与审批人须为两人，本件由您经办，请另一位审批人办理") if handler else ""


def _check_actor(actor: Account, to: Account) -> None:
    if not BUREAU.test(actor, None):
        raise PermissionDenied(f"account {actor.pk} does not work for the bureau")
    if not handlers().filter(pk=to.pk).exists():
        raise NotPossible(to=f"{to.name}今天不是区人社局经办，请另选一位")


def _is_open(case: Any) -> bool:
    table = workflow_of(case)
    return table.handled and case.state in table.open_states


def _by_model(cases: Iterable[Any]) -> dict[type[Any], list[int]]:
    found: dict[type[Any], list[int]] = defaultdict(list)
    for case in cases:
        found[type(case)].append(case.pk)
    return found


def _lock(model: type[Any], pks: list[int]) -> Any:
    return model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")


def _handlers_of(cases: Sequence[Any]) -> dict[tuple[str, int], int]:
    """By key, the account to which each was given; those given to nobody are left out. A query for each kind."""
    return {
        (row.case_type, row.case_id): row.account_id
        for model, pks in _by_model(cases).items()
        for row in Handling.objects.current().filter(case_type=model._meta.label_lower, case_id__in=pks)
    }


def _write(cases: list[Any], before: dict[tuple[str, int], int], to: Account, actor: Account, reason: str) -> int:
    if not cases:
        return 0
    rows = [Handling(case_type=kind, case_id=pk, account=to) for kind, pk in map(case_key, cases)]
    Handling.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case_type", "case_id"], update_fields=["account"]
    )
    data = [(case, {"handler": to.pk, "before": before.get(case_key(case))}) for case in cases]
    note = f"由{to.name}经办" + (f"：{reason.strip()}" if reason.strip() else "")
    events = record_many(data, NAMED, actor=actor, note=note)
    _tell(cases, before, to, actor, events[0], note)
    return len(cases)


def _tell(
    cases: list[Any], before: dict[tuple[str, int], int], to: Account, actor: Account, event: Event, note: str
) -> None:
    """The new handler, and whoever had it before; nobody of what he did himself. One notice each, however many."""
    lost: dict[int, list[Any]] = defaultdict(list)
    for case in cases:
        if former := before.get(case_key(case)):
            lost[former].append(case)
    said = [(to, "交由您经办", cases)]
    said += [(account, "已改由他人经办", lost[account.pk]) for account in Account.objects.filter(pk__in=lost)]
    for account, done, some in said:
        if account.pk != actor.pk:
            one = some[0] if len(some) == 1 else None
            title = titled(one, done) if one else f"{len(some)} 件事项{done}"
            notify([account], title, key=f"{NAMED}-{event.uid}", text=note, case=one, url="" if one else "/")
