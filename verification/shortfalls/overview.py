"""Everybody of a unit, or of the district, counted: at once where they are few, else by lines that the worker writes.

Counting a thousand people takes about a second, so whoever is more is counted in the background.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress, ask_for
from luojiang_ce.once import keeping
from units.access import unit_scope
from units.extensions.reading import current_terms
from units.models import Employment, Unit
from units.terms import Terms
from verification.batches.filers import is_filed_for

from .models import Filing, Reminder, Standing, StandingLine, reminder_of
from .standing import PersonYear, jobs_of, stand

KIND = "standings"  # of jobs
AT_ONCE = 500  # people
CHUNK = 500


@dataclass(frozen=True)
class Everybody:
    """The people of a unit: their lines; `years` in full, where they were counted at once, else empty; `made_at`: when
    they were counted, None for just now. `uncounted`: nobody has counted them yet."""

    lines: Sequence[StandingLine]
    years: Sequence[PersonYear] = ()
    made_at: datetime | None = None
    uncounted: bool = False


def everybody(unit: Unit, year: int) -> Everybody:
    """Everybody of a unit in a year."""
    jobs = _few(jobs_of(year).filter(unit=unit).order_by("person__pinyin", "pk"))
    if jobs is not None:
        years = stand(jobs, year, current_terms(), clock.now())
        return Everybody([each.as_line() for each in years], years)
    lines = list(StandingLine.objects.filter(unit=unit, year=year).order_by("person__pinyin", "pk"))
    return Everybody(lines, (), min((line.made_at for line in lines), default=None), not lines)


def short_ones(unit: Unit, year: int) -> Everybody:
    """Who is short now (`years`). Where people are many, of those who were when they were counted."""
    found = everybody(unit, year)
    years = found.years
    if found.made_at:
        pks = [line.person_id for line in found.lines if line.standing == Standing.SHORT]
        jobs = jobs_of(year).filter(unit=unit, person__in=pks).order_by("person__pinyin", "pk")
        years = stand(jobs, year, current_terms(), clock.now())
    return replace(found, years=[each for each in years if each.standing is Standing.SHORT])


@dataclass
class Tally:
    """A unit's numbers: how many stand how, and how many who have to be filed are not; `is_filed`: does anybody file
    for it?"""

    unit: Unit
    year: int
    standings: Counter[str] = field(default_factory=Counter)
    unfiled: int = 0
    reminded: Reminder | None = None
    is_filed: bool = True

    @property
    def people(self) -> int:
        return self.standings.total()

    @property
    def short(self) -> int:
        return self.standings[Standing.SHORT]

    @property
    def met(self) -> int:
        return self.standings[Standing.MET]

    @property
    def on_its_way(self) -> int:
        return self.standings[Standing.ON_ITS_WAY]

    @property
    def waived(self) -> int:
        return self.standings[Standing.WAIVED]

    @property
    def on_leave(self) -> int:
        return self.standings[Standing.ON_LEAVE]

    @property
    def open(self) -> int:
        """Cycles that go on, and what nobody could judge."""
        return self.standings[Standing.OPEN] + self.standings[Standing.UNDETERMINED]

    @property
    def overdue(self) -> int:
        """Who should be filed by now: nobody while the year goes on."""
        return self.unfiled if self.year < clock.today().year else 0

    @property
    def is_to_be_reminded(self) -> bool:
        return bool(self.short or self.overdue)

    @property
    def can_be_reminded(self) -> bool:
        """Now, with somebody who is told."""
        return self.is_to_be_reminded and self.is_filed and not self.reminded_today

    @property
    def said(self) -> str:
        """What a reminder would say now."""
        return reminder_of(self.year, self.short, self.overdue)

    @property
    def reminded_today(self) -> bool:
        return self.reminded is not None and self.reminded.day == clock.today()


@dataclass(frozen=True)
class Overview:
    """The units that an account sees, with their numbers; `made_at`: the oldest of them, None for just now."""

    tallies: Sequence[Tally]
    made_at: datetime | None = None
    uncounted: bool = False


def overview(account: Actor, year: int) -> Overview:
    """Unit by unit, by code. The number of queries does not grow with people or units."""
    jobs = _few(jobs_of(year).filter(unit_scope(account)).annotate(is_filed=is_filed_for("unit")))
    if jobs is not None:
        lines = [each.as_line() for each in stand(jobs, year, current_terms(), clock.now())]
        units = {job.unit_id: (job.unit, job.is_filed) for job in jobs}  # type: ignore[attr-defined]  # as annotated
        return Overview(_tallies(Counter((row.unit_id, row.standing, row.filing) for row in lines), year, units))
    stored = StandingLine.objects.visible_to(account).filter(year=year)
    made_at = stored.aggregate(at=Min("made_at"))["at"]
    grouped = stored.order_by().values_list("unit", "standing", "filing").annotate(Count("pk"))
    found: Counter[tuple[int, str, str]] = Counter({tuple(key): n for *key, n in grouped})
    rows = Unit.objects.annotate(is_filed=is_filed_for()).filter(pk__in={unit_id for unit_id, *_ in found})
    units = {unit.pk: (unit, unit.is_filed) for unit in rows}  # type: ignore[attr-defined]  # as annotated
    return Overview(_tallies(found, year, units), made_at, made_at is None)


def tally_of(unit: Unit, year: int, lines: Iterable[StandingLine]) -> Tally:
    """The numbers of these lines of a unit."""
    tally = Tally(unit, year)
    for line in lines:
        tally.standings[line.standing] += 1
        tally.unfiled += line.filing == Filing.NONE
    return tally


def _few(jobs: QuerySet[Employment]) -> list[Employment] | None:
    """These, where they are so few that they are counted at once."""
    found = list(jobs[: AT_ONCE + 1])
    return found if len(found) <= AT_ONCE else None


def tallies_of(units: Sequence[Unit], year: int) -> list[Tally]:
    """The numbers of these units as they are now, whatever was counted before."""
    jobs = jobs_of(year).filter(unit__in=units)
    found: Counter[tuple[int, str, str]] = Counter()
    for line in _counted(list(jobs), year, current_terms()):
        found[line.unit_id, line.standing, line.filing] += 1
    return _tallies(found, year, {unit.pk: (unit, True) for unit in units})


def _tallies(found: Counter[tuple[int, str, str]], year: int, units: Mapping[int, tuple[Unit, bool]]) -> list[Tally]:
    """Of each of these units, with whether anybody files for it."""
    by_unit: dict[int, Tally] = {}
    for (unit_id, standing, filing), number in found.items():
        unit, is_filed = units[unit_id]
        tally = by_unit.setdefault(unit_id, Tally(unit, year, is_filed=is_filed))
        tally.standings[standing] += number
        tally.unfiled += number * (filing == Filing.NONE)
    last = Reminder.objects.filter(unit__in=by_unit, year=year).values("unit").annotate(last=Max("pk")).values("last")
    for reminder in Reminder.objects.filter(pk__in=last):
        by_unit[reminder.unit_id].reminded = reminder
    return sorted(by_unit.values(), key=lambda each: each.unit.code)


# --- the worker counts ------------------------------------------------------------------------------------------------


def count_anew(*, year: int, actor: Actor, unit: Unit | None = None) -> Job:
    """Have everybody counted in the background: of one unit, or of all."""
    title = f"计算达标情况：{unit.name if unit else '全区'}（{year} 年度）"
    return ask_for(KIND, title=title, owner=actor, args={"year": year, "unit": unit.pk if unit else None})


def count_in_background(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work."""
    year, unit = int(job.args["year"]), job.args["unit"]
    number = count_all(year, unit, progress)
    address = reverse("shortfalls:unit", args=[unit]) if unit else reverse("shortfalls:overview")
    return f"已计算 {number} 人", f"{address}?year={year}"


