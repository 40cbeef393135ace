"""Slips as they lie in somebody's hand, and a phone that opens them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from units.models import Account, Person
from verification.own_record.models import Slip
from verification.own_record.slips import Told, make_slips


def slip_of(person: Person, actor: Any, *, days: int = 30) -> Told:
    """A new slip that holds for so many days."""
    return make_slips(people=[person], last_day=clock.today() + timedelta(days=days), actor=actor)[0]


def held_by(person: Person) -> Slip:
    """The slip that the person holds; one of the first clerk where there is none."""
    held = Slip.objects.standing().filter(person=person).first()
    return held or slip_of(person, Account.objects.holding(Role.UNIT_CLERK).order_by("pk")[0]).slip


def token_of(told: Told) -> str:
    """The letters of its address."""
    return told.url.rstrip("/").rpartition("/")[2]


def door(token: str) -> str:
    return reverse("own:door", args=[token])


def knock(client: Client, told: Told, person: Person, **typed: Any) -> Any:
    """Type what stands on the slip and the end of the own number, or something else."""
    return client.post(door(token_of(told)), {"slip_code": told.code, "number": person.id_number[-6:], **typed})


def opened(told: Told, person: Person) -> Client:
    """A phone on which the record is open."""
    phone = Client()
    assert knock(phone, told, person).status_code == 302
    return phone
