"""What a decided correction, or a ruling, writes: what was found anew for each trainee, and the difference between
what stands in the ledger and what was counted anew.

No entry is changed. What is different is countered, and the new amounts are posted with what was decided as source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, Q

from luojiang_ce.access import Actor, case_key
from luojiang_ce.workflow.engine import SYSTEM
from training.choices import Assessment
from training.half_days import Why
from training.recognition.case import entries_of, outcome_of
from training.recognition.counting import Tally
from training.recognition.hours import LedgerKey, Posted, posted_anew
from training.recognition.models import Outcome, Recognition, RecognitionCorrection, Ruling
from training.recognition.person_line import line_of
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, counter_many, drawn_up, post

REASON = 300  # characters of an entry's explanation


@dataclass(frozen=True)
class Held:
    """An entry of the class, and the last of those that countered it and one another (the entry itself: none)."""

    entry: LedgerEntry
    last: LedgerEntry

    @property
    def stands(self) -> bool:
        return self.last.amount > 0

    @property
    def key(self) -> LedgerKey:
        return self.entry.year, self.entry.subject, self.entry.course


@dataclass(frozen=True)
class Difference:
    """What is countered and posted for one person."""

    person_id: int
    countered: list[LedgerEntry]
    posted: list[NewEntry]

    @property
    def years(self) -> set[int]:
        return {each.year for each in self.countered} | {each.year for each in self.posted}

    def rows(self, source: Model) -> list[LedgerEntry]:
        """The rows that it would write."""
        return drawn_up(countered=self.countered, posted=self.posted, source=source, actor=SYSTEM)


def differences(recognition: Recognition, found: Tally) -> list[Difference]:
    """Whose entries of the class are others than what was counted, and what makes them right. At most four queries."""
    wanted: dict[int, dict[LedgerKey, NewEntry]] = defaultdict(dict)
    for entry in _wanted(recognition, found):
        wanted[entry.person_id][entry.year, entry.subject, entry.course] = entry
    held: dict[int, list[Held]] = defaultdict(list)
    for each in entries_held(recognition):
        held[each.entry.person_id].append(each)
    people = (_difference(person, held[person], wanted[person]) for person in sorted({*wanted, *held}))
    return [each for each in people if each.years]


def post_difference(recognition: Recognition, found: Tally, *, source: Model, reason: str, actor: Actor) -> None:
    """Write it: counter-entries that name the source, and new entries. Seven queries, however many people."""
    changes, reason = differences(recognition, found), reason[:REASON]
    countered = [one for each in changes for one in each.countered]
    counter_many(entries=countered, reason=reason, actor=actor, source=source)
    entries = [replace(one, reason=one.reason or reason) for each in changes for one in each.posted]
    post(entries=entries, source=source, actor=actor)


@dataclass(frozen=True)
class Changed:
    """A trainee of whom something else was found than before: half-days that count, or amounts."""

    before: Outcome | None
    after: Outcome

    @property
    def values(self) -> dict[str, Any]:
        """As it is kept with what was decided."""
        before = self.before.amounts if self.before else []
        return {"enrolment": self.after.enrolment, "before": before, "after": self.after.amounts}


def keep_outcomes(recognition: Recognition, found: Tally) -> list[Changed]:
    """Freeze anew what was found for each trainee. Returns who changed. Two statements, however many trainees."""
    known = {row.enrolment_id: row for row in recognition.outcomes.all()}
    now = [outcome_of(recognition, trainee) for trainee in found.trainees]
    Outcome.objects.bulk_create(
        [each for each in now if _kept_of(each) != _kept_of(known.get(each.enrolment_id))],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["recognition", "enrolment"],
        update_fields=KEPT,
    )
    pairs = [Changed(known.get(each.enrolment_id), each) for each in now]
    return [each for each in pairs if _found_in(each.before) != _found_in(each.after)]


KEPT = ("half_days", "amounts", "assessment", "posted", "why_not")


def _kept_of(outcome: Outcome | None) -> list[Any] | None:
    return [getattr(outcome, name) for name in KEPT] if outcome else None


def _found_in(outcome: Outcome | None) -> list[Any] | None:
    """What is found: the half-days that count, whatever the reason of the others, and the amounts."""
    counted = [each for each in outcome.half_days if each["why"] == Why.COUNTED] if outcome else []
    return [counted, outcome.amounts] if outcome else None


def entries_held(recognition: Recognition) -> list[Held]:
    """What the class has posted, by the decision, a correction or a ruling, and how it stands. Three queries as a
    rule."""
    sources = (
        (RecognitionCorrection, recognition.corrections.values("pk")),
        (Ruling, Ruling.objects.filter(application=recognition.application_id).values("pk")),
    )
    own_type, own = case_key(recognition)
    source = Q(source_type=own_type, source_id=own)
    for model, pks in sources:
        source |= Q(source_type=model._meta.label_lower, source_id__in=pks)
    rows = LedgerEntry.objects.filter(source)
    entries = list(rows.filter(counter_of=None).order_by("pk"))
    last = {entry.pk: entry for entry in entries}
    root = {entry.pk: entry.pk for entry in entries}
    layer: Sequence[LedgerEntry] = entries
    while layer:
        layer = list(LedgerEntry.objects.filter(counter_of__in=layer).select_related("counter_of"))
        for each in layer:
            root[each.pk] = root[each.counter_of_id or 0]
            last[root[each.pk]] = each
    return [Held(entry, last[entry.pk]) for entry in entries]


def _wanted(recognition: Recognition, found: Tally) -> Iterable[NewEntry]:
    application = recognition.application
    lessons, assessed = application.lessons(), application.assessment != Assessment.NONE
    lines = (line_of(trainee, assessed=assessed) for trainee in found.trainees if not trainee.why_not)
    return [entry for line in lines for entry in entries_of(application, line, lessons)]


def _difference(person_id: int, held: Sequence[Held], wanted: dict[LedgerKey, NewEntry]) -> Difference:
    standing = {each.key: each for each in held if each.stands}
    years = posted_anew(
        {key: Posted(each.entry.amount, each.entry.source) for key, each in standing.items()},
        {key: entry.amount for key, entry in wanted.items()},
        {each.entry.source for each in held if not each.stands},
    )
    return Difference(
        person_id,
        [each.last for key, each in standing.items() if key[0] in years],
        [entry for key, entry in wanted.items() if key[0] in years],
    )
