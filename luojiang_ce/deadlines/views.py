"""The board of running deadlines, and the calendar feed of an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_CASES, any_account, can, public
from luojiang_ce.sheets.responses import workbook_response
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.readings import off_record

from . import feed
from .board import SHEET, BoardFilter, board_row, sheet_rows
from .models import Feed
from .owed import Owed, running_for

PER_PAGE = 50
ICS = "text/calendar; charset=utf-8"


@can(READ_CASES)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every clock that is running for the account's units, or in the district."""
    found, filters = _found(request)
    now, calendar = clock.now(), current_calendar()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": "期限总表",
        "rows": [board_row(each, request.user, calendar, now) for each in page],
        "page_obj": page,
        "filters": filters,
        "gives": request.user.holds(*DO_BUREAU_WORK.roles),
        "late": sum(each.is_late(now) for each in found),
        "export_url": f"{reverse('deadlines:export')}?{request.GET.urlencode()}",
    }
    return render(request, "deadlines/board.html", context)


@can(READ_CASES)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The board as .xlsx, under the same filters."""
    found, _ = _found(request)
    now, calendar = clock.now(), current_calendar()
    rows = [board_row(each, request.user, calendar, now) for each in found]
    record(request.user, "exported", actor=request.user, data={"list": "deadlines", "rows": len(rows)})
    return workbook_response(SHEET, sheet_rows(rows), SHEET.title, taken_by=request.user)


@any_account
def subscribe(request: HttpRequest) -> HttpResponse:
    """The account's feed: whether there is one, and the buttons to make a new address or to end it."""
    return _feed_page(request)


@any_account
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """A new secret address, shown this once."""
    token = feed.renew(request.user)
    return _feed_page(request, request.build_absolute_uri(reverse("deadlines:feed", args=[token])))


@any_account
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End the feed."""
    done = feed.revoke(request.user, actor=request.user)
    messages.success(request, "订阅地址已停用" if done else "没有可停用的订阅地址")
    return redirect("deadlines:subscribe")


@off_record("the own deadlines, fetched every hour by a calendar")
@public
@require_safe
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever's token it is; an unknown one does not exist."""
    feeds = Feed.objects.select_related("account")
    account = get_object_or_404(feeds, digest=feed.digest(token), account__is_active=True).account
    response = HttpResponse(feed.as_calendar(account, request.build_absolute_uri("/").rstrip("/")), content_type=ICS)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _found(request: HttpRequest) -> tuple[list[Owed], BoardFilter]:
    running = running_for(request.user)
    filters = BoardFilter(request.GET, found=running, account=request.user)
    return filters.kept(running, clock.now()), filters


def _feed_page(request: HttpRequest, address: str = "") -> HttpResponse:
    account: Any = request.user
    context = {"title": "日历订阅", "feed": Feed.objects.filter(account=account).first(), "address": address}
    response = render(request, "deadlines/subscribe.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response
