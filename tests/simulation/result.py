"""What a scenario came to: how every year of every person stands, the classes, what nobody met in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Sum

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.models import Notice
from tests.simulation.setup import World
from training.classes.models import ClassApplication
from units.extensions.models import Lapse
from units.models import Assignment, Employment, Person
from verification.batches.candidates import employed_in_year
from verification.batches.in_time import due_of, on_leave
from verification.batches.models import AnnualRecord, Batch
from verification.ledger.models import LedgerEntry, people_entries
from verification.requirements.assess import PersonFacts
from verification.requirements.services import load_rulebook, years_needed
from verification.verdicts import assessments

R = AnnualRecord.State
BELONGS = "　　"  # how a reminder's lines of names begin: they belong to the line above


def result_of(world: World, scenario: Mapping[str, Any], done: Sequence[bool]) -> dict[str, Any]:
    """The answer of the program, as of the clock; `done`: which of its events the product let happen."""
    years, opened = scenario["report"], [each["class"] for each in scenario["events"] if each["act"] == "open"]
    told = _reminders()
    people = {key: {str(year): _standing(person, year, told) for year in years} for key, person in world.people.items()}
    return {"events": list(done), "people": people, "classes": _classes(world, opened), "lapses": _lapses(world)}


def _standing(person: Person, year: int, told: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    record = AnnualRecord.objects.filter(person=person, year=year).select_related("batch", "unit").first()
    job = Employment.objects.filter(person=person).select_related("unit").order_by("-started_on").first()
    unit = record.unit if record else job.unit if job else None
    named = (
        day for day, lines in told.items() if any(person.name in line and f"{year} 年度" in line for line in lines)
    )
    return {
        "unit": unit.code if unit else None,
        "record": _record(person, year, record),
        "verdict": _verdict(person, year, record),
        "amounts": _amounts(person, year),
        "warned": len(set(named)),
    }


def _record(person: Person, year: int, record: AnnualRecord | None) -> str:
    if record and record.batch and record.state == R.FILED:
        return "in_review" if record.batch.state == Batch.State.IN_REVIEW else "filed"
    if record and (record.batch or record.state != R.LISTED):
        return str(record.state)
    job = Employment.objects.on(clock.today()).filter(person=person).select_related("unit").first()
    if job is None or not Person.objects.filter(employed_in_year(year, "pk"), pk=person.pk).exists():
        return "none"
    return "on_leave" if on_leave(due_of(job.unit, year).due, [person.pk]) else "owed"


def _verdict(person: Person, year: int, record: AnnualRecord | None) -> str:
    """By what was frozen of the person and of the rules when the year was filed, and what the ledger says now: hours
    that were taken after the stamp show."""
    if not record or not record.first_submitted_at:
        return str(assessments([person], year)[person.pk].outcome)
    frozen, rules = record.facts, record.facts["rules"]
    spans = {name: tuple(frozen[name]) if frozen[name] else None for name in ("tenure", "cycle")}
    facts = PersonFacts(frozen["category"], frozen["institution_level"], **spans, series=frozen["series"])
    first, last = years_needed(year, facts)
    entries = people_entries([person], first, last).get(person.pk, [])
    return str(load_rulebook({rules["rule_set"]}).assess_as_told(rules, year, facts, entries).outcome)


def _amounts(person: Person, year: int) -> dict[str, str]:
    rows = LedgerEntry.objects.filter(person=person, year=year).order_by()
    sums = rows.values_list("subject").annotate(Sum("amount"))
    return {subject: f"{amount.normalize():f}" for subject, amount in sums if amount}


def _reminders() -> dict[str, list[str]]:
    """What the units' clerks were reminded of, by day: each duty with the lines that name people."""
    clerks = Assignment.objects.filter(role=Role.UNIT_CLERK).values("account")
    told: dict[str, list[str]] = {}
    for key, text in Notice.objects.filter(recipient__in=clerks, key__startswith="reminder-").values_list(
        "key", "text"
    ):
        told.setdefault(key, []).extend(_duties(text))
    return told


def _duties(text: str) -> Iterator[str]:
    return iter(text.replace(f"\n{BELONGS}", BELONGS).splitlines())


def _classes(world: World, opened: Sequence[str]) -> dict[str, str | None]:
    """None: its application was refused when it was filed."""
    states = dict(ClassApplication.objects.values_list("pk", "state"))
    return {key: states[world.classes[key].pk] if key in world.classes else None for key in opened}


def _lapses(world: World) -> list[list[Any]]:
    keys = {str(case.pk): key for key, case in world.classes.items()}
    rows = Lapse.objects.standing().order_by("unit__code", "kind", "subject")
    found = rows.values_list("unit__code", "kind", "subject")
    return [[unit, kind, keys.get(subject) or _year(subject)] for unit, kind, subject in found]


def _year(subject: str) -> int | str:
    return int(subject) if subject.isdigit() else subject
