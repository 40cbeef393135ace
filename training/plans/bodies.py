"""The consenting bodies (notice 一(五)1): which are asked of a batch, who answers for them; kept by the bureau."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.once import once
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import in_words, record_edit, values_of
from luojiang_ce.workflow.events import record
from units.models import Account, Assignment

from .models import Consent, ConsentBody, PlanBatch

# notice 一(五)1; their names are data, the bureau may rename or retire them
BODIES = ("区治理整顿培训办班工作协调小组", "区委反腐败领导小组办公室")


def load_consent_bodies() -> str:
    """Create the two bodies once; what the bureau has changed since is left alone."""
    if ConsentBody.objects.exists():
        return "会签单位已有，未改动"
    for position, name in enumerate(BODIES, 1):
        ConsentBody.objects.create(name=name, position=position)
    return f"会签单位 {len(BODIES)} 个"


# --- which are asked, and who answers ---------------------------------------------------------------------------------


@once
def consent_bodies() -> list[ConsentBody]:
    """Every body, former ones too, in their order. One query."""
    return list(ConsentBody.objects.select_related("unit"))


@once
def officers() -> dict[int, list[Account]]:
    """Who answers on-line today, by the ids of the bodies that somebody answers for. Two queries."""
    by_unit: dict[int, list[Account]] = {}
    current = Assignment.objects.current().filter(role=Role.CONSENT_OFFICER, account__is_active=True)
    for each in current.select_related("account"):
        by_unit.setdefault(each.unit_id, []).append(each.account)
    return {body.pk: by_unit[body.unit_id] for body in consent_bodies() if body.unit_id in by_unit}


def asked_of(batch: PlanBatch) -> list[ConsentBody]:
    """The bodies whose consent the batch needs: those of the day on which it was sent; before that, of today."""
    day = clock.local(batch.sent_at).date() if batch.sent_at else clock.today()
    return [body for body in consent_bodies() if body.is_asked_on(day)]


def unanswered(batch: PlanBatch) -> list[ConsentBody]:
    """The bodies that have not answered for every item of the batch yet."""
    given = {consent.body_id for consent in batch.consents.all() if consent.is_whole}
    return [body for body in asked_of(batch) if body.pk not in given]


def bodies_of(account: Actor) -> list[ConsentBody]:
    """The bodies for which the account answers on-line."""
    own = account.unit_ids(Role.CONSENT_OFFICER)
    return [body for body in consent_bodies() if body.unit_id in own]


def owed_by(batch: PlanBatch, account: Actor) -> list[ConsentBody]:
    """The bodies whose answer to the batch the account owes."""
    own = {body.pk for body in bodies_of(account)}
    return [body for body in unanswered(batch) if body.pk in own]


# --- kept by the bureau -----------------------------------------------------------------------------------------------


@transaction.atomic
def save_body(
    *, body: ConsentBody | None, facts: Mapping[str, Any], actor: Account, version: int | None = None
) -> ConsentBody:
    """Add a body (None), or change one: name, position, starts_on, ends_on, unit. Raises NotPossible, Conflict.

    A body that has answered keeps its name, for old papers bear it: its last day is set and another one added.
    """
    stored = ConsentBody.objects.select_for_update().get(pk=body.pk) if body else ConsentBody()
    before = values_of(stored) if stored.pk else {}
    stored.must_be(version if stored.pk else None)
    renamed = stored.pk and facts["name"] != stored.name
    for name, value in facts.items():
        setattr(stored, name, value)
    if renamed and Consent.objects.filter(body=stored).exists():
        raise NotPossible(name=f"“{before['name']}”已有会签意见，旧文书上的名称不变；改名的请填终止日期，另加一家")
    _must_be_alone(stored)
    stored.count_edit(actor)
    stored.save()
    if before:
        record_edit(stored, (stored, before), actor=actor)
    else:
        record(stored, "body_added", actor=actor, note=in_words(stored, {}))
    return stored


def _must_be_alone(body: ConsentBody) -> None:
    """Each officer belongs to one body: no two bodies of one day answer by the accounts of one unit."""
    others = ConsentBody.objects.exclude(pk=body.pk).filter(unit=body.unit) if body.unit else ConsentBody.objects.none()
    first, last = body.starts_on or date.min, body.ends_on or date.max
    meeting = Q(starts_on=None) | Q(starts_on__lte=last), Q(ends_on=None) | Q(ends_on__gte=first)
    if other := others.filter(*meeting).first():
        raise NotPossible(unit=f"{body.unit}的账号已为“{other}”网上会签，一个账号只属于一家，请另选单位")
