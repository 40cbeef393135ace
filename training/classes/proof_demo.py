"""Proofs of teaching of the demo district: one that was issued, one that waits for the handler."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from training.classes.models import Lecturer, TeachingProof
from training.classes.services.proofs import draft_proof
from training.classes.teaching import with_hours
from units.demo import account, clerk_of, moment, workdays_from_today


def build() -> str:
    """For the first lecturers of whose teaching something was recognised; nothing where there are requests already."""
    if TeachingProof.objects.exists():
        return "演示授课证明已有，未改动"
    year = clock.today().year
    lecturers: Any = with_hours(Lecturer.objects.select_related("unit"), year)
    known = lecturers.filter(hours__gt=0).order_by("pk")[:2]
    made = [_asked(lecturer, year, days_ago) for lecturer, days_ago in zip(known, (6, 2), strict=False)]
    for case in made[:1]:
        _issued(case)
    return f"{len(made)} 件授课证明"


def _asked(lecturer: Lecturer, year: int, days_ago: int) -> TeachingProof:
    clerk = clerk_of(lecturer.unit)
    with clock.at(moment(workdays_from_today(-days_ago))):
        case = draft_proof(lecturer=lecturer, year=year, actor=clerk)
        fire(case, "submit", actor=clerk)
    return case


def _issued(case: TeachingProof) -> None:
    with clock.at(moment(workdays_from_today(-4))):
        fire(case, "check", actor=account("handler"))
    with clock.at(moment(workdays_from_today(-3))):
        fire(case, "issue", actor=account("approver"))
