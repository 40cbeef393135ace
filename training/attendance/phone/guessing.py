"""Who holds the phone: name and last six of the ID, within one class's list (product.md A1), and not to be guessed.

Whoever guesses holds a code that is minutes old at most, so sits in the class or is sent pictures from there; he can
make up as many phones as he likes and may share his address with the whole class. So nothing that he does closes the
class to others: a phone that has missed too often is told to stop, and beyond that the *whole* number is asked for
instead of its end, which no trainee who is there lacks. Whole numbers that miss by more than the end tell a guesser
nothing and close nothing; near ones, of which there are a thousand, close one trainee after a few. Phones that were
known before are never asked again. The provider is told once (`alarm.py`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, QuerySet

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.sheets.characters import name_key
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey
from units.identity.documents import tidy
from units.identity.id_numbers import SIX, lookup_hash, meant_as_x

from . import alarm
from .models import Misses

# Not figures of the notice: misses after which more is asked for, or no more is taken.
OF_A_PHONE = 5  # in a half-day: this phone makes nobody known any more
OF_A_NAME = 5  # in the class: its whole number is asked for
OF_AN_ADDRESS = 30  # in a half-day: whole numbers from there
OF_A_CLASS = 30  # in a half-day, besides one for each trainee: whole numbers from everybody
NEAR = 5  # whole numbers in the class that miss by their last four alone: this trainee goes to the class teacher

TOO_MANY = "这部手机本半日填错的次数太多，不再受理；请找班主任登记签到，其他人不受影响"
UNKNOWN = "姓名和证件号码在本班名单里对不上，请对照证件再填；名单有误的请找班主任"
WHOLE = "为防止冒签，请填写完整的证件号码，再点一次"


class PhoneClosed(NotPossible):
    """Nothing that is typed on this phone helps in this half-day."""


@dataclass(frozen=True)
class Claim:
    """What was typed on a phone, and from where: `phone` is its key, `address` its network address."""

    name: str
    number: str
    phone: str
    address: str

    @property
    def digits(self) -> str:
        """The number as numbers are kept: no blanks, in capitals, what stands for an X as X."""
        return meant_as_x(tidy(self.number))


def name_of(typed: str) -> str:
    """A name as names are compared: whatever its blanks, dots, width and case."""
    return name_key(clean_name(typed)).replace("·", "").replace(" ", "").replace(".", "")


def whole_is_asked(*, application: ClassApplication, key: SlotKey, claim: Claim) -> bool:
    """Is the end of the number not enough from this phone now? One query, and one for the number of trainees."""
    counters = _counters(key, claim)
    return _asks_whole(application, counters, _counted(application, counters.values()))


def trainee_of(*, application: ClassApplication, key: SlotKey, claim: Claim) -> Enrolment:
    """The trainee of the class whose name and number these are. Raises NotPossible, the same for a wrong name and a
    wrong number; a miss is counted. Raises PhoneClosed where there were too many."""
    counters = _counters(key, claim)
    counted = _counted(application, counters.values())
    if counted.get(counters["phone"], 0) >= OF_A_PHONE:
        raise PhoneClosed(TOO_MANY)
    by_end = len(claim.digits) <= SIX
    if by_end and _asks_whole(application, counters, counted):
        raise NotPossible(number=WHOLE)
    found = [each for each in _numbered(application, claim) if _is_same(each, claim)]
    near = [] if by_end else _near_ones(application, claim)
    counted |= _counted(application, map(_near, near)) if near else {}
    found = [each for each in found if counted.get(_near(each), 0) < NEAR]
    if len(found) == 1:
        return found[0]
    if found:  # two of one name whose numbers end alike
        raise NotPossible(number=WHOLE)
    missed = set(counters.values()) if by_end else {counters["phone"], *map(_near, near)}
    _count(application, missed)
    after = {of: counted.get(of, 0) + (of in missed) for of in {*counters.values(), *map(_near, near)}}
    if by_end and _is_guessed(application, counters, after):
        alarm.tell_guessed(application, key)
    for each in near:
        if after[_near(each)] >= NEAR:
            alarm.tell_closed(each)
    raise NotPossible(UNKNOWN)


def _counters(key: SlotKey, claim: Claim) -> dict[str, str]:
    half_day = f"{key[0]}{key[1][0]}"
    return {
        "phone": f"phone:{half_day}:{claim.phone}",
        "address": f"address:{half_day}:{lookup_hash(claim.address)}",
        "class": f"class:{half_day}",
        "name": f"name:{lookup_hash(name_of(claim.name))}",
    }


def _near(trainee: Enrolment) -> str:
    return f"near:{trainee.pk}"


def _counted(application: ClassApplication, keys: Iterable[str]) -> dict[str, int]:
    return dict(Misses.objects.filter(application=application, of__in=list(keys)).values_list("of", "count"))


def _count(application: ClassApplication, keys: Iterable[str]) -> None:
    wanted = list(keys)
    Misses.objects.bulk_create([Misses(application=application, of=key) for key in wanted], ignore_conflicts=True)
    Misses.objects.filter(application=application, of__in=wanted).update(count=F("count") + 1)


def _asks_whole(application: ClassApplication, counters: Mapping[str, str], counted: Mapping[str, int]) -> bool:
    return counted.get(counters["name"], 0) >= OF_A_NAME or _is_guessed(application, counters, counted)


def _is_guessed(application: ClassApplication, counters: Mapping[str, str], counted: Mapping[str, int]) -> bool:
    """More misses from the address, or in the class, than people make by mistake."""
    if counted.get(counters["address"], 0) >= OF_AN_ADDRESS:
        return True
    of_class = counted.get(counters["class"], 0)
    return of_class >= OF_A_CLASS and of_class >= OF_A_CLASS + application.enrolments.present().count()


def _numbered(application: ClassApplication, claim: Claim) -> QuerySet[Enrolment]:
    """The trainees whose number, or its end, has that hash: one or none nearly always."""
    kept = "last_six_hash" if len(claim.digits) == SIX else "id_hash"
    return application.enrolments.present().filter(**{kept: lookup_hash(claim.digits)})


def _is_same(trainee: Enrolment, claim: Claim) -> bool:
    return hmac.compare_digest(name_of(trainee.name).encode(), name_of(claim.name).encode())


def _near_ones(application: ClassApplication, claim: Claim) -> list[Enrolment]:
    """The trainees of that name whose number it misses by its last four at most. Of who is no person of the district
    nothing tells: it may."""
    trainees = application.enrolments.present().select_related("person")
    named = [each for each in trainees if _is_same(each, claim)]
    return [each for each in named if each.person is None or each.person.id_number[:-4] == claim.digits[:-4]]


def purge() -> int:
    """Forget the misses of classes that are over. Returns how many rows went."""
    over = ClassApplication.objects.filter(ends_on__lt=clock.today())
    return Misses.objects.filter(application__in=over.order_by().values("pk")).delete()[0]