def count_all(year: int, unit_id: int | None = None, progress: Progress = lambda done, total: None) -> int:
    """Write the lines of everybody anew, or of one unit's people; returns how many there are. Repeating it, or two at
    once, does no harm: a unit's lines are replaced as one."""
    jobs = jobs_of(year).order_by("unit", "pk")
    keys = list((jobs if unit_id is None else jobs.filter(unit=unit_id)).values_list("pk", "unit"))
    by_unit: dict[int, list[int]] = defaultdict(list)
    for pk, of in keys:
        by_unit[of].append(pk)
    done = 0
    with keeping():
        terms = current_terms()
    for of, pks in by_unit.items():
        progress(done, len(keys))
        _replace(of, year, _counted(list(jobs.filter(pk__in=pks)), year, terms))
        done += len(pks)
    if unit_id is None:
        StandingLine.objects.filter(year=year).exclude(unit__in=by_unit).delete()
    return len(keys)


def _counted(jobs: Sequence[Employment], year: int, terms: Terms) -> list[StandingLine]:
    lines = []
    for start in range(0, len(jobs), CHUNK):
        lines += [each.as_line() for each in stand(jobs[start : start + CHUNK], year, terms, clock.now())]
    return lines


@transaction.atomic
def _replace(unit_id: int, year: int, lines: Sequence[StandingLine]) -> None:
    Unit.objects.select_for_update().filter(pk=unit_id).first()  # two who count the same unit come one after the other
    StandingLine.objects.filter(unit=unit_id, year=year).delete()
    StandingLine.objects.bulk_create({line.person_id: line for line in lines}.values(), batch_size=500)


def count_where_many() -> int:
    """Every night: the present year and the last, where they are too many to be counted when somebody looks."""
    this_year = clock.today().year
    years = [year for year in (this_year, this_year - 1) if jobs_of(year).count() > AT_ONCE]
    return sum(count_all(year) for year in years)
