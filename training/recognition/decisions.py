"""From what was counted to what is recognised, and from there to the ledger. Pure: no database.

The handler's decisions replace amounts (R3); a 公共必修课 has an entry of the ledger of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from training.half_days import Lesson, SlotKey

from .hours import Amount, PersonResult

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Decision:
    """The handler's amount (学时 or 学分) for one subject in one year, and why; `basis` is what it was decided on."""

    year: int
    subject: str
    amount: Decimal
    reason: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Final:
    """What is recognised for one subject in one year; `reason` only where it is a decision, else as counted."""

    year: int
    subject: str
    amount: Decimal
    counted: Decimal
    reason: str = ""


def final_amounts(counted: Iterable[Amount], decisions: Iterable[Decision]) -> tuple[Final, ...]:
    """Amounts as counted, replaced where the handler decided; sorted by year, then subject."""
    sums = {(each.year, each.subject): each.amount for each in counted}
    finals = {key: Final(*key, amount, amount) for key, amount in sums.items()}
    for each in decisions:
        key = (each.year, each.subject)
        finals[key] = Final(*key, each.amount, sums.get(key, ZERO), each.reason)
    return tuple(finals[key] for key in sorted(finals))


def is_undecided(result: PersonResult, decisions: Sequence[Decision]) -> bool:
    """Must the handler still decide what this trainee earns?"""
    return result.decide and not decisions


def basis_of(result: PersonResult) -> str:
    """What a decision rests on, as a fingerprint: the half-days that count, what they give, whether all is open."""
    half_days = [f"{each.date} {each.half_day}" for each in result.half_days if each.counted]
    amounts = [f"{each.year} {each.subject} {each.amount.normalize():f}" for each in result.amounts]
    return sha256("|".join([*half_days, *amounts, str(result.decide)]).encode()).hexdigest()


def is_outdated(result: PersonResult, decisions: Sequence[Decision]) -> bool:
    """Was something decided on other signs, results or half-days than those of now? Then it is decided again.

    Of decisions that were made before this was kept nothing is known, and nothing said.
    """
    bases = {each.basis for each in decisions if each.basis}
    return bool(bases) and bases != {basis_of(result)}


def is_reduced(unrestricted: Iterable[Amount], finals: Iterable[Final]) -> bool:
    """Is less recognised than the signs alone would have given, in any subject of any year?"""
    given = {(each.year, each.subject): each.amount for each in finals}
    return any(given.get((each.year, each.subject), ZERO) < each.amount for each in unrestricted)


@dataclass(frozen=True, slots=True)
class Portion:
    """Hours or credits of one subject in one year, of one 公共必修课 or of none."""

    year: int
    subject: str
    course: str
    amount: Decimal


def portions(finals: Iterable[Final], lessons: Collection[Lesson], counted: Collection[SlotKey]) -> Iterator[Portion]:
    """Split what is recognised by 公共必修课, as attended.

    Where the handler decided on less, courses are filled in the order of the timetable until the amount is used up;
    where on more, the surplus belongs to no course.
    """
    for final in finals:
        left = final.amount
        for course, hours in _attended(lessons, counted, final.year, final.subject).items():
            taken = min(left, hours)
            if taken:
                yield Portion(final.year, final.subject, course, taken)
            left -= taken
        if left:
            yield Portion(final.year, final.subject, "", left)


def _attended(lessons: Iterable[Lesson], counted: Collection[SlotKey], year: int, subject: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for each in lessons:
        of_this = each.counts and (each.date.year, each.subject) == (year, subject)
        if of_this and each.required_course and each.key in counted:
            sums[each.required_course] += each.hours
    return sums
