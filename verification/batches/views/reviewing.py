"""What an authority has before it: all that waits for its review in one act, and one seat for what it has passed on
(notice 二(一): 先送卫计局初审，再预约时间，集中送交)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from luojiang_ce.access import Actor
from verification.batches.models import Batch, Path

STEPS = {Path.MEDICAL: "health_pass", Path.CYCLE: "education_pass"}
AT_ONCE = 400  # batches that are handed on to the next page together


@dataclass(frozen=True)
class Together:
    """Batches of many units that wait for one act: where it is done, and of which path."""

    path: Path
    batches: list[Batch]
    url: str


def to_pass_on(account: Actor) -> list[Together]:
    """What lies with the account's authority and can be passed on to the bureau. A query for each role it holds."""
    return [
        Together(path, waiting, reverse("home:many", args=[Batch._meta.label_lower, step]))
        for path, step in STEPS.items()
        if (waiting := _of(account, path, Batch.State.IN_REVIEW))
    ]


def to_book(account: Actor) -> list[Together]:
    """What the account's authority has passed on and nobody has booked a time for. A query for each role it holds."""
    return [
        Together(path, passed, f"{reverse('batches:book')}?batch={','.join(str(each.pk) for each in passed)}")
        for path, passed in _passed(account)
        if passed
    ]


def _passed(account: Actor) -> Iterator[tuple[Path, list[Batch]]]:
    for path in STEPS:
        rows = _of(account, path, Batch.State.SUBMITTED)
        yield path, [each for each in rows if not each.has_seat]


def _of(account: Actor, path: Path, state: str) -> list[Batch]:
    role = path.reviewed_by
    if role is None or not account.holds(role):
        return []
    rows = Batch.objects.filter(path=path, state=state, authority__in=account.unit_ids(role))
    return list(rows.select_related("unit", "appointment").order_by("pk")[:AT_ONCE])
