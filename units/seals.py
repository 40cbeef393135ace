"""The seals that a system begins with, as the notice names them, and which of them the bureau's documents bear."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.seeds import load_seals
from units.models import Unit

# A document of the bureau carries its own seal; where that is not on record, its 职业能力培训专用章 (notice 一(一)).
FOR_OFFICE, FOR_VERIFICATION = "office", "verification"
PURPOSES = {FOR_OFFICE: "单位公章", FOR_VERIFICATION: "验证专用章"}


def load_bureau_seals() -> str:
    """Create the bureau's seals that are not there yet (notice 一(一)); says what it did."""
    bureau = Unit.objects.bureau()
    if bureau is None:
        return "还没有登记区人社局，印章待建"
    return load_seals({"bureau": bureau}, demo=settings.DEMO)


def document_seal(on: date) -> Seal | None:
    """The bureau's seal for a document of that date; None where it has none on record."""
    bureau = Unit.objects.bureau()
    seals = (Seal.objects.for_use(bureau, purpose, on) for purpose in PURPOSES) if bureau else ()
    return next(filter(None, seals), None)
