"""The smallest list of open classes that makes people whole (product.md V13): plain values in, plain values out; no
database, no clock.

What is smallest: as many people whole as any list could, then the fewest classes, then the fewest places taken. Nobody
is enrolled whom the list does not make whole.

Each person by himself first (greedy); where that is not proved to be smallest by the bounds of `_proved`, the whole is
solved exactly (CP-SAT of ortools), within a limit of time. `Plan.method` says which.

What is missing is asked of the verdict (`needs_of`); no rule stands here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Any

from verification.requirements.assess import ZERO, Assessment, Countable, Counting, Entry, Requirement, Rule

HalfDay = tuple[Any, str]
Pick = tuple[int, ...]
TRIES = 2000  # sets of classes that are looked at for one person
PAIRS = 6000
SECONDS = 0.8  # for the exact solver


class Method(StrEnum):
    """How the list was found. Changed: it was the smallest when it was made; people, classes or places are others now,
    and whom it does not make whole any more is not in it."""

    PROVED = "proved"
    EXACT = "exact"
    UNPROVED = "unproved"
    CHANGED = "changed"

    @property
    def is_smallest(self) -> bool:
        """Is no list better?"""
        return self in (Method.PROVED, Method.EXACT)

    @property
    def label(self) -> str:
        """For the page."""
        smallest = "补齐的人最多，其次班数最少，再次占用名额最少"
        return {
            Method.PROVED: f"逐人排出，已证明{smallest}",
            Method.EXACT: f"精确求解：{smallest}",
            Method.UNPROVED: "这是排得出的一种，没有证明补齐的人最多、班数最少",
            Method.CHANGED: "排出以后，人员、班或名额有变动：现在补不齐的人已去掉，不一定还是最少的",
        }[self]


@dataclass(frozen=True)
class Need:
    """What somebody still lacks of one requirement: `missing` of what the rule counts. `room`: how much of a capped
    form still counts; `known`: 公共必修课 that are there already."""

    rule: Rule
    missing: Decimal
    room: Mapping[str, Decimal] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    def given(self, courses: Iterable[Course]) -> Decimal:
        """How much of it these classes give."""
        entries = [(course.key, entry) for course in courses for entry in course.gives if self.rule.takes(entry)]
        if self.rule.counting is Counting.AMOUNT and not self.room:
            return sum((entry.amount for _, entry in entries), ZERO)
        if self.rule.counting is Counting.COURSES:
            return Decimal(len({entry.course.strip() for _, entry in entries} - self.known - {""}))
        if self.rule.counting is Counting.INTENSIVE_OR_REMOTE:
            return Decimal(len({key for key, entry in entries if is_training(entry)}))
        by_form: dict[str, Decimal] = defaultdict(Decimal)
        for _, entry in entries:
            by_form[entry.form] += entry.amount
        return sum((min(amount, self.room.get(form, amount)) for form, amount in by_form.items()), ZERO)


@dataclass(frozen=True)
class Course:
    """An open class: what full attendance from now on gives, when it sits, how many places are free."""

    key: int
    gives: tuple[Entry, ...]
    half_days: frozenset[HalfDay]
    places: int


@dataclass(frozen=True)
class Learner:
    """Somebody who is short; `busy`: the half-days of the own other classes; `on`: classes that have the person on the
    list already."""

    key: int
    needs: tuple[Need, ...]
    busy: frozenset[HalfDay] = frozenset()
    on: frozenset[int] = frozenset()

    def is_whole(self, courses: Collection[Course]) -> bool:
        """Is nothing missing with these classes?"""
        return all(need.given(courses) >= need.missing for need in self.needs)

    def could_take(self, course: Course) -> bool:
        """Is the person free then, and does it give anything that is missing?"""
        return self.is_free_for(course) and self.gains_by(course)

    def gains_by(self, course: Course) -> bool:
        """Does it give anything that is missing?"""
        return any(need.given([course]) > 0 for need in self.needs)

    def is_free_for(self, course: Course) -> bool:
        """Not on its list, and nowhere else at the time?"""
        return course.key not in self.on and not course.half_days & self.busy

    def half_days_taken(self, course: Course) -> bool:
        """Would it help, if the person did not sit elsewhere at the time?"""
        return self.gains_by(course) and course.key not in self.on and bool(course.half_days & self.busy)


@dataclass(frozen=True)
class Plan:
    """Who takes which classes, by the keys of both, and how the list was found. Who is not in it is not made whole."""

    picks: Mapping[int, Pick]
    method: Method

    @property
    def courses(self) -> tuple[int, ...]:
        """The list of classes."""
        return tuple(sorted({course for pick in self.picks.values() for course in pick}))

    @property
    def size(self) -> tuple[int, int, int]:
        """The smaller, the better: people whole (negative), classes, places taken."""
        return -len(self.picks), len(self.courses), sum(map(len, self.picks.values()))


class Why(StrEnum):
    """Why somebody cannot be made whole. Untried: so many classes that not every set of them was looked at."""

    NOTHING = "nothing"
    SHORT = "short"
    BUSY = "busy"
    CLASH = "clash"
    UNTRIED = "untried"
    FULL = "full"


def needs_of(found: Assessment) -> tuple[Need, ...]:
    """What the verdict says is missing: the requirements that are not met. Figures that are not set ask nothing."""
    return tuple(_need(each) for each in found.requirements if each.met is False)


def _need(each: Requirement) -> Need:
    by_form: dict[str, Decimal] = defaultdict(Decimal)
    by_course: dict[str, Decimal] = defaultdict(Decimal)
    for entry in each.entries:
        by_form[entry.form] += entry.amount
        by_course[entry.course.strip()] += entry.amount
    caps = each.rule.caps
    counted = sum((min(amount, caps.get(form, amount)) for form, amount in by_form.items()), ZERO)
    is_sum = each.rule.counting is Counting.AMOUNT
    return Need(
        rule=each.rule,
        # Below zero it is counted as nothing, and what comes fills that up first.
        missing=(each.required or ZERO) - (counted if is_sum else each.counted),
        room={form: max(cap - by_form[form], ZERO) for form, cap in caps.items()},
        known=frozenset(course for course, amount in by_course.items() if amount > 0),
    )


def is_training(entry: Countable) -> bool:
    """Is it of a 集中脱产 or a remote training?"""
    return entry.amount > 0 and (entry.intensive or entry.form == "remote")


def plan(
    learners: Sequence[Learner], courses: Sequence[Course], *, seconds: float = SECONDS, pairs: int = PAIRS
) -> Plan:
    """The smallest list. `seconds`: how long the exact solver may take; with more than so many `pairs` of people and
    classes it is not asked."""
    open_courses = [course for course in courses if course.places > 0]
    found = greedy(learners, open_courses)
    if _proved(found, learners, open_courses):
        return Plan(found.picks, Method.PROVED)
    fitting = [(one, course) for one in learners for course in open_courses if one.could_take(course)]
    return _exact(fitting, found, seconds) if len(fitting) <= pairs else found


# --- each person by himself -------------------------------------------------------------------------------------------


def greedy(learners: Sequence[Learner], courses: Sequence[Course]) -> Plan:
    """Who has the fewest classes to choose from first; each the fewest new classes, then the fewest of all. Then
    classes are given up one by one, as long as everybody stays whole without them."""
    order = sorted(learners, key=lambda one: (sum(map(one.could_take, courses)), one.key))
    found = _fill(order, courses, {})
    for course in sorted(courses, key=lambda each: sum(each.key in pick for pick in found.values())):
        rest = [each for each in courses if each.key in _used(found) and each.key != course.key]
        if course.key in _used(found) and len(tried := _fill(order, rest, {})) == len(found):
            found = min(found, tried, key=lambda picks: Plan(picks, Method.UNPROVED).size)
    return Plan(found, Method.UNPROVED)


def _used(picks: Mapping[int, Pick]) -> set[int]:
    return {course for pick in picks.values() for course in pick}


def _fill(order: Iterable[Learner], courses: Sequence[Course], picks: dict[int, Pick]) -> dict[int, Pick]:
    left = Counter({course.key: course.places for course in courses})
    opened: set[int] = set()
    for one in order:
        pick = best_of(one, [course for course in courses if left[course.key] > 0], opened)
        if pick:
            picks[one.key] = pick
            opened |= set(pick)
            left.subtract(pick)
    return picks


def best_of(one: Learner, courses: Sequence[Course], opened: Collection[int] = ()) -> Pick:
    """The classes that make one person whole: the fewest that are not `opened`, then the fewest of all; none where
    there are none, or none was found in so many tries."""
    return _search(one, courses, opened)[0]


def _search(one: Learner, courses: Sequence[Course], opened: Collection[int] = ()) -> tuple[Pick, bool]:
    """That, and whether every set that could be better was looked at."""
    fitting = sorted(_possible(one, courses), key=lambda each: (each.key not in opened, -_gain(one, each), each.key))
    best: tuple[Course, ...] = ()
    if not one.is_whole(fitting):
        return (), True
    layer: list[tuple[tuple[Course, ...], int]] = [((), 0)]
    tries = 0
    while layer and tries < TRIES:
        grown = []
        for wider, rest in _wider(layer, fitting):
            tries += 1
            if tries > TRIES or (best and _cost(wider, opened) >= _cost(best, opened)):
                continue
            if one.is_whole(wider):
                best = wider
            elif one.is_whole([*wider, *fitting[rest:]]):
                grown.append((wider, rest))
        layer = grown
    return tuple(sorted(course.key for course in best)), tries < TRIES


def _wider(
    layer: Iterable[tuple[tuple[Course, ...], int]], fitting: Sequence[Course]
) -> Iterator[tuple[tuple[Course, ...], int]]:
    """Each of these sets with one more class that does not sit on the same half-day, and where the rest begins."""
    for chosen, start in layer:
        for n in range(start, len(fitting)):
            if not any(fitting[n].half_days & each.half_days for each in chosen):
                yield (*chosen, fitting[n]), n + 1


def _cost(chosen: Collection[Course], opened: Collection[int]) -> tuple[int, int]:
    return sum(course.key not in opened for course in chosen), len(chosen)


def _gain(one: Learner, course: Course) -> Decimal:
    """How far a class brings somebody, as the sum of the shares of what is missing."""
    shares = (min(need.given([course]) / need.missing, Decimal(1)) for need in one.needs if need.missing > 0)
    return sum(shares, ZERO)


def _proved(found: Plan, learners: Sequence[Learner], courses: Sequence[Course]) -> bool:
    """Is no smaller list possible: everybody is whom any list could, each with as few classes as if alone, and no more
    classes than whoever needs the most, or than have places for all?"""
    alone = {one.key: best_of(one, courses) for one in learners}
    if any(not alone[one.key] and one.is_whole(_possible(one, courses)) for one in learners):
        return False
    needed = [len(pick) for pick in alone.values() if pick]
    at_least = max([_classes_for(sum(needed), courses), *needed], default=0)
    return found.size == (-len(needed), at_least, sum(needed))


def _classes_for(places: int, courses: Iterable[Course]) -> int:
    """How many classes have so many free places, at the least."""
    widest = accumulate(sorted((course.places for course in courses), reverse=True), initial=0)
    return next((n for n, free in enumerate(widest) if free >= places), 0)


def _possible(one: Learner, courses: Iterable[Course]) -> list[Course]:
    return [course for course in courses if one.could_take(course)]


# --- all at once ------------------------------------------------------------------------------------------------------


def _exact(pairs: Sequence[tuple[Learner, Course]], start: Plan, seconds: float) -> Plan:
    """The smallest list as a program of whole numbers; out of time, the better of what was found and `start`."""
    from ortools.sat.python import cp_model  # half a second, and not every page needs it

    model = _Model(cp_model.CpModel(), pairs)
    model.state(start)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 13
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start
    picks: dict[int, Pick] = defaultdict(tuple)
    for (learner, course), taken in model.takes.items():
        if solver.value(taken):
            picks[learner] += (course,)
    method = Method.EXACT if status == cp_model.OPTIMAL else Method.UNPROVED
    return min(Plan(dict(picks), method), start, key=lambda each: each.size)


class _Model:
    """Who is made whole (`whole`), who takes what (`takes`), which classes are on the list (`listed`)."""

    def __init__(self, model: Any, pairs: Sequence[tuple[Learner, Course]]) -> None:
        self.model = model
        self.learners = {one.key: one for one, _ in pairs}
        self.courses = {course.key: course for _, course in pairs}
        self.fitting: dict[int, list[Course]] = defaultdict(list)
        for one, course in pairs:
            self.fitting[one.key].append(course)
        self.takes = {(one.key, course.key): model.new_bool_var("") for one, course in pairs}
        self.whole = {key: model.new_bool_var("") for key in self.learners}
        self.listed = {key: model.new_bool_var("") for key in self.courses}

    def state(self, start: Plan) -> None:
        """Everything that must hold, and what is wanted; `start`: where to begin."""
        for (learner, course), taken in self.takes.items():
            self.model.add_implication(taken, self.whole[learner])
            self.model.add_implication(taken, self.listed[course])
            self.model.add_hint(taken, course in start.picks.get(learner, ()))
        for each in self.courses.values():
            takers = [taken for (_, course), taken in self.takes.items() if course == each.key]
            self.model.add(sum(takers) <= each.places)
        for key, one in self.learners.items():
            self._one_at_a_time(key, self.fitting[key])
            for need in one.needs:
                given = self._given(key, need, self.fitting[key])
                self.model.add(given >= _whole(need.missing) * self.whole[key])
        self._want()

    def _one_at_a_time(self, learner: int, fitting: Sequence[Course]) -> None:
        at: dict[HalfDay, list[Any]] = defaultdict(list)
        for course in fitting:
            for half_day in course.half_days:
                at[half_day].append(self.takes[learner, course.key])
        for together in at.values():
            if len(together) > 1:
                self.model.add_at_most_one(together)

    def _given(self, learner: int, need: Need, fitting: Sequence[Course]) -> Any:
        """What `Need.given` says of the classes that are taken, in hundredths."""
        if need.rule.counting is Counting.AMOUNT:
            return self._amount(learner, need, fitting)
        if need.rule.counting is Counting.COURSES:
            return 100 * sum(self._any(takes) for takes in self._by_name(learner, need, fitting).values())
        trainings = (one for one in fitting if need.given([one]) > 0)
        return 100 * sum(self.takes[learner, one.key] for one in trainings)

    def _amount(self, learner: int, need: Need, fitting: Sequence[Course]) -> Any:
        by_form: dict[str, list[Any]] = defaultdict(list)
        for course in fitting:
            for entry in filter(need.rule.takes, course.gives):
                by_form[entry.form].append(_whole(entry.amount) * self.takes[learner, course.key])
        return sum(self._capped(sum(terms), need.room.get(form)) for form, terms in by_form.items())

    def _capped(self, amount: Any, room: Decimal | None) -> Any:
        if room is None:
            return amount
        counted = self.model.new_int_var(0, _whole(room), "")
        self.model.add(counted <= amount)
        return counted

    def _by_name(self, learner: int, need: Need, fitting: Sequence[Course]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for course in fitting:
            for entry in filter(need.rule.takes, course.gives):
                if (name := entry.course.strip()) and name not in need.known:
                    found[name].append(self.takes[learner, course.key])
        return found

    def _any(self, takes: Sequence[Any]) -> Any:
        there = self.model.new_bool_var("")
        self.model.add(sum(takes) >= there)
        return there

    def _want(self) -> None:
        """People before classes before places: each weighs more than all of what comes after it."""
        place, of_class = 1, len(self.takes) + 1
        of_person = of_class * (len(self.listed) + 1)
        people, classes, places = (sum(each.values()) for each in (self.whole, self.listed, self.takes))
        self.model.maximize(of_person * people - of_class * classes - place * places)


def _whole(amount: Decimal) -> int:
    """In hundredths, as the ledger keeps it."""
    return int(amount * 100)


# --- who cannot be made whole -----------------------------------------------------------------------------------------


def why_not(one: Learner, courses: Sequence[Course]) -> Why:
    """Why a list leaves somebody out."""
    helping = [course for course in courses if course.key not in one.on and one.gains_by(course)]
    free = [course for course in helping if one.is_free_for(course)]
    if not helping:
        return Why.NOTHING
    if not one.is_whole(helping):
        return Why.SHORT
    if not one.is_whole(free):
        return Why.BUSY
    found, all_tried = _search(one, free)
    if found:
        return Why.FULL
    return Why.CLASH if all_tried else Why.UNTRIED


def needed_besides(one: Learner, courses: Sequence[Course], at_hand: Collection[int]) -> Pick:
    """Which classes besides those at hand (ids) somebody needs to be whole, as few as were found; none where those at
    hand do."""
    return tuple(course for course in best_of(one, courses, at_hand) if course not in at_hand)


def left_over(one: Learner, courses: Iterable[Course]) -> dict[str, Decimal]:
    """What of each requirement, by its title, is still missing with all of these classes."""
    known = [course for course in courses if course.key not in one.on]
    missing = {need.rule.title: need.missing - need.given(known) for need in one.needs}
    return {title: amount for title, amount in missing.items() if amount > 0}
