"""What the page of a correction shows: the changes as they are written, and the people with old and new hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from training.classes.models import Enrolment
from training.classes.models.enrolment import names_apart
from training.recognition.corrections.reach import Amounts, Change
from training.recognition.hours import ZERO
from training.recognition.models import CorrectionLine, RecognitionCorrection
from training.recognition.page_data import SHORT
from verification.choices import Subject

Kind = CorrectionLine.Kind


@dataclass(frozen=True)
class LineShown:
    """A change as the list shows it: the amounts of one trainee are one. `line`: by which it is taken back."""

    line: CorrectionLine
    whom: str
    what: str
    reason: str


def lines_of(case: RecognitionCorrection) -> list[LineShown]:
    """What a correction changes, in the order in which it was written."""
    apart = names_apart(line.enrolment for line in case.lines.all() if line.enrolment)
    alike = attrgetter("kind", "enrolment_id", "person_id", "date", "half_day")
    return [_shown(list(lines), apart) for _, lines in groupby(case.lines.all(), alike)]


def _shown(lines: list[CorrectionLine], apart: Mapping[Any, str]) -> LineShown:
    first = lines[0]
    left_out = first.person_id is not None
    whom = f"{apart[first.enrolment_id]}{'（补列）' if left_out else ''}" if first.enrolment_id else first.whom
    return LineShown(first, whom, "，".join(line.what for line in lines), first.reason)


@dataclass(frozen=True)
class PersonShown:
    """A trainee concerned: hours before and after, in words, and the half-days that changed."""

    name: str
    employer: str
    masked_id: str
    before: str
    after: str
    difference: str
    half_days: tuple[str, ...]
    reasons: tuple[str, ...]


def kept_changes(rows: QuerySet[Any]) -> list[Change]:
    """What a decided correction, or a ruling, changed (Corrected, Ruled). One query."""
    return [
        Change(row.enrolment, _amounts(row.before), _amounts(row.after), (), _reasons(row.after))
        for row in rows.select_related("enrolment")
    ]


def _amounts(kept: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str], Decimal]:
    return {(each["year"], each["subject"]): Decimal(each["amount"]) for each in kept if Decimal(each["amount"])}


def _reasons(kept: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each["reason"] for each in kept if each["reason"]))


def people_of(changes: Sequence[Change], shown: Iterable[Change]) -> list[PersonShown]:
    """The rows of a page of the changes, namesakes among all of them told apart."""
    apart = names_apart(each.enrolment for each in changes)
    return [_person(each, apart[each.enrolment.pk]) for each in shown]


def _person(change: Change, name: str) -> PersonShown:
    row: Enrolment = change.enrolment
    return PersonShown(
        name,
        row.employer,
        row.masked_id,
        said(change.before),
        said(change.after),
        f"{change.difference.normalize():+f}" if change.difference else f"{ZERO:f}",
        change.half_days,
        change.reasons,
    )


def said(amounts: Amounts) -> str:
    """2026年 公共 4，专业 8；2027年 专业 4"""
    years = groupby(sorted(amounts.items()), lambda each: each[0][0])
    parts = (
        f"{year}年 {'，'.join(f'{SHORT[Subject(subject)]} {amount.normalize():f}' for (_, subject), amount in found)}"
        for year, found in years
    )
    return "；".join(parts) or f"{ZERO:f}"
