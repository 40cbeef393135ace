"""How far a correction reaches, before it is decided: whose hours become others, and what was decided on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model, prefetch_related_objects

from luojiang_ce.once import once_per_row
from training.classes.models import Enrolment
from training.half_days import SlotKey
from training.recognition.corrections.ledger import differences
from training.recognition.counting import Tally, Trainee, correction_value, decided_corrections, gather
from training.recognition.hours import ZERO, Correction, Final
from training.recognition.models import Recognition, RecognitionCorrection
from training.recognition.person_line import line_of
from units.models import Person
from verification.ledger.registry import Resting, resting_on
from verification.requirements.assess import Outcome
from verification.verdicts import verdicts_with

Amounts = Mapping[tuple[int, str], Decimal]


def amounts_of(finals: Sequence[Final]) -> dict[tuple[int, str], Decimal]:
    """What is recognised, by year and subject, without what is nothing."""
    return {(each.year, each.subject): each.amount for each in finals if each.amount}


@dataclass(frozen=True)
class Change:
    """A trainee whose hours or half-days become others."""

    enrolment: Enrolment
    before: Amounts
    after: Amounts
    half_days: tuple[str, ...]  # those that count now and did not, or the other way round, in words
    reasons: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal:
        """How much more (or less) there is in all."""
        return sum(self.after.values(), ZERO) - sum(self.before.values(), ZERO)


@dataclass(frozen=True)
class Reach:
    """A class as it stands, and as it will when this correction is decided."""

    before: Tally
    after: Tally
    decided: tuple[Correction, ...]

    @cached_property
    def changes(self) -> list[Change]:
        """Whose hours or half-days become others, in the order of the list."""
        old = {each.enrolment.pk: each for each in self.before.trainees}
        pairs = ((old.get(each.enrolment.pk), each) for each in self.after.trainees)
        return [_change(before, after) for before, after in pairs if before is None or _differs(before, after)]

    @cached_property
    def to_decide(self) -> list[Trainee]:
        """For whom the correction must say the amount, because the half-days alone do not tell it any more."""
        return [*self.after.undecided, *self.after.outdated]


@once_per_row
def reach_of(case: RecognitionCorrection) -> Reach:
    """The class before and after; at most ten queries, once per loaded row."""
    recognition, decided = case.recognition, decided_corrections(case.recognition)
    prefetch_related_objects([case], "lines__person")
    unlisted = [line.person for line in case.lines.all() if line.person and not line.enrolment_id]
    found = gather(recognition, with_employer(unlisted))
    then = found.tally([*decided, correction_value(case)])
    before = found.tally(decided)
    listed = tuple(each for each in before.trainees if (each.enrolment.pk or 0) > 0)
    return Reach(Tally(before.case, listed, before.signs), then, tuple(decided))


def with_employer(people: Sequence[Person]) -> list[Person]:
    """These people, each once, with where they work at hand. Two queries, none without people."""
    if not people:
        return []
    rows = Person.objects.filter(pk__in={person.pk for person in people}).order_by("pk")
    return list(rows.prefetch_related("employments__unit"))


def employer_of(person: Person) -> tuple[int | None, str]:
    """Where a person works now, of those of `with_employer`; nothing for who works nowhere."""
    job = next((each for each in person.employments.all() if each.ended_on is None), None)
    return (job.unit_id, job.unit.name) if job else (None, "")


def _differs(old: Trainee, new: Trainee) -> bool:
    """A half-day that did not count and does not count now for another reason takes nothing from anybody."""
    return _counted(old) != _counted(new) or amounts_of(old.finals) != amounts_of(new.finals)


def _change(old: Trainee | None, new: Trainee) -> Change:
    counted, counts = _counted(old), _counted(new)
    return Change(
        new.enrolment,
        amounts_of(old.finals) if old else {},
        amounts_of(new.finals),
        tuple(
            f"{each.label}{'计入' if each.counted else '不计'}"
            for each in line_of(new, assessed=False).half_days
            if (each.day, each.half_day) in counted ^ counts
        ),
        tuple(dict.fromkeys(each.reason for each in new.finals if each.reason)),
    )


def _counted(trainee: Trainee | None) -> set[SlotKey]:
    return {(each.date, each.half_day) for each in trainee.result.half_days if each.counted} if trainee else set()


# --- what rests on it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rest:
    """What was decided on the hours that change: yearly records with their papers, and whose verdict becomes worse."""

    resting: list[tuple[str, Resting]]  # with the name of the person
    worse: list[tuple[str, int, str, str]]  # name, year, verdict now, verdict then

    @property
    def papers(self) -> int:
        return sum(len(each.papers) for _, each in self.resting)


def rest_of(case: RecognitionCorrection) -> Rest:
    """What rests on the hours that a correction changes. Queries: see `resting_on_classes`."""
    return resting_on_classes([(case.recognition, reach_of(case).after, case)])


def resting_on_classes(counted: Iterable[tuple[Recognition, Tally, Model]]) -> Rest:
    """What was decided on the hours that become others when these classes are counted so, each with the source of what
    would be posted: taken together, as one act. Four queries a class and seven a year that is touched, however many
    people."""
    people: dict[int, Person] = {}
    touched: dict[int, set[int]] = defaultdict(set)
    drawn: dict[int, list[Any]] = defaultdict(list)
    for recognition, after, source in counted:
        people |= {each.enrolment.person.pk: each.enrolment.person for each in after.trainees if each.enrolment.person}
        for each in differences(recognition, after):
            drawn[each.person_id] += each.rows(source)
            for year in each.years:
                touched[year].add(each.person_id)
    resting = [(people[one.person_id].name, one) for year in sorted(touched) for one in resting_on(touched[year], year)]
    worse = [
        one for year in sorted(touched) for one in _worse([people[pk] for pk in sorted(touched[year])], year, drawn)
    ]
    return Rest(resting, worse)


def _worse(people: list[Person], year: int, drawn: Mapping[int, Any]) -> Iterator[tuple[str, int, str, str]]:
    """Whose year was met and would not be any more."""
    names = {person.pk: person.name for person in people}
    for pk, (now, then) in verdicts_with(people, year, drawn).items():
        if now.outcome == Outcome.MET.value and then.outcome != now.outcome:
            yield names[pk], year, now.label, then.label
