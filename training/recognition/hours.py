"""From signs to hours, and from there to what is recognised: plain values in, plain values out; no database, no clock.

Which half-days count: training/half_days.py (notice 一(五)3).
Hours of a counted half-day are those of its timetable rows that count, by subject, in the year of the date.
Caps and the 45 minutes of an hour are checked when the timetable is approved, not here.
The handler's decisions replace amounts (R3); a 公共必修课 has an entry of the ledger of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from operator import itemgetter

from training.half_days import Lesson, Person, Sign, SlotKey, Why, slots_of, why_of

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a decision takes out; None stands for all. `lifted`: it lets count again what earlier ones took out.

    `firm`: no later correction lets it count again; only the ruling that it belongs to can be lifted.
    """

    person: Person | None = None
    date: date | None = None
    half_day: str | None = None
    lifted: bool = False
    firm: bool = False

    def covers(self, person: Person, slot: SlotKey) -> bool:
        wanted = zip((self.person, self.date, self.half_day), (person, *slot), strict=True)
        return all(mine is None or mine == its for mine, its in wanted)


@dataclass(frozen=True)
class ClassCase:
    """A class to be counted. `credits` (学分 by subject) makes it a class of credits, None one of hours.

    `results`: who passed (True) or failed (False); looked at only where the class has an assessment.
    """

    timetable: tuple[Lesson, ...]
    trainees: tuple[Person, ...]
    signs: tuple[Sign, ...] = ()
    credits: Mapping[str, Decimal] | None = None
    assessment: bool = False
    results: Mapping[Person, bool] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class HalfDayResult:
    date: date
    half_day: str
    why: Why

    @property
    def counted(self) -> bool:
        return self.why is Why.COUNTED


@dataclass(frozen=True, slots=True)
class Amount:
    """Hours or credits of one subject in one year."""

    year: int
    subject: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PersonResult:
    """What a trainee has earned and why; `decide`: the handler must decide by hand."""

    person: Person
    half_days: tuple[HalfDayResult, ...]
    amounts: tuple[Amount, ...]
    decide: bool

    def total(self, subject: str) -> Decimal:
        """The sum over the years."""
        return sum((each.amount for each in self.amounts if each.subject == subject), Decimal(0))


def count_hours(case: ClassCase) -> tuple[PersonResult, ...]:
    """The result of each trainee, in the order of `trainees`. Signs of strangers and of other half-days are ignored."""
    slots = [slot.key for slot in slots_of(case.timetable)]
    signs: dict[tuple[Person, SlotKey], list[Sign]] = defaultdict(list)
    for sign in case.signs:
        signs[sign.person, sign.key].append(sign)
    about = about_each(case.exclusions)

    def result(person: Person) -> PersonResult:
        mine = about(person)
        whys = [_why(is_excluded(mine, person, slot), signs.get((person, slot), [])) for slot in slots]
        half_days = tuple(HalfDayResult(*slot, why) for slot, why in zip(slots, whys, strict=True))
        return PersonResult(person, half_days, *_earned(case, person, half_days))

    return tuple(map(result, case.trainees))


def _why(excluded: bool, signs: list[Sign]) -> Why:
    return why_of(
        [sign.time for sign in signs if sign.is_in],
        [sign.time for sign in signs if not sign.is_in],
        excluded=excluded,
    )


def is_excluded(exclusions: Sequence[Exclusion], person: Person, slot: SlotKey) -> bool:
    """Is a half-day taken out for somebody? What a ruling took stays out; of the rest what was decided last holds."""
    about = [each for each in exclusions if each.covers(person, slot)]
    return any(each.firm for each in about) or bool(about and not about[-1].lifted)


def about_each(exclusions: Sequence[Exclusion]) -> Callable[[Person], Sequence[Exclusion]]:
    """What concerns whom (None: everybody), in the order of decision: thousands may each be named by a line."""
    of_all: list[tuple[int, Exclusion]] = []
    own: dict[Person, list[tuple[int, Exclusion]]] = defaultdict(list)
    for number, each in enumerate(exclusions):
        (of_all if each.person is None else own[each.person]).append((number, each))

    def about(person: Person) -> Sequence[Exclusion]:
        mine = own.get(person, []) if person is not None else []
        return [each for _, each in (sorted([*of_all, *mine], key=itemgetter(0)) if mine else of_all)]

    return about


