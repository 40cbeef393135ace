"""What a list page needs: filtered, sorted, paged rows. Renders with templates/list_base.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters import FilterSet

PER_PAGE = 30
NO_CHOICE = "---------"  # what Django and django-filter show where no choice was made


@dataclass(frozen=True)
class Count:
    """A number above a list that leads to its rows."""

    number: int
    label: str
    url: str
    current: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class Chip:
    """A saved view; `number` may be left out."""

    label: str
    url: str
    current: bool = False
    number: int | None = None


@dataclass(frozen=True)
class HeadLink:
    """A button in a page's head."""

    label: str
    url: str
    icon: str = ""
    primary: bool = False


def list_context(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    filterset: type[FilterSet] | None = None,
    sorts: Mapping[str, str] | None = None,
    sort: str = "",
    per_page: int = PER_PAGE,
) -> dict[str, Any]:
    """Filter, sort and page `rows` by the query string.

    `sorts` maps a key of the address (`?sort=-due`) to an ORM path; `sort` is the default key. An unknown key is
    the default, an unknown page the nearest one. Ties are broken by the primary key, so that pages never overlap.
    """
    filtered = filterset(request.GET, queryset=rows, request=request) if filterset else None
    if filtered:
        name_filters(filtered.form)
    found = filtered.qs if filtered else rows
    key = request.GET.get("sort", "")
    if not sorts or key.removeprefix("-") not in sorts:
        key = sort
    if key and sorts:
        path = sorts[key.removeprefix("-")]
        found = found.order_by(f"-{path}" if key.startswith("-") else path, "pk")
    page = Paginator(found, per_page).get_page(request.GET.get("page"))
    return {"filter": filtered, "page_obj": page, "sort": key}


def name_filters(form: forms.Form) -> None:
    """Filters show their label inside: a hint in a text box, 状态：全部 as a list's first choice."""
    for field in form.fields.values():
        if isinstance(field.widget, (forms.TextInput, forms.NumberInput)):
            field.widget.attrs.setdefault("placeholder", field.label)
        if getattr(field, "empty_label", None) == NO_CHOICE:
            field.empty_label = f"{field.label}：全部"  # type: ignore[attr-defined]
