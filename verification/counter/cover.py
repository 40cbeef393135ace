"""验证材料封面: the sheet on top of what a unit brings, with a code that opens the batch at the counter (V6).

A hand scanner types the address into a search field; a phone's camera opens it. Both land on `batches:arrived`, which
leads whoever works the counter to its page, and everybody else who sees the batch to the batch.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from luojiang_ce.papers.content import qr_svg
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from verification.batches.materials import needed
from verification.batches.models import Batch, Material

TEMPLATE = "verification_batches/print/cover.html"
TITLE = "年度验证材料封面"


def cover_of(batch: Batch, args: Args) -> list[Printable]:
    """One sheet: whose batch, how many people, what of the notice's seven belongs behind it."""
    asked = set(needed(batch))
    context: dict[str, Any] = {
        "title": TITLE,
        "batch": batch,
        "people": len(batch.standings),
        "seat": batch.appointment if batch.has_seat else None,
        "materials": [(number, each.label, each in asked) for number, each in enumerate(Material, 1)],
        "qr": qr_svg(address_of(batch)),
    }
    return [Printable(TEMPLATE, context, "page", f"{TITLE} {batch.number}")]


def address_of(batch: Batch) -> str:
    """What the code on the sheet says."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('batches:arrived', args=[batch.pk])}"


COVER = Printout("counter.cover", TITLE, Batch, cover_of)
