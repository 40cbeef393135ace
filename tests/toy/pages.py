"""Its list and its page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from luojiang_ce.access import any_account, get_visible_or_404, roles
from luojiang_ce.home.lists import list_context
from luojiang_ce.workflow.pages import case_page

from .case import READERS
from .models import RoomRequest


@roles(*READERS)
def listing(request: HttpRequest) -> HttpResponse:
    rows = RoomRequest.objects.visible_to(request.user).select_related("unit").order_by("pk")
    return render(request, "list_base.html", {**list_context(request, rows), "title": "借用教室"})


@any_account
def room_request(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_visible_or_404(RoomRequest.objects.select_related("unit"), request, pk=pk)
    return render(request, "case_base.html", {"page": case_page(case, request.user), "title": str(case)})


app_name = "toy"
urlpatterns = [path("", listing, name="list"), path("<int:pk>/", room_request, name="roomrequest")]
