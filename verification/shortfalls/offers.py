"""Open classes and people who are short, as the planner takes them, and its answer as the page shows it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import chain
from string import ascii_uppercase

from luojiang_ce import clock
from luojiang_ce.words import first_of
from training.classes.models import ClassApplication, Enrolment, Waiting
from training.half_days import HALF_DAYS, SlotKey
from training.recognition.counting import corrections_of
from units.models import Person, Unit
from verification.choices import Measure, Subject
from verification.requirements.assess import Entry, Outcome
from verification.requirements.display import said
from verification.verdicts import assessments_with

from .attending import classes, from_now_on, half_days_ahead
from .models import Standing
from .planner import (
    Course,
    Learner,
    Method,
    Pick,
    Plan,
    Why,
    best_of,
    left_over,
    needed_besides,
    needs_of,
    plan,
    why_not,
)
from .standing import PersonYear


@dataclass(frozen=True)
class Offer:
    """An open class as it is chosen: `letter` on the page, `gives` of the year that is planned, `later` of others;
    `takers` how many of these people take it, `has_begun`: the late ones give a reason (C6); `kept_out`: who else could
    use it and sits elsewhere then."""

    letter: str
    case: ClassApplication
    gives: Sequence[Entry]
    later: Sequence[Entry]
    free: int
    takers: int
    has_begun: bool
    kept_out: Sequence[str]

    @property
    def given(self) -> str:
        """公共科目 8.0，专业科目 16.0 学时"""
        return given_said(self.gives)

    @property
    def given_later(self) -> str:
        """另有专业科目 6.0 学时计入 2027 年度; empty where all of it is of the year that is planned."""
        years = sorted({entry.year for entry in self.later})
        each = (given_said(entry for entry in self.later if entry.year == year) + f"计入 {year} 年度" for year in years)
        return f"另有{'，'.join(each)}" if years else ""

    @property
    def kept_out_said(self) -> str:
        return f"{first_of(self.kept_out)}同一半日另有课，不排这个班" if self.kept_out else ""


@dataclass(frozen=True)
class Row:
    """Somebody who is made whole: the letters of the classes, and what the form sends."""

    year: PersonYear
    offers: Sequence[Offer]

    @property
    def sent(self) -> str:
        """12:3-5: the person, and the classes."""
        return f"{self.year.person.pk}:{'-'.join(str(offer.case.pk) for offer in self.offers)}"


@dataclass(frozen=True)
class LeftOut:
    """Somebody whom no open class makes whole this year, and why."""

    year: PersonYear
    why: str


@dataclass(frozen=True)
class Proposal:
    """The smallest list for some people."""

    offers: Sequence[Offer]
    rows: Sequence[Row]
    left: Sequence[LeftOut]
    plan: Plan

    @property
    def places(self) -> int:
        return sum(len(row.offers) for row in self.rows)

    @property
    def is_smallest(self) -> bool:
        return self.plan.method.is_smallest

    @property
    def may_be_made_anew(self) -> bool:
        return self.plan.method is Method.CHANGED

    @property
    def needs_reason(self) -> bool:
        """Has one of the classes begun?"""
        return any(offer.has_begun for offer in self.offers)


@dataclass(frozen=True)
class Ground:
    """What a plan is made of: who is short, with the learner that the planner sees; the open classes, and what each of
    them still gives in whichever year (`gives`)."""

    years: Mapping[int, PersonYear]
    learners: Sequence[Learner]
    courses: Sequence[Course]
    cases: Mapping[int, ClassApplication]
    gives: Mapping[int, Sequence[Entry]]


def ground_of(years: Iterable[PersonYear], year: int, now: datetime) -> Ground:
    """Of those who are short. Nine queries at most, however many people and classes."""
    short = {each.person.pk: each for each in years if each.standing is Standing.SHORT}
    cases = open_classes() if year == clock.today().year and short else {}
    gives = gives_of(cases, now)
    courses = [_course(case, gives[pk], year, now) for pk, case in cases.items()]
    busy, on = _taken(short, now)
    learners = [Learner(pk, needs_of(each.then), busy[pk], frozenset(on[pk])) for pk, each in short.items()]
    return Ground(short, learners, [course for course in courses if course.gives], cases, gives)


def digest_of(ground: Ground) -> str:
    """By which it is told whether a list that was made before still speaks of the same people, classes and places."""
    said = (sorted(map(_said_of_learner, ground.learners)), sorted(map(_said_of_course, ground.courses)))
    return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _said_of_learner(one: Learner) -> tuple[int, list[str], list[int], list[tuple[str, str]]]:
    needs = [(need.rule.title, str(need.missing)) for need in one.needs]
    return one.key, sorted(map(str, one.busy)), sorted(one.on), needs


def _said_of_course(each: Course) -> tuple[int, list[str], int, list[str]]:
    return each.key, sorted(map(str, each.half_days)), each.places, [str(entry) for entry in each.gives]


def open_classes(*, without: Person | None = None) -> dict[int, ClassApplication]:
    """The classes that take trainees now, with their places; `without`: those of which this person is not a trainee."""
    known = ClassApplication.objects.open_to_enrolment().values("pk")
    if without:
        known = known.exclude(pk__in=without.enrolments.present().order_by().values("application"))
    rows = classes().filter(pk__in=known).with_places().prefetch_related("timetable")
    return {case.pk: case for case in rows.order_by("opens_on", "pk")}


def gives_of(cases: Mapping[int, ClassApplication], now: datetime) -> dict[int, tuple[Entry, ...]]:
    """What each of these classes (by id) still gives whoever joins it now."""
    ruled = corrections_of(list(cases.values()))
    return {pk: from_now_on(case, ruled.get(pk, ()), now) for pk, case in cases.items()}


def given_said(gives: Iterable[Entry]) -> str:
    """公共科目 8.0，专业科目 16.0 学时"""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in gives:
        sums[entry.measure, entry.subject] += entry.amount
    amounts = "，".join(f"{Subject(subject).label} {said(amount)}" for (_, subject), amount in sums.items())
    return " ".join([amounts, *dict.fromkeys(Measure(measure).label for measure, _ in sums)])


def _course(case: ClassApplication, gives: Iterable[Entry], year: int, now: datetime) -> Course:
    of_year = tuple(entry for entry in gives if entry.year == year)
    return Course(case.pk, of_year, half_days_ahead(case, now), case.free)


def _taken(people: Iterable[int], now: datetime) -> tuple[dict[int, frozenset[SlotKey]], dict[int, set[int]]]:
    """The half-days ahead at which these people sit somewhere, and the classes that have them on their list or in
    line."""
    sits: dict[int, set[SlotKey]] = defaultdict(set)
    on: dict[int, set[int]] = defaultdict(set)
    there = Enrolment.objects.present().filter(
        person__in=list(people),
        application__state=ClassApplication.State.APPROVED,
        application__ends_on__gte=clock.local(now).date(),
    )
    facts = ("person", "application", "application__timetable__date", "application__timetable__half_day")
    for person, application, *key in there.order_by().values_list(*facts):
        on[person].add(application)
        sits[person].add((key[0], key[1]))
    for person, application in (
        Waiting.objects.open_still().filter(person__in=list(people)).values_list("person", "application")
    ):
        on[person].add(application)
    return defaultdict(frozenset, {pk: frozenset(keys) for pk, keys in sits.items()}), on


def enrolled_ahead(unit: Unit) -> list[tuple[ClassApplication, list[str]]]:
    """The classes that are not over with the names of the unit's trainees in them, the soonest first. One query."""
    ahead = ClassApplication.objects.open_to_enrolment().values("pk")
    there = Enrolment.objects.present().of_units(frozenset((unit.pk,))).filter(application__in=ahead)
    found: dict[ClassApplication, list[str]] = defaultdict(list)
    for each in there.select_related("application__project").order_by("application__opens_on", "application", "pk"):
        found[each.application].append(each.name)
    return list(found.items())


