"""Into which classes an account imports, and where the pages lie."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, Role
from training.classes.models import ClassApplication


def own_classes(account: Actor) -> QuerySet[ClassApplication]:
    """The classes of the units whose clerk the account is today."""
    own = ClassApplication.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))
    return own.select_related("project__plan", "unit")


def crumbs(case: ClassApplication, here: str) -> list[tuple[str, str]]:
    """Where an import into a class lies."""
    return [("开班申请", reverse("classes:list")), (case.number or "草稿", case.get_absolute_url()), (here, "")]
