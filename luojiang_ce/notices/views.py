"""The inbox, what comes by e-mail, and the outbox."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import Role, any_account, get_visible_or_404, roles
from luojiang_ce.typed import whole_numbers

from . import groups
from .forms import PreferenceForm
from .models import Delivery, Notice
from .outbox import resend
from .services import mark_read, preference_of

State = Delivery.State


@any_account
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first; all of them, or those that were not read."""
    rows, unread_only = Notice.objects.visible_to(request.user), "unread" in request.GET
    unread = rows.filter(read_at=None)
    page = Paginator(unread if unread_only else rows, 30).get_page(request.GET.get("page"))
    url = reverse("notices:inbox")
    chips = [
        {"label": "全部", "url": url, "current": not unread_only, "number": None},
        {"label": "未读", "url": f"{url}?unread", "current": unread_only, "number": unread.count()},
    ]
    return render(request, "notices/inbox.html", {"page_obj": page, "chips": chips, "unread_only": unread_only})


@any_account
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a notice to its case; it counts as read from then on."""
    notice = get_visible_or_404(Notice, request, pk=pk)
    mark_read(request.user, [notice.pk])
    return redirect(notice.url or "notices:inbox")


@any_account
def preferences(request: HttpRequest) -> HttpResponse:
    """Which kinds of notices come by e-mail too."""
    account: Any = request.user
    if request.method == "POST":
        PreferenceForm(request.POST, instance=preference_of(account)).save()
        messages.success(request, "已保存")
        return redirect("notices:preferences")
    form = PreferenceForm(instance=preference_of(account))
    context = {"title": "消息设置", "form": form, "address": account.email, "set_up": settings.EMAIL_CHANNEL}
    context["crumbs"] = [("消息", reverse("notices:inbox")), ("消息设置", "")]
    return render(request, "notices/preferences.html", context)


@roles(Role.SYSTEM_ADMIN)
def outgoing(request: HttpRequest) -> HttpResponse:
    """The outbox: what was given up on top, then what waits, then what was sent."""
    rows = Delivery.objects.visible_to(request.user).select_related("notice__recipient")
    first = Case(When(state=State.GIVEN_UP, then=0), When(state=State.WAITING, then=1), default=2)
    page = Paginator(rows.order_by(first, "-pk"), 50).get_page(request.GET.get("page"))
    given_up = Delivery.objects.filter(state=State.GIVEN_UP).count()
    context = {"title": "消息发送", "page_obj": page, "given_up": given_up, "set_up": settings.EMAIL_CHANNEL}
    context["groups"] = groups.usable()
    return render(request, "notices/outbox.html", context)


@roles(Role.SYSTEM_ADMIN)
@require_POST
def resend_given_up(request: HttpRequest) -> HttpResponse:
    """Try again: the ticked one, or all that was given up."""
    rows = Delivery.objects.visible_to(request.user).filter(state=State.GIVEN_UP)
    if ticked := request.POST.getlist("delivery"):
        rows = rows.filter(pk__in=whole_numbers(ticked))
    number = resend(rows.values_list("pk", flat=True))
    messages.success(request, f"{number} 封重新排队发送")
    return redirect("notices:outbox")


@any_account
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(request.user)
    return redirect("notices:inbox")
