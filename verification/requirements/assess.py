"""The yearly verdict: plain values in, plain values out; no database, no clock.

A rule set is data: for each requirement what is asked, over which period, what counts, and up to where. The verdict is
a list of requirement / required / reached / counted / met / source; clerk, reviewer and paper show the same list.
Amounts are 学时 or 学分 as the rule says; counting rules count trainings or courses.

A verdict that was stamped comes out the same when it is computed again years later: entries later than the assessed
year never count, in a tenure or cycle either.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

Span = tuple[int, int]
ZERO = Decimal(0)


class Period(StrEnum):
    """Over which years a requirement runs: the year itself, 任职周期, or the teachers' five-year cycle."""

    YEAR = "year"
    TENURE = "tenure"
    CYCLE = "cycle"


class Counting(StrEnum):
    """What a requirement counts: the amounts, the different 公共必修课, or 集中脱产 and remote trainings."""

    AMOUNT = "amount"
    COURSES = "courses"
    INTENSIVE_OR_REMOTE = "intensive_or_remote"


class Outcome(StrEnum):
    """The verdict of a year."""

    MET = "met"
    UNMET = "unmet"
    IN_PROGRESS = "in_progress"
    UNDETERMINED = "undetermined"


class Countable(Protocol):
    """What the rules see of an entry; a row of the ledger is one. A counter-entry has a negative amount.

    `source`: entries with the same one are one training; empty: a training of its own. `is_void`: a counter-entry that
    was itself countered, or what countered it; they come to nothing and are left out.
    """

    @property
    def year(self) -> int: ...
    @property
    def measure(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def intensive(self) -> bool: ...
    @property
    def course(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def is_void(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A plain entry."""

    year: int
    measure: str
    subject: str
    form: str
    amount: Decimal
    intensive: bool = False
    course: str = ""
    source: str = ""
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What decides about a person: frozen into a yearly record when it is filed (V3). Spans: first and last year."""

    category: str
    institution_level: str | None = None
    tenure: Span | None = None
    cycle: Span | None = None
    series: str = ""


@dataclass(frozen=True)
class Rule:
    """One requirement. `setting` names the yearly setting that gives the figure where the notice leaves it open.

    `subjects` and `levels`: empty for all; `caps`: the most that a form may count; `early`: may be met before the last
    year of its period; otherwise it stays open until then.
    """

    code: str
    title: str
    source: str
    measure: str
    required: Decimal | None = None
    setting: str = ""
    period: Period = Period.YEAR
    counting: Counting = Counting.AMOUNT
    subjects: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    early: bool = False

    def takes(self, entry: Countable) -> bool:
        """Is it of the measure and the subjects that are asked for?"""
        return entry.measure == self.measure and (not self.subjects or entry.subject in self.subjects)


@dataclass(frozen=True)
class RuleSet:
    """The requirements of a category from a first to a last year; a medical one for the `levels` that it names, one
    that names series of titles (中医) for these alone."""

    code: str
    title: str
    document: str
    category: str
    first_year: int
    last_year: int | None
    rules: tuple[Rule, ...]
    levels: frozenset[str] = frozenset()
    series: frozenset[str] = frozenset()

    def covers(self, year: int, person: PersonFacts) -> bool:
        """Does it decide about this person's year?"""
        # notice 一(三)2 says nothing of the third level: only a set that names it decides there.
        named = self.category != "medical" or person.institution_level in self.levels
        theirs = not self.series or person.series in self.series
        in_years = self.first_year <= year <= (self.last_year or year)
        return self.category == person.category and in_years and named and theirs


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a cap cut off: `reached` of a form, of which only `cap` counts."""

    form: str
    reached: Decimal
    cap: Decimal


@dataclass(frozen=True)
class Requirement:
    """One line of the verdict. `required` None: not set, so the line does not decide; `met` None: open or not set.

    `entries`: what it looked at, for whoever asks what more would do.
    """

    rule: Rule
    span: Span | None
    required: Decimal | None
    reached: Decimal
    counted: Decimal
    met: bool | None
    surpluses: tuple[Surplus, ...] = ()
    entries: tuple[Countable, ...] = field(default=(), compare=False, repr=False)

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def missing(self) -> Decimal:
        """How much is still missing; 0 where enough is there or nothing is asked."""
        return max((self.required or ZERO) - self.counted, ZERO)


@dataclass(frozen=True)
class Assessment:
    """The verdict of a person's year with the rule set that gave it; None where no rules are in force."""

    outcome: Outcome
    requirements: tuple[Requirement, ...]
    rule_set: RuleSet | None


def choose(rule_sets: Iterable[RuleSet], year: int, person: PersonFacts) -> RuleSet | None:
    """The newest rule set that covers the person in the year, one for the person's series before one for all; None for
    third-level or unknown medical institutions, and for years before the notice."""
    fitting = [each for each in rule_sets if each.covers(year, person)]
    return max(fitting, key=lambda each: (bool(each.series), each.first_year, each.code), default=None)


def assess(
    year: int,
    person: PersonFacts,
    entries: Iterable[Countable],
    rule_set: RuleSet | None,
    settings: Mapping[str, Decimal],
) -> Assessment:
    """The verdict of a year. `settings`: figures that the bureau has entered, by name; what is not there is not set."""
    if rule_set is None:
        return Assessment(Outcome.UNDETERMINED, (), None)
    known = [entry for entry in entries if entry.year <= year and not entry.is_void]
    rules = [rule for rule in rule_set.rules if not rule.levels or person.institution_level in rule.levels]
    found = tuple(_requirement(rule, year, person, known, settings) for rule in rules)
    outside = any(each.span is None and _given(each.rule.period, year, person) for each in found)
    return Assessment(Outcome.UNDETERMINED if outside else _outcome(found), found, rule_set)


def _outcome(found: tuple[Requirement, ...]) -> Outcome:
    with_figure = [each for each in found if each.required is not None]
    # Before the missing tenure: no tenure can cure a year that is short.
    if any(each.met is False for each in with_figure):
        return Outcome.UNMET
    if not with_figure or any(each.span is None for each in found):
        return Outcome.UNDETERMINED
    return Outcome.IN_PROGRESS if any(each.met is None for each in with_figure) else Outcome.MET


def _requirement(
    rule: Rule, year: int, person: PersonFacts, entries: list[Countable], settings: Mapping[str, Decimal]
) -> Requirement:
    span = _span(rule.period, year, person)
    mine = [entry for entry in entries if span and span[0] <= entry.year <= span[1] if rule.takes(entry)]
    reached, counted, surpluses = _COUNTS[rule.counting](mine, rule)
    required = settings.get(rule.setting) if rule.setting else rule.required
    met = _met(rule, year, span, required, counted)
    return Requirement(rule, span, required, reached, counted, met, surpluses, tuple(mine))


def _given(period: Period, year: int, person: PersonFacts) -> Span | None:
    """The period as it is known of the person, wherever the year lies."""
    return {Period.YEAR: (year, year), Period.TENURE: person.tenure, Period.CYCLE: person.cycle}[period]


def _span(period: Period, year: int, person: PersonFacts) -> Span | None:
    """The years of the period, None where none is known that reaches over the year."""
    span = _given(period, year, person)
    return span if span and span[0] <= year <= span[1] else None


def _met(rule: Rule, year: int, span: Span | None, required: Decimal | None, counted: Decimal) -> bool | None:
    if required is None or span is None:
        return None
    enough = counted >= required
    if year == span[1]:
        return enough
    return True if rule.early and enough else None


Count = tuple[Decimal, Decimal, tuple[Surplus, ...]]


def _count_amounts(entries: list[Countable], rule: Rule) -> Count:
    """Sums; per form no more than its cap. A counter-entry is added like any other, the end is never below 0."""
    by_form: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        by_form[entry.form] += entry.amount
    surpluses = tuple(
        Surplus(form, by_form[form], cap) for form, cap in sorted(rule.caps.items()) if by_form[form] > cap
    )
    cut = {surplus.form: surplus.cap for surplus in surpluses}
    counted = sum((cut.get(form, amount) for form, amount in by_form.items()), ZERO)
    return sum(by_form.values(), ZERO), max(counted, ZERO), surpluses


def _count_courses(entries: list[Countable], rule: Rule) -> Count:
    """Different 公共必修课 that are still there after counter-entries."""
    by_course: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        by_course[entry.course.strip()] += entry.amount
    number = Decimal(sum(amount > 0 for course, amount in by_course.items() if course))
    return number, number, ()


def _count_trainings(entries: list[Countable], rule: Rule) -> Count:
    """集中脱产 and remote trainings, each once however many entries it was posted as.

    One that was countered is none, by however much it was countered.
    """
    by_source: dict[str, list[Countable]] = defaultdict(list)
    for entry in entries:
        by_source[entry.source].append(entry)
    # Without a source each is its own; one counters another where all but the sign is alike.
    alone = by_source.pop("", [])
    countered = Counter(_facts(entry) for entry in alone if entry.amount < 0)
    held = Counter(_facts(entry) for entry in alone if _qualifies(entry))
    standing = [posted for posted in by_source.values() if all(entry.amount >= 0 for entry in posted)]
    number = Decimal((held - countered).total() + sum(any(map(_qualifies, posted)) for posted in standing))
    return number, number, ()


def _qualifies(entry: Countable) -> bool:
    return entry.amount > 0 and (entry.intensive or entry.form == "remote")


def _facts(entry: Countable) -> tuple[object, ...]:
    return entry.year, entry.subject, entry.form, abs(entry.amount), entry.intensive, entry.course


_COUNTS: dict[Counting, Callable[[list[Countable], Rule], Count]] = {
    Counting.AMOUNT: _count_amounts,
    Counting.COURSES: _count_courses,
    Counting.INTENSIVE_OR_REMOTE: _count_trainings,
}
