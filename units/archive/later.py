"""What happened to the cases of a year after it was packed."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db.models import OuterRef, Q, Subquery

from .models import Item, Package, newest
from .year import archived_kinds, year_path

KEPT_SECONDS = 600  # the list of years looks at every case that was ever packed
_CACHED = "archive:changed-years"


def changes() -> Any:
    """Cases about which something was done since their year was last packed; of what was left out only kinds that are
    about a year: what is about none goes into that in which it is closed."""
    whole = Package.objects.made().filter(year=OuterRef("package__year"), base=None).order_by("-number")
    about_a_year = [kind.key for kind in archived_kinds() if year_path(kind)]
    items = Item.objects.filter(
        Q(reason="") | Q(case_type__in=about_a_year), package__in=Package.objects.made(),
        package__number__gte=Subquery(whole.values("number")[:1]),
    )  # fmt: skip
    return newest(items).changed_since().order_by("case_type", "case_id")


def changes_of(year: int) -> Any:
    """Those of one year."""
    return changes().filter(package__year=year)


def changed_years() -> set[int]:
    """The years of which there are any, as of at most ten minutes ago. One query."""
    found: Any = cache.get_or_set(_CACHED, _asked, KEPT_SECONDS)
    return set(found)


def forget() -> None:
    """A package was made: look again."""
    cache.delete(_CACHED)


def _asked() -> set[int]:
    return set(changes().order_by().values_list("package__year", flat=True).distinct())
