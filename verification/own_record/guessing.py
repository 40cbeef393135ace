"""Who holds a slip: its code and the last six of the own ID number (product.md U6), and not to be guessed.

An address of which there is no slip is answered as a slip whose code or number is wrong, by the same counters: nothing
tells the two apart. Misses close an address for the day, whether there is a slip behind it or not. Where more go wrong
from one network, or everywhere, than people make by mistake, the *whole* number is asked for instead of its end: nobody
closes the page to others by guessing. A slip that is over says so to whoever knows all that opens it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.public import masked_name
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from units.identity.documents import tidy
from units.identity.id_numbers import SIX, lookup_hash, meant_as_x
from units.models import Account
from units.notify import clerks_of

from .codes import normalise
from .models import Misses, Slip, hash_of

# Not figures of the notice: misses after which more is asked for, or no more is taken.
OF_A_SLIP = 5  # on a day
OF_AN_ADDRESS = 30  # in an hour: whole numbers from there
OF_ALL = 300  # in an hour: whole numbers from everybody

UNKNOWN = (
    "查阅条、验证码和证件号码对不上。请对照查阅条和证件再填；查阅条只能由本人使用，丢失或过期的请向单位专办员再要一张"
)
CLOSED = "今天填错的次数太多，这张查阅条今天不再受理。请明天再试，或向单位专办员再要一张"
WHOLE = "为防止他人猜号，请填写完整的证件号码，再点一次"


@dataclass(frozen=True)
class Claim:
    """What was typed on the page of a slip's address, and from which network address."""

    token: str
    code: str
    number: str
    address: str

    @property
    def digits(self) -> str:
        """The number as numbers are kept: no blanks, in capitals, what stands for an X as X."""
        return meant_as_x(tidy(self.number))


def whole_is_asked(address: str) -> bool:
    """Is the end of the number not enough from this network address now? One query."""
    counters = _counters(Claim("", "", "", address))
    return _asks_whole(counters, _counted(counters))


def open_slip(claim: Claim) -> Slip:
    """The slip that these open, noted as opened. Raises NotPossible, the same for a wrong code, a wrong number and an
    address that no slip has; a miss is counted."""
    found = _tried(claim)
    if isinstance(found, NotPossible):  # what was counted is kept
        raise found
    return found


@transaction.atomic
def _tried(claim: Claim) -> Slip | NotPossible:
    counters = _counters(claim)
    # Tries at one address go one after the other: of many at once no more are looked at than of many in a row.
    Misses.objects.bulk_create([Misses(of=counters["slip"])], ignore_conflicts=True)
    locked = Misses.objects.select_for_update().get(of=counters["slip"])
    if locked.count >= OF_A_SLIP:
        return NotPossible(CLOSED)
    whole = _asks_whole(counters, _counted(counters))
    if whole and len(claim.digits) <= SIX:
        return NotPossible(number=WHOLE)
    slip = _fitting(claim, whole=whole)
    if slip is None:
        _count(counters, locked.count)
        return NotPossible(UNKNOWN)
    if ended := slip.why_ended:
        return NotPossible(f"这张查阅条{ended}，请向单位专办员再要一张")
    return _opened(slip, locked)


def _counters(claim: Claim) -> dict[str, str]:
    now = clock.local(clock.now())
    return {
        "slip": f"slip:{now:%y%m%d}:{hash_of(claim.token)}",
        "address": f"address:{now:%y%m%d%H}:{lookup_hash(claim.address)}",
        "all": f"all:{now:%y%m%d%H}",
    }


def _counted(counters: Mapping[str, str]) -> dict[str, int]:
    return dict(Misses.objects.filter(of__in=counters.values()).values_list("of", "count"))


def _asks_whole(counters: Mapping[str, str], counted: Mapping[str, int]) -> bool:
    many = counted.get(counters["all"], 0) >= OF_ALL
    return many or counted.get(counters["address"], 0) >= OF_AN_ADDRESS


def _fitting(claim: Claim, *, whole: bool) -> Slip | None:
    """The slip at that address, where code and number are its person's."""
    slip = Slip.objects.select_related("person").filter(token=hash_of(claim.token)).first()
    code = hash_of(claim.token, normalise(claim.code) or "")
    number = slip.person.id_number if slip else ""
    asked = number if whole or len(claim.digits) != SIX else number[-SIX:]
    right = hmac.compare_digest(slip.code if slip else "", code)
    return slip if hmac.compare_digest(asked.encode(), claim.digits.encode()) and right else None


def _count(counters: Mapping[str, str], of_slip: int) -> None:
    for of in counters.values():  # in one order, so that of two at once neither holds what the other waits for
        Misses.objects.bulk_create([Misses(of=of)], ignore_conflicts=True)
        Misses.objects.filter(of=of).update(count=F("count") + 1)
    if of_slip + 1 == OF_A_SLIP:
        _tell_clerks(counters["slip"])
    if Misses.objects.filter(of=counters["all"], count=OF_ALL).exists():
        _tell_officers()


def _tell_clerks(counter: str) -> None:
    """Once a day for a slip: its holder may have lost it."""
    slip = Slip.objects.standing().select_related("person").filter(token=counter.rpartition(":")[2]).first()
    job = slip.person.job if slip else None
    if slip and job:
        notify(
            clerks_of(job.unit_id),
            "有一张本人查阅条今天多次填错，已暂停受理",
            key=f"slip-guessed-{slip.pk}-{clock.today()}",
            text=f"{masked_name(slip.person.name)} 的查阅条填错 {OF_A_SLIP} 次。请问本人；丢失的请收回，另打一张",
            url=reverse("own_record:person", args=[slip.person_id]),
        )


def _tell_officers() -> None:
    """Once in an hour: somebody tries many addresses, or many networks try."""
    notify(
        Account.objects.holding(Role.SECURITY_ADMIN),
        f"本人查阅一小时内填错已达 {OF_ALL} 次",
        key=f"own-record-guessed-{clock.local(clock.now()):%Y%m%d%H}",
        text="可能有人在猜查阅条。这一小时里改填完整的证件号码才能打开",
    )


def _opened(slip: Slip, misses: Misses) -> Slip:
    """On record: who looked when is shown to the person and to who keeps the record."""
    Misses.objects.filter(pk=misses.pk).update(count=0)
    slip.opened_at = clock.now()
    slip.save(update_fields=["opened_at"])
    record(slip.person, "own_record_opened", actor=SYSTEM, data={"slip": slip.pk})
    return slip


def purge() -> int:
    """Forget the misses of days that are over. Returns how many rows went."""
    return Misses.objects.filter(day__lt=clock.today()).delete()[0]
