"""How teachers stand in their five-year cycles (notice 一(三)3, 二(一); product.md V9).

A cycle belongs to the person: whoever moves between schools, or leaves teaching and comes back, keeps its years. That
the total of hours was not reached means 次年度不予评聘; while the total is 未设定 nobody is judged. Other requirements
flag nobody unless the bureau has said so for cycles that end in that year (`CycleSetting`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, ExtractYear

from luojiang_ce import clock
from luojiang_ce.once import once
from units.models import Employment, Leave, Person, StudyPeriod, Title
from verification.batches.in_time import default_year
from verification.batches.models import AnnualRecord
from verification.choices import Form, Measure
from verification.ledger.models import LedgerEntry, people_entries
from verification.requirements.assess import Assessment, Counting, Period, PersonFacts, Requirement
from verification.requirements.display import said as amount_said
from verification.requirements.services import Rulebook, load_rulebook

from .models import CycleSetting

ZERO = Decimal(0)
TEACHER = Person.Category.TEACHER
AWAY = "away"  # beside the states of records: an approved absence

# key → (what the board calls it, its meaning); in the order of the counts
STATES = {
    "soon": ("届满前要补", "soon"),
    "flagged": ("次年度不予评聘", "late"),
    "past": ("曾不予评聘，已满", "idle"),
    "enough": ("学时已够", "done"),
    "running": ("周期进行中", ""),
    "unset": ("学时总数未设定", ""),
    "left": ("现不在教师岗位", ""),
}


def cycles_of(people: QuerySet[Person]) -> QuerySet[StudyPeriod]:
    """The cycles of these people, of those who work now, with the total that is asked and the hours of the cycle."""
    working = Employment.objects.filter(ended_on=None).values("person")
    rows = StudyPeriod.objects.filter(kind=StudyPeriod.Kind.CYCLE, person__in=people.values("pk"))
    within = {"year__gte": OuterRef("first_year"), "year__lte": OuterRef("last_year")}
    entries = LedgerEntry.objects.filter(person=OuterRef("person"), measure=Measure.HOURS, **within)
    total = entries.order_by().values("person").annotate(total=Sum("amount")).values("total")
    field: Any = DecimalField(max_digits=8, decimal_places=2)
    title = Title.objects.filter(person=OuterRef("person"), is_current=True)
    job = Employment.objects.filter(person=OuterRef("person"), ended_on=None)
    known = rows.filter(person__in=working).annotate(
        unit_name=Subquery(job.values("unit__name")[:1]),
        series=Subquery(title.values("series")[:1]),
        title=Subquery(title.values("name")[:1]),
        hours=Subquery(total, output_field=field),
    )
    return known.annotate(asked=_asked(field))


def _asked(field: Any) -> Case:
    """The total of a cycle, by the rules in force for it, as the database can compare it: those of the person's series
    before those of all."""
    book = _book()
    series = {name for each in book.rule_sets if each.category == TEACHER for name in each.series}
    cases = [
        When(last_year=year, **({"series": name} if name else {}), then=Value(total, output_field=field))
        for name in (*sorted(series), "")
        for year in sorted(_last_years())
        if (total := _total_of(book, year, name)) is not None or name
    ]
    return Case(*cases, default=Cast(Value(None), field), output_field=field)  # PostgreSQL asks what a bare NULL is


def _total_of(book: Rulebook, last_year: int, series: str) -> Decimal | None:
    """The total that the rules in force ask of a cycle that ends then; None: 未设定."""
    facts = PersonFacts(TEACHER, cycle=(last_year, last_year), series=series)
    total = _of_cycle(book.assess(last_year, facts, ())).get(Counting.AMOUNT)
    return total.required if total else None


def _of_cycle(found: Assessment) -> dict[Counting, Requirement]:
    """What a verdict says of the cycle, by what it counts."""
    return {each.rule.counting: each for each in found.requirements if each.rule.period == Period.CYCLE}


def in_state(rows: QuerySet[StudyPeriod], state: str) -> QuerySet[StudyPeriod]:
    """Those of the cycles that stand so; the number of queries does not grow with them."""
    return rows.filter(_conditions(rows)[state])


def of_year(rows: QuerySet[StudyPeriod], year: int) -> QuerySet[StudyPeriod]:
    """Those who are (or were) not to be appointed or promoted in that year: their cycle ended the year before, short
    (notice 二(一): 在下一年度不予评聘). Of a year that has not begun nobody is yet."""
    ended = rows.filter(last_year=year - 1, last_year__lt=clock.today().year)
    conditions = _conditions(ended)
    return ended.filter(conditions["flagged"] | conditions["past"])


def counted(rows: QuerySet[StudyPeriod]) -> dict[str, int]:
    """How many cycles stand how. One query, or a few where the rules count more than the plain sum."""
    numbers = {key: Count("pk", filter=condition) for key, condition in _conditions(rows).items()}
    return rows.order_by().aggregate(**numbers)


def _conditions(rows: QuerySet[StudyPeriod]) -> dict[str, Q]:
    this_year = clock.today().year
    teaching, judged = Q(person__category=TEACHER), Q(asked__isnull=False)
    short = _among(_short(rows)) if _counts_more_than_the_sum() else Q(hours=None) | Q(hours__lt=F("asked"))
    mending = _among(_to_mend(rows.filter(last_year=this_year)))
    return {
        "soon": teaching & mending,
        "flagged": teaching & judged & short & Q(last_year=this_year - 1),
        "past": teaching & judged & short & Q(last_year__lt=this_year - 1),
        "enough": teaching & judged & ~short & ~mending,
        "running": teaching & judged & short & Q(last_year__gt=this_year),
        "unset": teaching & Q(asked__isnull=True) & ~mending,
        "left": ~teaching,
    }


def _among(keys: Sequence[int]) -> Q:
    """Is the cycle one of these? Where one of several counts is of nobody for sure, the ORM makes all of them 0: an id
    that no row has keeps an empty list from being that."""
    return Q(pk__in=[0, *keys])


def _counts_more_than_the_sum() -> bool:
    """Do the rules of teachers cap or choose what counts, or do other requirements flag too? Then each is assessed."""
    rules = (rule for each in _book().rule_sets if each.category == TEACHER for rule in each.rules)
    totals = (rule for rule in rules if rule.period == Period.CYCLE and rule.counting == Counting.AMOUNT)
    plain = (not rule.caps and not rule.subjects and rule.measure == Measure.HOURS for rule in totals)
    return bool(_flags_all()) or not all(plain)


def _short(rows: QuerySet[StudyPeriod]) -> list[int]:
    periods = list(rows.select_related("person"))
    return [row.period.pk for row in rows_of(periods, with_years=False) if row.is_short]


def _to_mend(rows: QuerySet[StudyPeriod]) -> list[int]:
    """Whose cycle ends this year with something missing: what counts, the rules say."""
    periods = list(rows.select_related("person")) if clock.today().year in _last_years() else []
    return [row.period.pk for row in rows_of(periods, with_years=False) if row.is_to_mend]


@once
def _book() -> Rulebook:
    return load_rulebook()


def _last_years() -> frozenset[int]:
    """In which years cycles end."""
    return _years_asked()[0]


def _flags_all() -> frozenset[int]:
    """The last years of the cycles of which other requirements flag too."""
    return _years_asked()[1]


@once
def _years_asked() -> tuple[frozenset[int], frozenset[int]]:
    """Both, in one query."""
    cycles = StudyPeriod.objects.filter(kind=StudyPeriod.Kind.CYCLE).order_by().annotate(flags=Value(False))
    flagging = CycleSetting.objects.order_by().annotate(flags=Value(True)).values_list("year", "flags")
    rows = list(cycles.values_list("last_year", "flags").distinct().union(flagging, all=True))
    return frozenset(year for year, flags in rows if not flags), frozenset(year for year, flags in rows if flags)


# --- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearCell:
    """A year of a cycle: the hours of it, and how it stands, as a class and an icon of the design."""

    year: int
    text: str
    meaning: str = ""
    icon: str = ""
    said: str = ""


@dataclass(frozen=True)
class CycleRow:
    """A person's cycle as board, workbook and list show it. Amounts in hours; `total` None: no rule asks for one."""

    period: Any
    unit: str
    title: str
    cells: Sequence[YearCell]
    intensive: Decimal
    remote: Decimal
    requirements: Mapping[Counting, Requirement]
    flags_all: bool

    @property
    def person(self) -> Person:
        person: Person = self.period.person
        return person

    @property
    def total(self) -> Requirement | None:
        return self.requirements.get(Counting.AMOUNT)

    @property
    def courses(self) -> Requirement | None:
        return self.requirements.get(Counting.COURSES)

    @property
    def trainings(self) -> Requirement | None:
        return self.requirements.get(Counting.INTENSIVE_OR_REMOTE)

    @property
    def asked(self) -> Decimal | None:
        """The total of the cycle; None: 未设定."""
        return self.total.required if self.total else None

    @property
    def hours(self) -> Decimal:
        return self.total.counted if self.total else ZERO

    @property
    def missing(self) -> Decimal:
        return self.total.missing if self.total else ZERO

    @property
    def is_short(self) -> bool:
        """Is what decides about 评聘 not reached: the hours, and where the bureau says so the other requirements?"""
        if self.asked is None:
            return False
        others = [each for each in (self.courses, self.trainings) if each] if self.flags_all else []
        return any(each.required is not None and each.missing > 0 for each in (self.total, *others) if each)

    @property
    def is_to_mend(self) -> bool:
        """Does the cycle end this year and something that notice 一(三)3 asks is missing, whether or not the total is
        set?"""
        return self.period.last_year == clock.today().year and bool(self.lacks)

    @cached_property
    def state(self) -> str:
        """A key of STATES."""
        if self.period.person.category != TEACHER:
            return "left"
        if self.is_to_mend:
            return "soon"
        if self.asked is None:
            return "unset"
        if not self.is_short:
            return "enough"
        years_ago = clock.today().year - self.period.last_year
        if years_ago < 0:
            return "running"
        return {0: "soon", 1: "flagged"}.get(years_ago, "past")

    @property
    def label(self) -> str:
        """What it means for 评聘 (notice 二(一))."""
        special = {
            "flagged": f"{self.period.last_year + 1} 年度不予评聘",
            "past": f"{self.period.last_year + 1} 年度曾不予评聘",
            "soon": "届满仍差的，次年不予评聘" if self.is_short else "届满前要补",
        }
        return special.get(self.state, STATES[self.state][0])

    @property
    def meaning(self) -> str:
        return f"is-{STATES[self.state][1] or 'wait'}"

    @property
    def lacks(self) -> str:
        """What is missing, in words; empty where nothing is."""
        said = [f"学时差 {amount_said(self.missing)}"] if self.missing else []
        said += ["未参加集中脱产或远程培训"] if self.trainings and self.trainings.missing else []
        said += [f"公共必修课差 {self.courses.missing:.0f} 门"] if self.courses and self.courses.missing else []
        return "，".join(said)