def propose(years: Iterable[PersonYear], year: int, now: datetime) -> Proposal:
    """The smallest list of open classes that makes those whole who are short (product.md V13)."""
    ground = ground_of(years, year, now)
    return as_shown(ground, plan(ground.learners, ground.courses), year)


def as_shown(ground: Ground, found: Plan, year: int) -> Proposal:
    """An answer of the planner for the page. What the verdict itself does not bear out, or has no place any more, is
    not shown as a way; a list that lost somebody so is not said to be the smallest."""
    picks = _with_places(ground, _borne_out(ground, found, year))
    fallen = found.method.is_smallest and len(picks) < len(found.picks)
    held = Plan(picks, Method.UNPROVED if fallen else found.method)
    letters = dict(zip(held.courses, _letters(), strict=False))
    offers = {pk: _offer(ground, pk, letters[pk], picks) for pk in held.courses}
    rows = [Row(ground.years[pk], [offers[course] for course in pick]) for pk, pick in picks.items()]
    left = [
        LeftOut(ground.years[one.key], _said(one, ground, year, held))
        for one in ground.learners
        if one.key not in picks
    ]
    return Proposal(list(offers.values()), rows, left, held)


def _borne_out(ground: Ground, found: Plan, year: int) -> dict[int, Pick]:
    """Whom the verdict says to be whole with these classes."""
    gives = {course.key: course.gives for course in ground.courses}
    more = {
        pk: [
            *chain.from_iterable(each.entries for each in ground.years[pk].expected),
            *chain.from_iterable(gives[course] for course in pick),
        ]
        for pk, pick in found.picks.items()
        if pk in ground.years and all(course in gives for course in pick)
    }
    people = [ground.years[pk].person for pk in more]
    judged = assessments_with(people, year, more) if people else {}
    return {pk: found.picks[pk] for pk in more if judged[pk][1].outcome is not Outcome.UNMET}


