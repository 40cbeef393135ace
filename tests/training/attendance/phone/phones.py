"""Phones for tests: what a class's screen shows, and somebody who scans it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from training.attendance.phone.screen import screen_of
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.half_days import Slot


def slot_of(course: ClassApplication, day: date, half_day: str = "morning") -> Slot:
    return next(slot for slot in slots_of_class(course) if slot.key == (day, half_day))


def shown(course: ClassApplication, slot: Slot, kind: str = "") -> str:
    """The address in the picture on the class's screen, as a phone opens it."""
    screen = screen_of(course, slot, kind)
    assert screen.url, screen.closed
    return urlsplit(screen.url).path


class Phone:
    """A phone with its own cookies."""

    def __init__(self, course: ClassApplication, address: str = "127.0.0.1") -> None:
        self.course, self.client = course, Client(REMOTE_ADDR=address)

    def scan(self, address: str, **query: str) -> HttpResponse:
        return self.client.get(address, query)

    def sign(self, scanned: HttpResponse, **typed: str) -> HttpResponse:
        """Press the button of the page that the scan opened."""
        ticket = scanned.context["ticket"]
        return self.client.post(reverse("phone:sign", args=[self.course.pk]), {"ticket": ticket, **typed})

    def scan_and_sign(self, address: str, **typed: str) -> HttpResponse:
        return self.sign(self.scan(address), **typed)

    def mine(self) -> HttpResponse:
        return self.client.get(reverse("phone:mine", args=[self.course.pk]))

    def ask(self, slot: Slot, kind: str = "out", **typed: Any) -> HttpResponse:
        """Ask for a correction: open the form, fill it in, send it."""
        address = reverse("phone:ask", args=[self.course.pk, *slot.key, kind])
        opened = self.client.get(address)
        ticket = opened.context.get("ticket", "")
        return self.client.post(address, {"ticket": ticket, "time": "11:30", "reason": "手机没电", **typed})


def said(response: HttpResponse) -> str:
    return response.content.decode()


def who(person: Any) -> dict[str, str]:
    """What a trainee types the first time."""
    return {"name": person.name, "number": person.id_number[-6:]}