def rows_of(periods: Sequence[Any], *, with_years: bool = True) -> list[CycleRow]:
    """The rows of these cycles, in their order; a bounded number of queries. `with_years`: also year by year."""
    if not periods:
        return []
    known = _Known(periods, with_years=with_years)
    return [known.row(period) for period in periods]


class _Known:
    """What the rows of many cycles are made of, loaded at once."""

    def __init__(self, periods: Sequence[Any], *, with_years: bool) -> None:
        people = {period.person_id: period.person for period in periods}
        self.with_years = with_years
        self.book, self.flag_all = _book(), _flags_all()
        first, last = min(p.first_year for p in periods), max(p.last_year for p in periods)
        self.entries = people_entries(people.values(), first, last)
        self.records, self.away = _years(people) if with_years else ({}, {})

    def row(self, period: Any) -> CycleRow:
        """The row of one cycle."""
        span = (period.first_year, period.last_year)
        entries = [each for each in self.entries.get(period.person_id, []) if span[0] <= each.year <= span[1]]
        facts = PersonFacts(TEACHER, cycle=span, series=period.series or "")
        standing = [each for each in entries if not each.is_void and each.measure == Measure.HOURS]
        return CycleRow(
            period=period,
            unit=period.unit_name,
            title=period.title or "",
            cells=[self._cell(period, year, standing) for year in range(span[0], span[1] + 1)]
            if self.with_years
            else [],
            intensive=sum((each.amount for each in standing if each.intensive), ZERO),
            remote=sum((each.amount for each in standing if each.form == Form.REMOTE), ZERO),
            requirements=_of_cycle(self.book.assess(period.last_year, facts, entries)),
            flags_all=period.last_year in self.flag_all,
        )

    def _cell(self, period: Any, year: int, entries: Iterable[LedgerEntry]) -> YearCell:
        hours = sum((each.amount for each in entries if each.year == year), ZERO)
        text = f"{hours:.1f}"
        state = self.records.get((period.person_id, year))
        if state == AnnualRecord.State.STAMPED:
            return YearCell(year, text, "is-done", "check", "已验印")
        if year > clock.today().year:
            return YearCell(year, "·", said="未到")
        if state in (AnnualRecord.State.FAILED, AnnualRecord.State.GIVEN_UP):
            return YearCell(year, text, "is-soon", "circle-alert", "没有验印")
        if any(first <= year <= last for first, last in self.away.get(period.person_id, ())):
            return YearCell(year, text if hours else "请假", "is-idle", "pause", "经批准请假")
        if state or year >= default_year(clock.today()):
            return YearCell(year, text, "is-turn", "circle-dot", "进行中")
        return YearCell(year, text if hours else "缺", "is-soon", "circle-alert", "没有验印")


def _years(people: Iterable[int]) -> tuple[dict[tuple[int, int], str], dict[int, list[tuple[int, int]]]]:
    """How the years of these people stand by (person, year), and by person the years in which an approved absence
    begins and ends. One query."""
    records = AnnualRecord.objects.filter(person__in=people).order_by()
    leaves = Leave.objects.approved().filter(person__in=people).order_by()
    away = {"said": Value(AWAY), "first": ExtractYear("starts_on"), "last": ExtractYear("ends_on")}
    rows = records.annotate(said=F("state"), first=F("year"), last=F("year")).values_list("person_id", *away)
    states: dict[tuple[int, int], str] = {}
    absences: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person, said, first, last in rows.union(leaves.annotate(**away).values_list("person_id", *away), all=True):
        if said == AWAY:
            absences[person].append((first, last))
        else:
            states[person, first] = said
    return states, absences