def ruled_out(case: ClassCase) -> frozenset[Person]:
    """From whom a ruling has taken every half-day (None: from everybody): no amount can stand there either."""
    about = about_each([each for each in case.exclusions if each.firm])
    slots = [slot.key for slot in slots_of(case.timetable)]
    whom = (None, *case.trainees) if slots else ()
    return frozenset(each for each in whom if all(is_excluded(about(each), each, slot) for slot in slots))


def _earned(case: ClassCase, person: Person, half_days: tuple[HalfDayResult, ...]) -> tuple[tuple[Amount, ...], bool]:
    if case.assessment and person not in case.results:
        return (), True
    # notice 三3: 修业不合格 earns nothing
    if case.assessment and not case.results[person]:
        return (), False
    if case.credits is None:
        return _hours(case.timetable, half_days), False
    return _credits(case.credits, half_days)


def _hours(timetable: Iterable[Lesson], half_days: Iterable[HalfDayResult]) -> tuple[Amount, ...]:
    counted = {(each.date, each.half_day) for each in half_days if each.counted}
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in timetable:
        if row.counts and row.key in counted:
            sums[row.date.year, row.subject] += row.hours
    return _amounts(sums)


def _credits(credits: Mapping[str, Decimal], half_days: tuple[HalfDayResult, ...]) -> tuple[tuple[Amount, ...], bool]:
    """The class's credits whole for full attendance, nothing for none; what lies between is decided by the handler."""
    counted = sum(each.counted for each in half_days)
    if not counted or counted < len(half_days):
        return (), counted > 0
    year = half_days[-1].date.year
    return _amounts({(year, subject): amount for subject, amount in credits.items()}), False


def _amounts(sums: Mapping[tuple[int, str], Decimal]) -> tuple[Amount, ...]:
    return tuple(Amount(year, subject, amount) for (year, subject), amount in sorted(sums.items()) if amount)


# --- from what was counted to what is recognised, and from there to the ledger ----------------------------------------


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


# --- what was found wrong after the decision --------------------------------------------------------------------------


@dataclass(frozen=True)
class Correction:
    """A decided correction (R3), or a ruling on the class (notice 一(五)4): half-days out or in again, amounts for
    persons; `whole`: why nothing is recognised for anybody else; `undoes`: the key of the earlier one that does not
    hold any more."""

    key: int
    exclusions: tuple[Exclusion, ...] = ()
    decisions: Mapping[Person, tuple[Decision, ...]] = field(default_factory=dict)
    whole: str = ""
    undoes: int | None = None


def in_force(corrections: Sequence[Correction]) -> tuple[Correction, ...]:
    """Of corrections in the order of their decision those that hold: what an undone one had undone holds again."""
    undone: set[int] = set()
    for each in reversed(corrections):
        if each.undoes is not None and each.key not in undone:
            undone.add(each.undoes)
    return tuple(each for each in corrections if each.key not in undone)


def decisions_on(
    person: Person,
    overrides: Sequence[Decision],
    corrections: Sequence[Correction],
    possible: Sequence[Amount],
) -> tuple[Decision, ...]:
    """What holds for a trainee: the last that decided on the person decides alone, as a second decision before did.

    `possible`: what the class can give at most, for one that gives nothing of it to anybody.
    """
    for each in reversed(corrections):
        if each.decisions.get(person):
            return each.decisions[person]
        if each.whole:
            return tuple(Decision(one.year, one.subject, ZERO, each.whole) for one in possible)
    return tuple(overrides)


LedgerKey = tuple[int, str, str]  # year, subject, course


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands in the ledger: the amount, and the source that it was posted from."""

    amount: Decimal
    source: str


def posted_anew(
    standing: Mapping[LedgerKey, Posted], wanted: Mapping[LedgerKey, Decimal], countered: Collection[str]
) -> frozenset[int]:
    """The years of one person whose entries of a class are countered and posted anew, from one new source.

    A year without a difference is left alone, so that nothing stamped is touched for nothing; unless the class would
    then count as no training or as two: a source of which something was `countered` is none any more.
    """
    amounts = {key: each.amount for key, each in standing.items()}
    changed = frozenset(key[0] for key in {*amounts, *wanted} if amounts.get(key) != wanted.get(key))
    left = {each.source for key, each in standing.items() if key[0] not in changed}
    spoiled = {*countered, *(each.source for key, each in standing.items() if key[0] in changed)}
    trainings = len(left - spoiled) + any(key[0] in changed for key in wanted)
    if not changed or not left or trainings == 1:
        return changed
    return frozenset(key[0] for key in {*amounts, *wanted})
