"""Proofs of teaching of the demo district, in every state: a lecturer for each."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from training.classes.models import Lecturer, TeachingProof
from training.classes.services.proofs import draft_proof
from training.classes.teaching import with_hours
from units.demo import account, clerk_of, moment, workdays_from_today

# What happened to the request of each lecturer after it was filed, by whom, and what was said.
LIVES: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (("check", "handler", ""), ("issue", "approver", "")),
    (),
    (("check", "handler", ""),),
    (("return", "handler", ""),),
    (("check", "handler", ""), ("refuse", "approver", "该教师为本单位在编人员，按单位内部规定出具")),
    (("check", "handler", ""), ("issue", "approver", ""), ("revoke", "approver", "教师姓名有误，另行出具")),
    (("return", "handler", ""), ("cancel", "", "")),
)
RETURNED = ({"where": "年度", "wrong": "年度选错", "mend": "作废后按正确的年度重新申请"},)


def build() -> str:
    """For the lecturers of whose teaching something was recognised; nothing where there are requests already."""
    if TeachingProof.objects.exists():
        return "演示授课证明已有，未改动"
    year = clock.today().year
    lecturers: Any = with_hours(Lecturer.objects.select_related("unit"), year)
    known = list(lecturers.filter(hours__gt=0).order_by("pk"))
    for lecturer, life in zip(known, LIVES, strict=False):
        _live(lecturer, year, life)
    for lecturer in known[len(LIVES) :][:1]:
        draft_proof(lecturer=lecturer, year=year, actor=clerk_of(lecturer.unit))
    return f"{TeachingProof.objects.count()} 件授课证明"


def _live(lecturer: Lecturer, year: int, life: tuple[tuple[str, str, str], ...]) -> None:
    """One step a working day, the last of them yesterday."""
    clerk = clerk_of(lecturer.unit)
    with clock.at(moment(workdays_from_today(-1 - len(life)))):
        case = draft_proof(lecturer=lecturer, year=year, actor=clerk)
        fire(case, "submit", actor=clerk)
    for days_ago, (act, who, note) in zip(range(len(life), 0, -1), life, strict=True):
        with clock.at(moment(workdays_from_today(-days_ago))):
            data = {"items": RETURNED} if act == "return" else {}
            fire(case, act, actor=account(who) if who else clerk, note=note, data=data)
