"""What a list page needs: filtered, sorted, paged rows. Renders with templates/list_base.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django_filters import FilterSet

from luojiang_ce.access import DO_BUREAU_WORK, Capability
from luojiang_ce.workflow.case_kind import Workflow, kind_of
from luojiang_ce.workflow.undo import taken_away

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


def export_link(request: HttpRequest, name: str) -> HeadLink:
    """Takes the list away as it is filtered on the page."""
    return HeadLink("导出 .xlsx", f"{reverse(name)}?{request.GET.urlencode()}", "download")


def acts_on_many(request: HttpRequest, model: type[Any], capability: Capability, export: str) -> dict[str, Any]:
    """What a list page offers to do with its ticked rows: take them away as .xlsx (who has the capability that the
    view of this name asks for), take the steps of their table that are for many, and where handlers have a turn with
    such cases, give them to one by name (the bureau).

    Its template has the parts tick_all.html in its head and tick.html in its rows.
    """
    account: Any = request.user
    may, table = account.holds(*capability.roles), _table_of(model)
    steps = [step for step in table.transitions if step.many and account.holds(*step.who.roles)] if table else []
    return {
        "bulk_url": export_link(request, export).url if may else "",
        "steps": [(step.label, reverse("home:many", args=[model._meta.label_lower, step.name])) for step in steps],
        "gives": bool(table and table.handled and account.holds(*DO_BUREAU_WORK.roles)),
        "export": export_link(request, export) if may else None,
    }


def _table_of(model: type[Any]) -> Workflow | None:
    """None for what is no kind of case, too."""
    try:
        return kind_of(model).table
    except LookupError:
        return None


def list_context(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    filterset: type[FilterSet] | None = None,
    sorts: Mapping[str, str] | None = None,
    sort: str = "",
    per_page: int = PER_PAGE,
) -> dict[str, Any]:
    """Filter, sort and page `rows` by the query string; with the drafts of their kind that were deleted just now.

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
    deleted = taken_away(request, rows.model._meta.label_lower)
    return {"filter": filtered, "page_obj": page, "sort": key, "deleted": deleted}


def name_filters(form: forms.Form) -> None:
    """Filters show their label inside: a hint in a text box, 状态：全部 as a list's first choice."""
    for field in form.fields.values():
        if isinstance(field.widget, (forms.TextInput, forms.NumberInput)):
            field.widget.attrs.setdefault("placeholder", field.label)
        if getattr(field, "empty_label", None) == NO_CHOICE:
            field.empty_label = f"{field.label}：全部"  # type: ignore[attr-defined]
