"""The one door for every change of state: it locks, checks, acts, saves, and writes the event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, is_same_person
from luojiang_ce.id_shapes import mask_ids, without_ids
from luojiang_ce.once import keeping
from luojiang_ce.refusals import IN_THE_WAY, NotPossible

from .case_kind import Context, Guard, Transition, act_label, workflow_of
from .events import Draft, new_event, record_all
from .handlers import NO_HAND
from .models import Event
from .places import NAMED as NAMED_ROWS
from .places import named_rows


class SystemActor:
    """The clock and the worker act as this; events of it have no actor."""

    pk: int | None = None
    person_keys: frozenset[str] = frozenset()
    files_for_others = False

    def holds(self, *roles: Role) -> bool:
        return False

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        return frozenset()


Data = Mapping[str, Any]
SYSTEM: Final = SystemActor()
FILED = "_filed"  # on a case: by what events it was handed over
_LOOKED_UP = ("_returned_at", "_reopened_at", "_hands", FILED)  # what a row remembers of its own events


class Refused(NotPossible):
    """A transition was refused, for these reasons (those of `by_field` beside the fields of its form)."""

    def __init__(self, transition: Transition, reasons: Sequence[str], **by_field: Sequence[str]) -> None:
        super().__init__(*reasons, **by_field)
        self.transition = transition


@dataclass(frozen=True)
class Action:
    """An action as a case page offers it: enabled, or kept in place with the reasons why not."""

    transition: Transition
    reasons: tuple[str, ...]

    @property
    def enabled(self) -> bool:
        return not self.reasons

    @property
    def reason(self) -> str:
        return "；".join(self.reasons)


def fire(case: Any, name: str, *, actor: Actor, note: str = "", data: Mapping[str, Any] | None = None) -> Event:
    """Move a case along one transition, as one transaction, or raise `Refused` and change nothing.

    The row is locked first, so of two simultaneous calls one is refused. `case` is brought up to date.
    """
    with transaction.atomic(), keeping():
        locked = _lock(type(case), [case.pk])[0]
        draft = _apply(locked, name, actor, note, data)
        locked.save()
        record_all([draft])
    case.refresh_from_db()
    for known in _LOOKED_UP:
        case.__dict__.pop(known, None)
    return draft.event


def fire_many(
    cases: Iterable[Any], name: str, *, actor: Actor, note: str = "", data: Data | Callable[[Any], Data] | None = None
) -> list[Event]:
    """Move many cases of one type along the same transition: all of them, or `Refused` and none.

    `data` is the same for all, or is told of each. The number of queries does not grow with the number of cases, as
    long as the effect makes none.
    """
    rows = list(cases)
    if not rows:
        return []
    with transaction.atomic(), keeping():
        locked = _lock(type(rows[0]), [row.pk for row in rows])
        before = [_values(row) for row in locked]
        if _decides(workflow_of(locked[0]).transition(name), locked[0]):
            know_filings(locked)
        drafts = [_apply(row, name, actor, note, data(row) if callable(data) else data) for row in locked]
        _save_changes(locked, before)
        return record_all(drafts)


def refusals(case: Any, transition: Transition, context: Context) -> list[str]:
    """Everything that stands in the way of a transition: state and person first, then each guard, those that hold for
    all before those of its table."""
    if case.state not in transition.sources:
        return [f"现在的状态是“{case.get_state_display()}”，不能{transition.label}"]
    if not _may_act(case, transition, context.actor):
        return [f"只有{transition.who.label}可以{transition.label}"]
    return [reason for guard in (*_guards_of_all, *transition.guards) if (reason := guard(context))]


def actions_for(case: Any, actor: Actor, *names: str) -> list[Action]:
    """What this actor can do with the case now, each with the reasons why not: the same guards as `fire`.

    `names`: only these are asked for.
    """
    offered = [
        transition
        for transition in workflow_of(case).transitions
        if not transition.hidden and case.state in transition.sources and _may_act(case, transition, actor)
        if not names or transition.name in names
    ]
    now = clock.now()
    return [Action(t, tuple(refusals(case, t, Context(case, actor, t, now, ahead=True)))) for t in offered]


def _may_act(case: Any, transition: Transition, actor: Actor) -> bool:
    return actor is SYSTEM or transition.who.test(actor, case)


def _lock(model: type[models.Model], pks: list[int]) -> list[Any]:
    """The rows, locked; before them what they stand in, whose acts look at all of its rows: neither moves meanwhile."""
    rows = model._base_manager.filter(pk__in=pks)
    within, wholes = workflow_of(model).within, {}
    if within:
        manager = cast(type[models.Model], model._meta.get_field(within).related_model)._base_manager
        wholes = {row.pk: row for row in manager.select_for_update().filter(pk__in=rows.values(within)).order_by("pk")}
    locked = list(rows.select_for_update().order_by("pk"))
    for row in locked:
        if pk := getattr(row, f"{within}_id", None):
            if pk not in wholes:  # it went elsewhere while it was waited for
                raise NotPossible(IN_THE_WAY)
            setattr(row, within, wholes[pk])
    return locked


def _values(row: models.Model) -> dict[str, Any]:
    """Every column of a row, as it is now: what an effect may change in place is copied."""
    columns = ((field.attname, getattr(row, field.attname)) for field in row._meta.concrete_fields)
    return {name: deepcopy(value) if isinstance(value, (dict, list)) else value for name, value in columns}


def _save_changes(rows: Sequence[Any], before: Sequence[Mapping[str, Any]]) -> None:
    """Write what changed and nothing else, each row whole: constraints tie the state to other columns."""
    after = [_values(row) for row in rows]
    changed = {name for new, old in zip(after, before, strict=True) for name in new if new[name] != old[name]}
    table = type(rows[0])._base_manager
    if changed <= {"state"}:
        table.filter(pk__in=[row.pk for row in rows]).update(state=rows[0].state)
    else:
        fields = [rows[0]._meta.get_field(name).name for name in sorted(changed)]
        table.bulk_update(rows, fields, batch_size=500)


def _apply(case: Any, name: str, actor: Actor, note: str, data: Mapping[str, Any] | None) -> Draft:
    transition = workflow_of(case).transition(name)
    context = Context(case, actor, transition, clock.now(), note, data or {})
    if reasons := refusals(case, transition, context):
        raise Refused(transition, reasons)
    # What was typed goes on into the log, notices and papers: no whole ID number gets that far.
    context = replace(context, note=mask_ids(note), data=without_ids(context.data))
    _take_effect(context)
    if transition.returns and (named := named_rows(case, context.data.get("items", ()))):
        context = replace(context, data={**context.data, NAMED_ROWS: named})
    source, case.state = case.state, transition.target
    return new_event(case, context, source)


def _take_effect(context: Context) -> None:
    """What else the transition does. What a service refuses there (a paper's number that is taken) refuses it all."""
    if context.transition.effect is None:
        return
    try:
        context.transition.effect(context)
    except Refused:
        raise
    except NotPossible as refused:
        about_all = refused.by_field.get("", [])
        fields = {field: texts for field, texts in refused.by_field.items() if field}
        raise Refused(context.transition, about_all, **fields) from refused


# --- guards of many tables --------------------------------------------------------------------------------------------


_guards_of_all: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """Ask this guard before every transition of every case type, besides the table's own; called in `ready()`.

    For what concerns whoever acts rather than the case, so that no table can forget it.
    """
    _guards_of_all.append(guard)


OWN_FILING = "本件是您{}的，报送和办理须为两人，请另一位办理"
TWO_PERSONS = "审核人与审批人须为两人，本件您办过“{}”，请另一位审批人办理"
OTHER_NAMESAKE = "（按姓名看是同一人；确系同名的两个人，请系统管理员在其中一个账号的姓名后加注区别）"
NAMESAKE = "（见同名的账号 {}，按同一人对待；确系同名的两个人，请系统管理员在其中一个账号的姓名后加注区别）"


def not_ones_own(context: Context) -> str | None:
    """Whoever handed a case over, with whatever account, has no part in deciding it or a row of it (product.md P1)."""
    if not settings.FOUR_EYES or context.actor.pk is None or not _decides(context.transition, context.case):
        return None
    kept = _keeps_filings(context.case)
    if FILED not in kept.__dict__:
        know_filings([context.case])
    for event in kept.__dict__[FILED]:
        if is_same_person(event.actor, context.actor):
            return OWN_FILING.format(act_label(event)) + _told_namesake(event.actor, context.actor)
    return None


def know_filings(cases: Sequence[Any], events: Iterable[Event] | None = None) -> None:
    """Tell cases of one type by what events they, or what they were filed with, were handed over.

    `events`: the whole record of a single case, where it is at hand; else one query, for all of them.
    """
    table = workflow_of(cases[0])
    held = [getattr(case, f"{table.filed_with}_id") if table.filed_with else case.pk for case in cases]
    filed = _filed_model(cases[0])
    steps = {each.name for each in workflow_of(filed).transitions if each.files}
    if events is None or table.filed_with:
        kind = filed._meta.label_lower
        events = Event.objects.filter(case_type=kind, case_id__in=held, name__in=steps).select_related("actor")
    by_case: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.actor_id and event.name in steps:
            by_case[event.case_id].append(event)
    for case, pk in zip(cases, held, strict=True):
        _keeps_filings(case).__dict__[FILED] = by_case[pk]


def _keeps_filings(case: Any) -> Any:
    """What the case was filed with, where that is at hand: many rows share it."""
    within = workflow_of(case).filed_with
    return (case._state.fields_cache.get(within) if within else None) or case


def _decides(transition: Transition, case: Any) -> bool:
    """Is it a step of others than who files?"""
    steps = [each for each in workflow_of(_filed_model(case)).transitions if each.files]
    return bool(steps) and not any(_shares_role(each, transition) for each in steps)


def _filed_model(case: Any) -> type[models.Model]:
    within = workflow_of(case).filed_with
    return cast(type[models.Model], case._meta.get_field(within).related_model if within else type(case))


def four_eyes(*related: Callable[[Any], models.QuerySet[Any]], said: str = TWO_PERSONS) -> Guard:
    """Whoever had a hand in the case may not decide it (product.md: two persons for one case).

    A hand is any act on its record, a step of the table or not, except steps that are the deciding role's own; whose
    hand it was the person says, not the account.
    `related(case)`: rows that are decided with it, whose record counts too; `said`: the refusal, with the act named.
    """

    def guard(context: Context) -> str | None:
        if not settings.FOUR_EYES or context.actor.pk is None:
            return None
        key = (related, context.transition.who.roles, context.actor.pk)
        known = context.case.__dict__.setdefault("_hands", {})
        if key not in known:
            known[key] = _earlier_act(context, [each(context.case) for each in related])
        event: Event | None = known[key]
        if event is None:
            return None
        return said.format(act_label(event)) + _told_namesake(event.actor, context.actor)

    return guard


def as_namesake(account: Any, actor: Actor) -> str:
    """What is added to a refusal for what an account of the actor's name did or holds; nothing for the actor's own."""
    return "" if account.pk == actor.pk else NAMESAKE.format(account.get_username())


def _told_namesake(account: Any, actor: Actor) -> str:
    """The same to whoever acts; which account of another unit it is, is nothing for a clerk."""
    if account.pk == actor.pk or actor.holds(*(role for role in Role if role != Role.UNIT_CLERK)):
        return as_namesake(account, actor)
    return OTHER_NAMESAKE


def _earlier_act(context: Context, related: Iterable[models.QuerySet[Any]]) -> Event | None:
    """What the person who acts did last to the case or what is decided with it; None for nothing."""
    among, own = Q(), Q()
    keys: list[tuple[Any, Any]] = [
        (type(context.case), [context.case.pk]),
        *((q.model, q.values("pk")) for q in related),
    ]
    for model, pks in keys:
        rows = Q(case_type=model._meta.label_lower, case_id__in=pks)
        among |= rows
        own |= rows & Q(
            name__in=[t.name for t in workflow_of(model).transitions if _shares_role(t, context.transition)]
        )
    acts = Event.objects.filter(among).exclude(own).exclude(name__in=NO_HAND)
    hands = get_user_model()._base_manager.filter(pk__in=acts.values("actor"))
    same = [each for each in hands if is_same_person(each, context.actor)]
    return acts.filter(actor__in=same).select_related("actor").order_by("-pk").first() if same else None


def _shares_role(one: Transition, other: Transition) -> bool:
    return not set(one.who.roles).isdisjoint(other.who.roles)
