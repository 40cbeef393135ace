"""Access: the roles and what each may read and do, who may call an address, and which rows an account gets.

Two gates: the rule of an address lets a role in; which rows that role sees is `visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

M = TypeVar("M", bound=models.Model)
View = Callable[..., HttpResponseBase]


# --- roles: held by assignment (account, role, unit, from, to) --------------------------------------------------------


class Role(models.TextChoices):
    UNIT_CLERK = "unit_clerk", "单位专办员"
    HEALTH_REVIEWER = "health_reviewer", "卫健局初审"
    EDUCATION_REVIEWER = "education_reviewer", "教育局审核"
    CONSENT_OFFICER = "consent_officer", "会签单位"
    BUREAU_HANDLER = "bureau_handler", "促进就业和培训股 经办"
    BUREAU_APPROVER = "bureau_approver", "区人社局 审批"
    SEAL_KEEPER = "seal_keeper", "监印人"
    INSPECTOR = "inspector", "监督检查人员"
    OVERSEER = "overseer", "纪检监督"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


# domain.md §6 (等保2.0): three officers kept apart, no person holds two.
OFFICERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def reach_of(actor: Actor) -> dict[str, list[int]]:
    """What an actor may do today as plain data: units by role, for `still_reaches`."""
    return {role.value: sorted(actor.unit_ids(role)) for role in Role if actor.holds(role)}


def still_reaches(actor: Actor, then: Mapping[str, list[int]] | None) -> bool:
    """Has the actor lost nothing of what it might do then (`reach_of`)? What was made for it since is still its own."""
    now = reach_of(actor)
    return then is not None and all(role in now and set(units) <= set(now[role]) for role, units in then.items())


class Actor(Protocol):
    """Whoever acts: an account, or the system itself (workflow.SYSTEM)."""

    @property
    def pk(self) -> int | None:
        """The account's id; None for the system."""
        ...

    @property
    def person_keys(self) -> frozenset[str]:
        """By what it is told who acts, whatever the account; nothing for the system. See `is_same_person`."""
        ...

    @property
    def files_for_others(self) -> bool:
        """Is the actor the clerk of a unit to which others without a clerk are left (units/access.py)?"""
        ...

    def holds(self, *roles: Role) -> bool:
        """Does the actor hold one of these roles today?"""
        ...

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        """Ids of the units for which the actor holds one of these roles today; `of_bureau`: only the bureau's own."""
        ...


def is_same_person(one: Actor, other: Actor) -> bool:
    """Is one person behind both, as far as names and ID numbers say? The system is nobody."""
    return not one.person_keys.isdisjoint(other.person_keys)


def keys_of(actors: Iterable[Actor]) -> frozenset[str]:
    """By what any of these persons is told."""
    return frozenset[str]().union(*(each.person_keys for each in actors))


# --- what the roles may: one table, read by views, navigation and scopes ----------------------------------------------
# A page, an entry of the navigation or a scope that is for several roles asks for a capability; a step that belongs to
# exactly one role asks for the role. A new reading role is a line of CAPABILITIES.


