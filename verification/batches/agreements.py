"""Hours of a class to which the person's unit never agreed: material 3 is missing, by name (notice 二(一)3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from luojiang_ce.access import Actor, Role
from training.classes.models import Enrolment
from training.recognition.models import Recognition
from training.recognition.page_data import AGREED
from verification.batches.models import AnnualRecord, Batch
from verification.ledger.models import LedgerEntry

SHOWN = 30


@dataclass(frozen=True)
class NotAgreed:
    """Of whom, in which class (of several the first); the unit that did not answer, where another filed the batch."""

    name: str
    course: str
    elsewhere: str
    unit_id: int | None


def class_not_agreed_to() -> Any:
    """Of a yearly record: a class whose hours of that year stand in the ledger and to which nobody agreed, and the unit
    that was to answer; null where there is none. Part of the caller's query."""
    posted = LedgerEntry.objects.standing().filter(
        person=OuterRef("person"),
        year=OuterRef(OuterRef("year")),
        source_type=Recognition._meta.label_lower,
        source_id=OuterRef("application__recognition__pk"),
    )
    rows = Enrolment.objects.filter(Exists(posted), person=OuterRef("person"), removed_at=None)
    lacking = rows.exclude(agreement__in=AGREED).order_by("pk")
    told = JSONObject(title="application__title", session="application__session", unit="unit", called="unit__name")
    return Subquery(lacking.values(told=told)[:1], output_field=JSONField())


def not_agreed(batch: Batch, records: Iterable[AnnualRecord]) -> list[NotAgreed]:
    """Those of these records that lack it, in their order (`lacks`: `class_not_agreed_to`)."""
    found = ((record, lacks) for record in records if (lacks := record.lacks))  # type: ignore[attr-defined]
    return [
        NotAgreed(
            record.person.name,
            f"{lacks['title']}（第{lacks['session']}期）",
            lacks["called"] or "" if lacks["unit"] != batch.unit_id else "",
            lacks["unit"],
        )
        for record, lacks in found
    ]


def shown_of(batch: Batch, records: Iterable[AnnualRecord], account: Actor) -> dict[str, object]:
    """What the pages of a batch say of it: by name, the first of them, and where the account mends it."""
    found = not_agreed(batch, records)
    own = account.unit_ids(Role.UNIT_CLERK)
    mends = any(each.unit_id in own for each in found)
    return {
        "not_agreed": found[:SHOWN],
        "not_agreed_count": len(found),
        "not_agreed_more": max(len(found) - SHOWN, 0),
        "agree_late_url": reverse("classes:agree_late") if mends else "",
    }
