"""To whom a circular goes: kinds of units, chosen units, or the units behind a case of an app above (a class)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from luojiang_ce.access import SEND_CIRCULARS, Actor, Role
from luojiang_ce.words import first_of
from units.circulars.models import Circular
from units.models import Assignment, Unit

FUNCTIONS = (("is_provider", "施教机构"), ("is_base", "继续教育基地"), ("is_authority", "业务主管部门"))
SHOWN = 12  # units that a line names


@dataclass(frozen=True)
class CaseAudience:
    """What an app says of a kind of case whose units can be written to.

    `units(case)`: ids of the units; `names(case, unit_id)`: whom of a unit it is meant for, as its clerk may read
    them; `may_write(case, actor)`: may they write to them now?
    """

    units: Callable[[Any], Iterable[int]]
    names: Callable[[Any, int], list[str]]
    may_write: Callable[[Any, Actor], bool]


_audiences: dict[str, CaseAudience] = {}


def register_audience(model: type[Any], audience: CaseAudience) -> None:
    """Let the units behind cases of this model be written to; called in `ready()`."""
    _audiences[model._meta.label_lower] = audience


def audience_of(case_type: str) -> CaseAudience:
    """LookupError where no app has registered it."""
    return _audiences[case_type]


def senders(account: Actor) -> QuerySet[Unit]:
    """The units in whose name the account may write to units of its own choice: the bureau, its authority. An authority
    without a reviewer writes by its clerk."""
    as_clerk = Q(pk__in=account.unit_ids(Role.UNIT_CLERK), is_authority=True, is_bureau=False)
    return Unit.objects.filter(Q(pk__in=account.unit_ids(*SEND_CIRCULARS.roles)) | as_clerk).order_by("pk")


def within_reach(sender: Unit) -> QuerySet[Unit]:
    """The units that this one may write to: the bureau to all that exist, an authority to those it supervises."""
    return _others(sender) if sender.is_bureau else _others(sender).filter(supervisor=sender)


def _others(sender: Unit) -> QuerySet[Unit]:
    return Unit.objects.exclude(status=Unit.Status.MERGED).exclude(pk=sender.pk)


def recipients(circular: Circular) -> QuerySet[Unit]:
    """The units that it would go to now, in the order of their codes."""
    if circular.about_id:
        keys = audience_of(circular.about_type).units(circular.about)
        return _others(circular.unit).filter(pk__in=keys).order_by("code")
    return within_reach(circular.unit).filter(_chosen(circular)).order_by("code")


def _chosen(circular: Circular) -> Q:
    scope = circular.scope
    if circular.audience == Circular.Audience.CHOSEN:
        return Q(pk__in=scope.get("units", []))
    if circular.audience == Circular.Audience.ALL:
        return Q()
    chosen = Q()
    if scope.get("natures"):
        chosen &= Q(nature__in=scope["natures"])
    if scope.get("supervisors"):
        chosen &= Q(supervisor__in=scope["supervisors"])
    functions = Q()
    for name in scope.get("functions", []):
        functions |= Q(**{name: True})
    return chosen & functions


def without_clerk(units: QuerySet[Unit]) -> list[Unit]:
    """Those of the units that nobody can read it for today. One query."""
    clerks = Assignment.objects.current().filter(role=Role.UNIT_CLERK, account__is_active=True)
    return list(units.exclude(pk__in=clerks.values("unit")))


OF_SYSTEM = "本系统全部单位"  # what an authority writes to when it writes to all: those that it supervises


def in_words(circular: Circular) -> str:
    """Whom a circular is for, as people say it. A query for the names of units, none for kinds."""
    audience, scope = circular.audience, circular.scope
    natures, functions = dict(Unit.Nature.choices), dict(FUNCTIONS)
    parts = [
        "、".join(str(natures[each]) for each in scope.get("natures", [])),
        "、".join(functions[each] for each in scope.get("functions", [])),
    ]
    if scope.get("supervisors"):
        parts.append(f"主管部门为{'、'.join(_names(scope['supervisors']))}")
    if scope.get("units"):
        parts.append(first_of(_names(scope["units"]), SHOWN, "个单位"))
    is_of_system = audience == Circular.Audience.ALL and not circular.unit.is_bureau
    label = OF_SYSTEM if is_of_system else str(Circular.Audience(audience).label)
    return "；".join([label, *filter(None, parts)])


def _names(keys: list[int]) -> list[str]:
    return [unit.short for unit in Unit.objects.filter(pk__in=keys).order_by("code")]