@dataclass(frozen=True)
class Capability:
    """Something that several roles may read or do; `meaning` completes “who has it …”."""

    meaning: str

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that have it: for `account.holds(…)`, `account.unit_ids(…)` and the navigation."""
        return roles_with(self)


def roles_with(*capabilities: Capability) -> tuple[Role, ...]:
    """The roles that have all of these."""
    return tuple(role for role, has in CAPABILITIES.items() if has.issuperset(capabilities))


# Whose rows are seen.
READ_DISTRICT = Capability("sees the rows of every unit")
READ_SYSTEM = Capability("sees the rows of the units that the own authority supervises")

# Which pages are read.
READ_UNITS = Capability("reads the register of units")
READ_PEOPLE = Capability("reads what names people: their records, attendance, hours, yearly records")
READ_ABSENCES = Capability("reads long absences, whose evidence may be medical")
READ_SANCTIONS = Capability("reads what units decided against people: the own unit's, or all of it")
READ_OBJECTIONS = Capability("reads what people object to in their own records: to the own unit, or all of it")
READ_CASES = Capability("reads plans, classes, extensions and lapses, and the board of deadlines")
READ_GATHERINGS = Capability("reads the plans gathered for consent and publication")
OVERSEE = Capability("reads plans, consents, publications and decisions, and nothing that names anybody")
READ_INSPECTIONS = Capability("reads spot checks: all, its own visits, or those of its unit once they are recorded")
READ_DRAWS = Capability("reads the draws: their lists, digests and results")
READ_ORIGINALS = Capability("reads which declarations were drawn for their originals: all, or its own unit's")
READ_CONFLICTS = Capability("reads which units inspectors stay away from: the own, or all")
READ_CATALOGUE = Capability("reads the catalogue of public subjects")
READ_CIRCULARS = Capability("reads the circulars that it sent or received, or all that were sent")
FOLLOW_CIRCULARS = Capability("follows, unit by unit, what became of the circulars of its side")
READ_SEAL_REGISTER = Capability("reads the register of seal use, of the seals that it sees")
READ_ALL_SEALS = Capability("sees the seals of every unit")
READ_ACCOUNTS = Capability("reads accounts and who holds which role")
READ_LOG = Capability("reads the log of what was done")
READ_TASK_RUNS = Capability("reads what the scheduled tasks did")
READ_ARCHIVE = Capability("reads which years were archived, what is in each package, and what its check found")
HEAR_OF_SILENCE = Capability("is told on every page that the worker is silent")

# What is done.
KEEP_PEOPLE = Capability("keeps people's records: its own unit's, or everybody's")
REVIEW = Capability("examines what units file: everything, or that of its own system")
REVIEW_SYSTEM = Capability("examines what the units of its own system file")
WRITE_BOOKLETS = Capability("writes into the booklets of its own, or as the health authority its system's, people")
BOOK = Capability("books the hour in which its own, or its system's, papers are brought to the counter")
DO_BUREAU_WORK = Capability("keeps units, identity papers, seals, calendar, counter hours; decides at the counter")
ISSUE_PAPERS = Capability("issues papers, and withdraws them")
STAMP_DIRECTLY = Capability("stamps the hours of the bureau's own training: who keeps its seal, or its approver")
DECLARE_CONFLICTS = Capability("says which units an inspector stays away from: the inspector, or a handler for him")
KEEP_ARCHIVE = Capability("packs closed years, fetches the packages and has them checked")
SEND_CIRCULARS = Capability("sends circulars to units: the bureau to all, an authority to its own")

_CLERK = {
    *(READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_SANCTIONS, READ_CASES, READ_INSPECTIONS, READ_CIRCULARS),
    *(READ_ORIGINALS, READ_OBJECTIONS, KEEP_PEOPLE, BOOK, WRITE_BOOKLETS),
}
_REVIEWER = {
    *(READ_SYSTEM, READ_UNITS, READ_PEOPLE, READ_CIRCULARS, FOLLOW_CIRCULARS),
    *(REVIEW, REVIEW_SYSTEM, BOOK, ISSUE_PAPERS, SEND_CIRCULARS),
}
_BUREAU = {
    *(READ_DISTRICT, READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_SANCTIONS, READ_CASES, READ_GATHERINGS),
    *(READ_INSPECTIONS, READ_CONFLICTS, READ_DRAWS, READ_ORIGINALS, READ_OBJECTIONS),
    *(READ_SEAL_REGISTER, READ_ALL_SEALS, READ_TASK_RUNS, HEAR_OF_SILENCE, KEEP_PEOPLE, DO_BUREAU_WORK, ISSUE_PAPERS),
    *(READ_CATALOGUE, READ_CIRCULARS, FOLLOW_CIRCULARS, SEND_CIRCULARS, READ_ARCHIVE, KEEP_ARCHIVE),
}

CAPABILITIES: Mapping[Role, set[Capability]] = {
    Role.UNIT_CLERK: _CLERK,
    Role.HEALTH_REVIEWER: {*_REVIEWER, WRITE_BOOKLETS},
    Role.EDUCATION_REVIEWER: _REVIEWER,
    Role.CONSENT_OFFICER: {READ_GATHERINGS},
    Role.BUREAU_HANDLER: {*_BUREAU, REVIEW, DECLARE_CONFLICTS},
    Role.BUREAU_APPROVER: {*_BUREAU, STAMP_DIRECTLY},
    # The keeper of the bureau's own seal sees the whole district (units.access.sees_district).
    Role.SEAL_KEEPER: {READ_SYSTEM, READ_UNITS, READ_PEOPLE, READ_SEAL_REGISTER, ISSUE_PAPERS, STAMP_DIRECTLY},
    Role.INSPECTOR: {READ_INSPECTIONS, READ_CONFLICTS, DECLARE_CONFLICTS},
    # Its pages are its own (training.oversight); elsewhere it sees no row.
    Role.OVERSEER: {OVERSEE},
    # System and security officers have no business with people's records (domain.md §6).
    Role.SYSTEM_ADMIN: {READ_UNITS, READ_CATALOGUE, READ_ALL_SEALS, READ_ACCOUNTS, READ_TASK_RUNS, HEAR_OF_SILENCE},
    Role.SECURITY_ADMIN: {READ_UNITS, READ_ACCOUNTS},
    Role.AUDIT_ADMIN: {
        *(READ_DISTRICT, READ_UNITS, READ_PEOPLE, READ_ABSENCES, READ_SANCTIONS, READ_CASES, READ_INSPECTIONS),
        *(READ_DRAWS, READ_ORIGINALS, READ_OBJECTIONS, READ_SEAL_REGISTER, READ_ALL_SEALS),
        *(READ_ACCOUNTS, READ_LOG, READ_TASK_RUNS, READ_CIRCULARS, FOLLOW_CIRCULARS, READ_ARCHIVE),
    },
}


# --- the first gate: every address declares who may call it (tests/luojiang_ce/access/test_urls.py) -------------------


@dataclass(frozen=True)
class AccessRule:
    """`public`: no account needed. Otherwise a signed-in account holding one of `roles` (empty: any account)."""

    public: bool = False
    roles: frozenset[Role] = frozenset()

    def admits(self, account: Any) -> bool:
        """May this (possibly anonymous) account call the URL at all?"""
        if self.public:
            return True
        return bool(account.is_authenticated and (not self.roles or account.holds(*self.roles)))


def public(view: View) -> View:
    """Anyone, signed in or not."""
    view.access_rule = AccessRule(public=True)  # type: ignore[attr-defined]
    return login_not_required(view)


def any_account(view: View) -> View:
    """Any signed-in account; the rows it sees are decided by `visible_to`."""
    view.access_rule = AccessRule()  # type: ignore[attr-defined]
    return view


def roles(*allowed: Role) -> Callable[[View], View]:
    """Only accounts that hold one of these roles today; for others the page does not exist (404)."""

    def decorate(view: View) -> View:
        rule = AccessRule(roles=frozenset(allowed))

        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not rule.admits(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        gate.access_rule = rule  # type: ignore[attr-defined]
        return gate

    return decorate


def can(capability: Capability) -> Callable[[View], View]:
    """Only accounts of which a role has this capability today; for others the page does not exist (404)."""
    return roles(*capability.roles)


# --- the second gate: which rows an account gets ----------------------------------------------------------------------
# Papers, files, events and jobs point at their case by a generic key (type, id); they are visible where the case itself
# is, so this is the only place that resolves such a key.

_case_models: dict[str, type[models.Model]] = {}


class VisibleQuerySet(models.QuerySet[M]):
    """A query set that knows which rows an account may see."""

    def visible_to(self, account: Actor) -> VisibleQuerySet[M]:
        """The rows that this account may see: who sees what is decided here and nowhere else."""
        raise NotImplementedError(f"{self.model.__name__} must say who sees it")


def register_case(model: type[models.Model]) -> None:
    """Make a model addressable by its key; called in the app's `ready()`."""
    _case_models[model._meta.label_lower] = model


def case_models() -> dict[str, type[models.Model]]:
    """All registered case types by key."""
    return dict(_case_models)


def case_key(case: models.Model) -> tuple[str, int]:
    """The generic key of a case: (`app_label.model`, id)."""
    return case._meta.label_lower, case.pk


def get_visible_or_404(model: type[M] | models.QuerySet[M], request: HttpRequest, **lookup: Any) -> M:
    """Load one row that the signed-in account may see. A stranger gets 404, not 403."""
    rows: Any = model if isinstance(model, models.QuerySet) else model._default_manager
    found: M = get_object_or_404(rows.visible_to(request.user), **lookup)
    return found


def get_visible_case_or_404(case_type: str, case_id: int, request: HttpRequest) -> Any:
    """Load a case by its generic key, if the signed-in account may see it."""
    model = _case_models.get(case_type)
    if model is None:
        raise Http404
    return get_visible_or_404(model, request, pk=case_id)
