"""What the steps of a draw do: the seed and the result, the visits, the originals that are asked for."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_numbers
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication
from training.inspections.models import Inspection
from training.inspections.services import assign
from units.models import Account
from units.notify import clerks_of
from verification.declarations.models import Declaration

from .draw import draw
from .models import Draw, OriginalsCheck

Taken = dict[str, Any]  # a `draw.Drawn` as JSON
PAST = "抽中的日期 {} 已过，培训班没有以后的课；请另行安排"


def draw_by_system(context: Context) -> None:
    """The seed is made now, 256 bits that nobody could know, and the result follows from it."""
    draw_with(context, secrets.token_hex(32))


def draw_by_number(context: Context) -> None:
    """The seed is the number that somebody else made known."""
    draw_with(context, context.data["number"])


def draw_with(context: Context, seed: str) -> None:
    """Fill in seed, time and result; the log keeps the seed, as it keeps the digest of the list."""
    case: Draw = context.case
    case.seed, case.drawn_at = seed, context.now
    record(case, "seeded", actor=context.actor, data={"seed": seed})
    case.result = [asdict(each) for each in draw(case.the_list, case.digest, seed)]


# --- visits -----------------------------------------------------------------------------------------------------------


def assign_visits(context: Context) -> None:
    """A visit for each class drawn; where none can be made any more, why not: the others are made all the same."""
    case: Draw = context.case
    courses = ClassApplication.objects.in_bulk([each["key"] for each in case.result])
    accounts: dict[int, Account] = Account.objects.in_bulk({pk for each in case.result for pk in each["inspectors"]})
    days = {row.key: row.days for row in case.the_list.rows}
    for taken in case.result:
        key = taken["key"]
        case.made[str(key)] = _visit(courses[key], accounts, taken, days[key], context.actor)


def _visit(
    course: ClassApplication, accounts: dict[int, Account], taken: Taken, days: tuple[str, ...], actor: Actor
) -> int | str:
    """The visit's id, or why there is none."""
    today = clock.today().isoformat()
    day = next((each for each in (taken["day"], *days) if each >= today), None)
    if day is None:
        return PAST.format(full(date.fromisoformat(taken["day"])))
    try:
        with transaction.atomic():
            made = assign(
                application=course, inspectors=[accounts[pk] for pk in taken["inspectors"]],
                planned_on=date.fromisoformat(day), origin=Inspection.Origin.DRAW, actor=actor,
            )  # fmt: skip
    except NotPossible as refused:
        return str(refused)
    return made.pk


# --- originals --------------------------------------------------------------------------------------------------------


def ask_for_originals(context: Context) -> None:
    """A check for each declaration drawn that is still accepted, and one notice to each unit."""
    case: Draw = context.case
    keys = [each["key"] for each in case.result]
    standing = Declaration.objects.filter(pk__in=keys, state=Declaration.State.ACCEPTED).in_bulk()
    drawn = [standing[key] for key in keys if key in standing]
    year, wanted = clock.today().year, context.data["wanted_on"]
    numbers = next_numbers("originals", year, len(drawn), seed="{year}-HC-{seq:04d}", title="原件核查编号")
    OriginalsCheck.objects.bulk_create(
        OriginalsCheck(
            number=number, draw=case, declaration=each, unit_id=each.unit_id, wanted_on=wanted,
            created_by_id=context.actor.pk,
        )
        for number, each in zip(numbers, drawn, strict=True)
    )  # fmt: skip
    case.made = {str(key): "" if key in standing else "认可已撤销，不再核查" for key in keys}
    for unit_id, count in Counter(each.unit_id for each in drawn).items():
        notify(
            clerks_of(unit_id),
            f"随机核查：请在{full(wanted)}以前提供 {count} 份学时申报的原件",
            key=f"draw-{case.pk}-unit-{unit_id}",
            text="抽取的名单事先公布了摘要，抽到谁由公开的种子决定。学时不因核查本身而变动",
            url=reverse("draws:checks"),
        )
