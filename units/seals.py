"""The seals that a system begins with, which need to know which unit is whose."""

from __future__ import annotations

from django.conf import settings

from luojiang_ce.papers.seeds import load_seals
from units.models import Unit


def load_bureau_seals() -> str:
    """Create the bureau's seals that are not there yet (notice 一(一)); says what it did."""
    bureau = Unit.objects.bureau()
    if bureau is None:
        return "还没有登记区人社局，印章待建"
    return load_seals({"bureau": bureau}, demo=settings.DEMO)
