"""The inbox."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from luojiang_ce.access.cases import get_visible_or_404
from luojiang_ce.access.rules import any_account

from .models import Notice
from .services import mark_read


@any_account
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first."""
    page = Paginator(Notice.objects.visible_to(request.user), 30).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page_obj": page})


@any_account
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a notice to its case; it counts as read from then on."""
    notice = get_visible_or_404(Notice, request, pk=pk)
    mark_read(request.user, [notice.pk])
    return redirect(notice.url or "notices:inbox")


@any_account
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(request.user)
    return redirect("notices:inbox")
