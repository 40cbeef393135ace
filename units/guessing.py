"""Guessed ID numbers: pages answer with what was typed, and who asks for people of others too often is told of.

Whoever guesses wants to know whether a number exists elsewhere, whose it is, and where that person works. What counts:

- A number that is somebody's of whom the account may not know, or somebody's under another name: one each. That is what
  a page that answered would have given away, and honest lists have few of them.
- In a list, numbers that nobody has do not count by themselves: trainees from outside the district and newly registered
  staff are such numbers, by the hundred. They count where they look like tries at one person: more than SEVERAL numbers
  under one name, or more than SEVERAL that differ only in the last four (one place, one day of birth), whatever names
  stand beside them. Then all of the group do. Namesakes and twins of an honest list stay below that.
- Who is said to work outside the district is no question about its people: of these only one name with many numbers
  counts. An invented name beside a right number is told of when the list is written, not before; by then every wrong
  number stands in the class's list, or in the unit's roster, under the account's name.
- Where single people are typed (a newcomer, a request for somebody's release), each refusal counts; there a number
  that nobody has registers somebody, on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, time
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.authentication.addresses import network_of
from luojiang_ce.authentication.brakes import IDS_ACCOUNT, IDS_ADDRESS
from luojiang_ce.authentication.sessions import address_last_used
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.characters import name_key
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units.models import Account

MISSED = "ids_missed"
SEVERAL = 3  # numbers of one name, or of one place and day of birth, that a list may well hold
_PLACE_AND_BIRTH = 14  # the digits of a number before its last four


class Unknown(NamedTuple):
    """A sound number of a list that nobody has, as typed. `outside`: with an employer outside the district."""

    name: str
    number: str
    outside: bool = False


def tries_among(unknown: Collection[Unknown]) -> int:
    """How many of these numbers could be tries at one person."""
    names = Counter(name_key(row.name) for row in unknown)
    births = Counter(row.number[:_PLACE_AND_BIRTH] for row in unknown if not row.outside)
    return sum(
        names[name_key(row.name)] > SEVERAL or (not row.outside and births[row.number[:_PLACE_AND_BIRTH]] > SEVERAL)
        for row in unknown
    )


STOPPED = "今天核对不上的证件号码太多，已停止核对，以防有人试探他人的号码。请先核对花名册；急需的，请安全管理员核实解除"


def why_stopped(account: Account) -> str:
    """Why no ID number is looked up for this account, or from its address, any more today; empty while it is."""
    address = address_last_used(account)
    held = IDS_ACCOUNT.holds(account.pk) or (address and IDS_ADDRESS.holds(network_of(address)))
    return STOPPED if held else ""


def must_not_be_stopped(account: Account) -> None:
    """Raises NotPossible, beside the number, where single people are typed."""
    if why := why_stopped(account):
        raise NotPossible(number=why)


def note_misses(account: Account, where: str, count: int) -> None:
    """Put on record that so many numbers typed by this account led to nobody whom it may know of; `where`: the page.

    Above ID_MISSES_TOLD in a day the security and the audit officers are told, once a day. Above ID_MISSES_STOPPED
    nothing is looked up for the account any more (`why_stopped`).
    """
    if not count:
        return
    IDS_ACCOUNT.add(account.pk, count)
    if address := address_last_used(account):
        IDS_ADDRESS.add(network_of(address), count)
    _tell_of_misses(account, where, count)


@transaction.atomic
def _tell_of_misses(account: Account, where: str, count: int) -> None:
    record(account, MISSED, actor=account, data={"where": where, "count": count})
    today = clock.today()
    begins = datetime.combine(today, time(), clock.SHANGHAI)
    events = Event.objects.filter(case_type=account._meta.label_lower, case_id=account.pk, name=MISSED, at__gte=begins)
    total = sum(event.data["count"] for event in events)
    if total > settings.ID_MISSES_TOLD:
        title = f"账号 {account.username} 今天核对不上的证件号码已超过 {settings.ID_MISSES_TOLD} 个"
        officers = Account.objects.holding(Role.SECURITY_ADMIN) | Account.objects.holding(Role.AUDIT_ADMIN)
        text = "可能在试探他人的证件号码，也可能是花名册有误，请核对；每次都记在该账号的操作记录里"
        notify(officers.distinct(), title, key=f"id-misses-{account.pk}-{today}", text=text, case=account)
