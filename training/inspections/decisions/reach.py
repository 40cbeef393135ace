"""How far a decision reaches, before it is made: counted by what acts later (training.recognition.rulings)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain

from django.db.models import QuerySet

from luojiang_ce.once import once_per_row
from training.attendance.pages import slot_label
from training.half_days import SlotKey, order_of, slots_of
from training.inspections.decisions.models import Decision
from training.recognition.corrections.reach import Change, Rest, resting_on_classes
from training.recognition.corrections.reach import Reach as ClassReach
from training.recognition.counting import Tally, Trainee
from training.recognition.hours import ZERO
from training.recognition.models import Recognition, Ruling
from training.recognition.rulings.reach import reach_of as reach_of_ruling
from training.recognition.rulings.reach import recognition_of


@dataclass(frozen=True)
class HalfDayShown:
    """A half-day, and for how many it counts before and after."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class OneClass:
    """A class that the decision reaches: its ruling, its recognition if there is one, its hours before and after."""

    ruling: Ruling
    recognition: Recognition | None
    reach: ClassReach

    @property
    def is_posted(self) -> bool:
        """Are its hours in the ledger, so that they change at once?"""
        return self.recognition is not None and self.recognition.state in Recognition.POSTED

    @property
    def is_pending(self) -> bool:
        """Is its recognition under way? Then it is counted without these half-days, or not recognised at all."""
        return self.recognition is not None and self.recognition.state in PENDING

    @property
    def to_decide(self) -> list[Trainee]:
        """Whose amounts the half-days that are left do not tell. Of a class that is not in the ledger nobody has any
        yet: its recognition says them."""
        return self.reach.to_decide if self.is_posted else []

    @cached_property
    def half_days(self) -> list[HalfDayShown]:
        """Every half-day of the class, in order of time, and for how many it counts now and then."""
        before, after = counted_in(self.reach.before), counted_in(self.reach.after)
        return [HalfDayShown(slot_label(key), before[key], after[key]) for key in sorted(before, key=order_of)]

    @property
    def taken(self) -> int:
        """How many half-days somebody loses."""
        return sum(each.after < each.before for each in self.half_days)


def counted_in(found: Tally) -> dict[SlotKey, int]:
    """For how many each half-day counts."""
    counted: dict[SlotKey, int] = defaultdict(int)
    for trainee in found.trainees:
        for each in trainee.result.half_days:
            counted[each.date, each.half_day] += each.counted
    return counted


PENDING = (Recognition.State.DRAFT, Recognition.State.SUBMITTED, Recognition.State.RETURNED, Recognition.State.CHECKED)


@dataclass(frozen=True)
class Reach:
    """Everything that a decision reaches, class by class and together."""

    classes: list[OneClass]

    @property
    def posted(self) -> list[OneClass]:
        return [each for each in self.classes if each.is_posted]

    @property
    def pending(self) -> list[OneClass]:
        return [each for each in self.classes if each.is_pending]

    @property
    def to_decide(self) -> list[Trainee]:
        """Whose amounts the half-days that are left do not tell; the decision must say them."""
        return list(chain.from_iterable(each.to_decide for each in self.classes))

    @cached_property
    def changes(self) -> list[Change]:
        """Who loses what, class by class."""
        return list(chain.from_iterable(each.reach.changes for each in self.classes))

    @property
    def hours(self) -> Decimal:
        """How much comes out of the ledger at once."""
        changed = chain.from_iterable(each.reach.changes for each in self.posted)
        return -sum((each.difference for each in changed if each.enrolment.person_id), ZERO)

    @property
    def people(self) -> int:
        """How many persons lose something; who is in two of the classes counts once."""
        return len({each.enrolment.person_id or f"-{each.enrolment.pk}" for each in self.changes})

    @property
    def units(self) -> int:
        return len({each.enrolment.employer for each in self.changes if each.enrolment.employer})

    @property
    def taken(self) -> int:
        return sum(each.taken for each in self.classes)

    @cached_property
    def rest(self) -> Rest:
        """What was decided on these hours. Four queries a class and seven a year, however many people."""
        return resting_on_classes(
            (each.recognition, each.reach.after, each.ruling) for each in self.posted if each.recognition
        )


def rulings_of(decision: Decision) -> QuerySet[Ruling]:
    """What the decision says of classes, drafted or in force, with what the counting needs of them."""
    rows = Ruling.objects.of(decision).select_related("application__unit", "application__project")
    return rows.prefetch_related("lines__enrolment", "application__timetable").order_by("pk")


def chosen_of(ruling: Ruling) -> set[SlotKey]:
    """The half-days that it names."""
    return {(each.date, each.half_day) for each in ruling.lines.all() if each.date}


def slots_in(ruling: Ruling) -> set[SlotKey]:
    """The half-days of its class, as the timetable stands now."""
    return {slot.key for slot in slots_of(ruling.application.lessons())}


@once_per_row
def reach_of(decision: Decision) -> Reach:
    """Before it is decided. About fifteen queries a class, however many people; once per loaded row."""
    return Reach([OneClass(each, recognition_of(each), reach_of_ruling(each)) for each in rulings_of(decision)])
