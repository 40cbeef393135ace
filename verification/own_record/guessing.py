"""Who holds a slip: its code and the last six of the own ID number (product.md U6), and not to be guessed.

Nobody is shut out by what others try. After OF_A_SLIP misses at an address, in the whole life of its slip, the *whole*
number is asked for instead of its end: its holder always has it. The same is asked where more ends go wrong with right
codes, from one network or everywhere, than people mistype; without slips in hand nobody brings that about. Wrong codes
close nothing, there are too many of them to be tried. What stops a slip is NEAR whole numbers that miss by their last
four beside its right code: somebody has it who knows much of its person, and the clerk gives out another.

An address of which there is no slip is answered as a slip whose code or number is wrong. A slip that is over says so to
whoever knows all that opens it.
"""

from __future__ import annotations

import hmac
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

# Not figures of the notice: misses after which more is asked for, or somebody is told.
OF_A_SLIP = 3  # in its life: its whole number, and its clerk is told
NEAR = 5  # whole numbers in its life that miss by their last four: it is stopped
OF_A_NETWORK = 30  # ends beside right codes in an hour: whole numbers from there
OF_ALL = 300  # the same from everybody; so many misses of any kind are told to the security officer
_LAST = 4  # what differs in a number that is near

UNKNOWN = (
    "查阅条、验证码和证件号码对不上。请对照查阅条和证件再填；查阅条只能由本人使用，丢失或过期的请向单位专办员再要一张"
)
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

    @property
    def is_end(self) -> bool:
        """Was the end of a number typed?"""
        return len(self.digits) <= SIX


def whole_is_asked(token: str, address: str) -> bool:
    """Is the end of the number not enough at this slip's address, or from this network address, now? Three queries."""
    slip = Slip.objects.filter(token=hash_of(token)).only("misses").first()
    return _asks_whole(slip, Claim(token, "", "", address))


def is_stopped(slip: Slip) -> bool:
    """Has somebody who holds it tried so many numbers that nobody opens it any more?"""
    return slip.near >= NEAR


def open_slip(claim: Claim) -> Slip:
    """The slip that these open, noted as opened. Raises NotPossible, the same for a wrong code, a wrong number and an
    address that no slip has; a miss is counted."""
    found = _tried(claim)
    if isinstance(found, NotPossible):  # what was counted is kept
        raise found
    return found


@transaction.atomic
def _tried(claim: Claim) -> Slip | NotPossible:
    # Tries at one slip go one after the other: of many at once no more are looked at than of many in a row.
    locked = Slip.objects.select_for_update(no_key=True).filter(token=hash_of(claim.token)).first()
    whole = _asks_whole(locked, claim)
    if whole and claim.is_end and not (locked and len(locked.person.id_number) <= SIX):
        return NotPossible(number=WHOLE)
    if locked is None or is_stopped(locked) or not _fits(locked, claim, whole=whole):
        _count(locked, claim, whole=whole)
        return NotPossible(UNKNOWN)
    if ended := locked.why_ended:
        return NotPossible(f"这张查阅条{ended}，请向单位专办员再要一张")
    return _opened(locked)


def _asks_whole(slip: Slip | None, claim: Claim) -> bool:
    missed = slip.misses if slip else _counted(_nowhere(claim.token))
    return missed >= OF_A_SLIP or _counted(_network(claim)) >= OF_A_NETWORK or _counted(_everywhere()) >= OF_ALL


def _fits(slip: Slip, claim: Claim, *, whole: bool) -> bool:
    """Are code and number those of the slip's person?"""
    number = slip.person.id_number
    asked = number if whole or len(claim.digits) != SIX else number[-SIX:]
    right = hmac.compare_digest(asked.encode(), claim.digits.encode())
    return _has_code(slip, claim) and right


def _has_code(slip: Slip, claim: Claim) -> bool:
    return hmac.compare_digest(slip.code, hash_of(claim.token, normalise(claim.code) or ""))


# --- counting --------------------------------------------------------------------------------------------------------


def _hour() -> str:
    return f"{clock.local(clock.now()):%y%m%d%H}"


def _nowhere(token: str) -> str:
    """Addresses of which there is no slip share some thousand counters a day: whoever makes them up fills no table."""
    return f"nowhere:{clock.today():%y%m%d}:{hash_of(token)[:3]}"


def _network(claim: Claim) -> str:
    return f"address:{_hour()}:{lookup_hash(claim.address)}"


def _everywhere() -> str:
    return f"codes:{_hour()}"


def _counted(of: str) -> int:
    return Misses.objects.filter(of=of).values_list("count", flat=True).first() or 0


def _count(slip: Slip | None, claim: Claim, *, whole: bool) -> None:
    counters = [] if slip else [_nowhere(claim.token)]
    if slip:
        has_code = _has_code(slip, claim)
        near = has_code and not claim.is_end and slip.person.id_number[:-_LAST] == claim.digits[:-_LAST]
        _count_of_slip(slip, near=near)
        # A slip says no more of its network, nor of all, than how often its end may be tried.
        counters += [_network(claim), _everywhere()] if has_code and not whole else []
    for of in (*counters, f"all:{_hour()}"):  # in one order: of two at once neither holds what the other waits for
        Misses.objects.bulk_create([Misses(of=of)], ignore_conflicts=True)
        Misses.objects.filter(of=of).update(count=F("count") + 1)
    if _counted(f"all:{_hour()}") == OF_ALL:
        _tell_officers()


def _count_of_slip(slip: Slip, *, near: bool) -> None:
    slip.misses += 1
    slip.near += near
    slip.save(update_fields=["misses", "near"])
    if slip.misses == OF_A_SLIP:
        _tell_clerks(slip, "guessed", "有一张本人查阅条多次填错", f"填错 {OF_A_SLIP} 次，以后须填完整的证件号码")
    if near and slip.near == NEAR:
        _tell_clerks(slip, "stopped", "有一张本人查阅条被人猜号，已停用", f"被人用相近的证件号码试了 {NEAR} 次，已停用")


def _tell_clerks(slip: Slip, what: str, title: str, said: str) -> None:
    """Once for a slip: its holder may have lost it."""
    job = slip.person.job
    if job and not slip.why_ended:
        notify(
            clerks_of(job.unit_id),
            title,
            key=f"slip-{what}-{slip.pk}",
            text=f"{masked_name(slip.person.name)} 的查阅条{said}。请问本人；丢失的请收回，另打一张",
            url=reverse("own_record:person", args=[slip.person_id]),
        )


def _tell_officers() -> None:
    """Once in an hour: somebody tries many addresses, or many networks try."""
    notify(
        Account.objects.holding(Role.SECURITY_ADMIN),
        f"本人查阅一小时内填错已达 {OF_ALL} 次",
        key=f"own-record-guessed-{clock.local(clock.now()):%Y%m%d%H}",
        text="可能有人在猜查阅条。填错过几次的查阅条须填完整的证件号码才能打开，其他人照常打开",
    )


def _opened(slip: Slip) -> Slip:
    """On record: who looked when is shown to the person and to who keeps the record. What was missed before stays
    counted, else whoever guesses only waits for the person to open it."""
    slip.opened_at = clock.now()
    slip.save(update_fields=["opened_at"])
    record(slip.person, "own_record_opened", actor=SYSTEM, data={"slip": slip.pk})
    return slip


def purge() -> int:
    """Forget the misses of days that are over; those of a slip stay with it. Returns how many rows went."""
    return Misses.objects.filter(day__lt=clock.today()).delete()[0]
