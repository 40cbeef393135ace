"""The search box above every page: people, units, classes, papers and numbers of cases, each kind by its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from luojiang_ce.access import any_account
from luojiang_ce.home.scanned import page_of_code
from luojiang_ce.workflow.case_kind import CaseKind, case_kinds

SHOWN = 8
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """Something that was found: what it is called, where it is, its number and state."""

    title: str
    url: str
    note: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more`: the list in which the rest is, where there is more."""

    label: str
    hits: list[Hit]
    more: str


@any_account
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the words mean among all that the account may see; a single hit is opened at once, and so is a page whose
    code was scanned."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    if page := page_of_code(request, words):
        return redirect(page)
    groups = groups_of(request.user, words) if words else []
    hits = [hit for group in groups for hit in group.hits]
    if len(hits) == 1:
        return redirect(hits[0].url)
    context = {"title": f"搜索：{words}" if words else "搜索", "q": words, "groups": groups}
    return render(request, "home/search.html", context)


def groups_of(account: Any, words: str) -> list[Group]:
    """Kind by kind, one query each."""
    found = (_group(kind, account, words) for kind in case_kinds() if kind.finds)
    return [group for group in found if group.hits]


def _group(kind: CaseKind, account: Any, words: str) -> Group:
    assert kind.finds is not None
    rows = kind.finds(kind.rows(kind.model._default_manager.visible_to(account)).defer(None), words)
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    entry = next((entry for entry in kind.entries if entry.admits(account)), None)
    more = f"{reverse(entry.url_name)}?{urlencode({'q': words})}" if entry and len(found) > SHOWN else ""
    return Group(str(kind.model._meta.verbose_name), [_hit(kind, row) for row in found[:SHOWN]], more)


def _hit(kind: CaseKind, row: Any) -> Hit:
    state = row.get_state_display() if kind.table else ""
    note = "　".join(filter(None, (getattr(row, "number", None), kind.apart(row), state)))
    return Hit(kind.named(row), row.get_absolute_url(), note)
