"""Which unit files for a unit (notice 二(一)卫生, 二(三)1; product.md V3): its own clerk; for a medical unit that has
none the clerk of the unit that supervises it, for everybody of it. Clocks, reminders, 催办 and pages all ask here.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Exists, ExpressionWrapper, F, OuterRef, Q, When

from units.access import FILER, without_a_clerk
from units.models import Assignment, Unit
from units.models.account import AccountQuerySet
from units.notify import clerks_of_units


def with_filer(units: Any) -> Any:
    """Units, each with `filer`, the id of the unit whose clerk files for it: itself, or the one that supervises it."""
    return units.annotate(filer=Case(When(without_a_clerk(), then=F("supervisor")), default=F("pk")))


def filer_of(unit: Unit) -> Unit:
    """The unit whose clerk files for this one; `with_filer` and its supervisor at hand spare the queries."""
    known = unit.__dict__.get("filer")
    if known == unit.pk or unit.nature != Unit.Nature.MEDICAL or unit.supervisor is None:
        return unit
    filer = known or with_filer(Unit.objects.filter(pk=unit.pk)).values_list("filer", flat=True).get()
    return unit if filer == unit.pk else unit.supervisor


def filing_itself(unit: Unit) -> Unit:
    """The unit, known to file for itself without a query: its own clerk asks."""
    unit.__dict__["filer"] = unit.pk
    return unit


def is_filed_for(unit: str = "") -> ExpressionWrapper[Any]:
    """Does anybody file for a unit (that at this path) today: its own clerk, or whose it is left to?"""
    prefix, at = (f"{unit}__", unit) if unit else ("", "pk")
    clerks = Assignment.objects.current().filter(role__in=FILER.roles, account__is_active=True)
    above = Exists(clerks.filter(unit=OuterRef(f"{prefix}supervisor")))
    own = Exists(clerks.filter(unit=OuterRef(at)))
    return ExpressionWrapper(Q(own) | Q(above, **{f"{prefix}nature": Unit.Nature.MEDICAL}), BooleanField())


def filing_clerks(unit_ids: Any) -> AccountQuerySet:
    """The clerks who file for these units (ids, or a query for them) today."""
    return clerks_of_units(with_filer(Unit.objects.filter(pk__in=unit_ids)).values("filer"))
