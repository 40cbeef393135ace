"""Seals that a system begins with: those that the notice names (fixtures/seals.json), and a demo's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models

from .models import Seal

DRAWN_IN_DEMO = "verification"


def load_seals(
    owners: Mapping[str, models.Model], *, demo: bool, entries: Iterable[Mapping[str, Any]] | None = None
) -> str:
    """Create the seals that are not there yet, those of the notice unless others are given. Says what it did.

    `owners`: units by what the entries call them (`bureau`). A real installation begins with hand-stamped seals (留白);
    a demo draws the verification seals, 样章 across them.
    """
    if entries is None:
        entries = json.loads((settings.BASE_DIR / "fixtures" / "seals.json").read_text())
    made = sum(_load(entry, owners[entry["owner"]], demo) for entry in entries)
    return f"新增印章 {made} 枚" if made else "印章已齐"


def _load(entry: Mapping[str, Any], owner: models.Model, demo: bool) -> bool:
    drawn = demo and entry["purpose"] == DRAWN_IN_DEMO  # an organ's own seal is never drawn
    first = entry["first_day"]
    _, created = Seal.objects.get_or_create(
        owner_type=owner._meta.label_lower,
        owner_id=owner.pk,
        purpose=entry["purpose"],
        name=entry["name"],
        defaults={
            "arc_text": entry["arc_text"],
            "line_text": entry["line_text"],
            "first_day": date.fromisoformat(first) if first else None,
            "provider": Seal.Provider.DRAWN if drawn else Seal.Provider.BLANK,
            "demo": drawn,
        },
    )
    return created