def _with_places(ground: Ground, picks: Mapping[int, Pick]) -> dict[int, Pick]:
    """Those for whom there are places still, in their order: since a list was made some may have gone."""
    left = Counter({course.key: course.places for course in ground.courses})
    held: dict[int, Pick] = {}
    for pk, pick in picks.items():
        if all(left[course] > 0 for course in pick):
            held[pk] = pick
            left.subtract(pick)
    return held


def _letters() -> Iterable[str]:
    yield from ascii_uppercase
    for letter in ascii_uppercase:
        yield from (letter + more for more in ascii_uppercase)


def _offer(ground: Ground, pk: int, letter: str, picks: Mapping[int, Pick]) -> Offer:
    case = ground.cases[pk]
    course = next(each for each in ground.courses if each.key == pk)
    takers = sum(pk in pick for pick in picks.values())
    kept_out = [
        ground.years[one.key].person.name
        for one in ground.learners
        if one.half_days_taken(course) and pk not in picks.get(one.key, ())
    ]
    has_begun = len(course.half_days) < len({row.key for row in case.lessons()})
    later = [entry for entry in ground.gives[pk] if entry not in course.gives]
    return Offer(letter, case, course.gives, later, case.free, takers, has_begun, kept_out)


def _said(one: Learner, ground: Ground, year: int, held: Plan) -> str:
    """Why somebody is left out, in words."""
    if year != clock.today().year:
        return f"{year} 年已过，现在开放的班不计入这一年度"
    why, missing = why_not(one, ground.courses), left_over(one, ground.courses)
    if why is Why.NOTHING:
        besides = "除已报名、已列入候补的以外，" if one.on else ""
        return f"{besides}没有开放的班能补：{'、'.join(missing)}"
    if why is Why.SHORT:
        return f"开放的班全部算上（含名额已满的）也还差：{_amounts(missing)}"
    if why is Why.BUSY:
        return f"能补的班与本人已报的班同一半日：{_at(one, ground)}"
    if why is Why.CLASH:
        return "能补的班彼此在同一半日，不能都上"
    return (_without_places(one, ground, held) if why is Why.FULL else "") or "这一次没有排上，也许还有别的排法"


def _amounts(missing: Mapping[str, Decimal]) -> str:
    return "，".join(f"{title} {said(amount)}" for title, amount in missing.items())


def _without_places(one: Learner, ground: Ground, held: Plan) -> str:
    """Which class has no place for somebody whom the open classes would make whole; empty where that is not known."""
    having = [course for course in ground.courses if course.places > 0]
    if full := needed_besides(one, ground.courses, {course.key for course in having}):
        return _full(one, ground, full, having)
    if not held.method.is_smallest:
        return ""
    taken = Counter(course for pick in held.picks.values() for course in pick)
    left = {course.key for course in having if course.places > taken[course.key]}
    gone = [f"{ground.cases[pk]}（余 {taken[pk]} 个）" for pk in needed_besides(one, having, left)]
    return f"名额已排给方案里的其他人：{first_of(gone, shown=2, measure='个班')}" if gone else ""


def _full(one: Learner, ground: Ground, full: Pick, having: Sequence[Course]) -> str:
    """有名额的班都报上也还差：专业科目 8.0；还要报名额已满的某班（可列入候补）. Where others that are full would do
    instead, it is one of them."""
    free = [course for course in having if one.could_take(course)]
    still = _amounts(left_over(one, free)) if free else ""
    others = any(best_of(one, [course for course in ground.courses if course.key != pk]) for pk in full)
    named = first_of([str(ground.cases[pk]) for pk in full], shown=2, measure="个班")
    needed = f"{'还要' if free else '要'}报名额已满的班{'，如' if others else '：'}{named}，可列入候补"
    return f"有名额的班都报上也还差：{still}；{needed}" if still else needed


def _at(one: Learner, ground: Ground) -> str:
    """12月3日上午 of 公共必修课集中班"""
    found = [
        f"{ground.cases[course.key]}（{_day(min(course.half_days & one.busy, key=_order))}）"
        for course in ground.courses
        if one.half_days_taken(course)
    ]
    return first_of(found, shown=2, measure="个班")


def _order(key: SlotKey) -> tuple[object, int]:
    return key[0], list(HALF_DAYS).index(key[1])


def _day(key: SlotKey) -> str:
    return f"{key[0].month}月{key[0].day}日{HALF_DAYS[key[1]]}"
