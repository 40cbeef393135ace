"""The pass list of a training: who may change it, where its people work, and who stands on two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from units.models import Employment
from verification.direct.models import DirectTraining, Passed

AT_ONCE = 1_500  # people whose hours are posted or countered, and their papers asked for, within a second
LISTED, UNLISTED = "passed_listed", "passed_removed"  # events


def may_edit(training: DirectTraining, account: Actor) -> bool:
    """May this account change it and its list? The bureau's handlers, until it goes to be stamped."""
    return training.state == DirectTraining.State.DRAFT and account.holds(Role.BUREAU_HANDLER)


def why_closed(training: DirectTraining) -> str | None:
    """Why its list cannot be changed; None where it can."""
    if training.state == DirectTraining.State.DRAFT:
        return None
    return f"这期调训现在是“{training.get_state_display()}”，名单不能再改；需要改的请先退回编制"


def employers(training: DirectTraining, people: Iterable[int]) -> dict[int, int]:
    """Where these people (ids) worked when the training ended, else where they work now; who did and does nowhere is
    left out. Two queries, whatever the number."""
    wanted = list(people)
    jobs = Employment.objects.filter(person__in=wanted)
    now = dict(jobs.filter(ended_on=None).values_list("person", "unit"))
    return now | dict(jobs.on(training.date_to).values_list("person", "unit"))


def listed_twice(training: DirectTraining, people: Iterable[int]) -> Mapping[int, DirectTraining]:
    """Which of these people (ids) stand on the list of another entry of the same training: same year, subject and
    course (or title, where it names none), on the same days. One query."""
    same = DirectTraining.objects.live().exclude(pk=training.pk)
    same = same.filter(year=training.year, subject=training.subject)
    same = same.filter(date_from__lte=training.date_to, date_to__gte=training.date_from)
    if training.catalogue_id:
        same = same.filter(catalogue=training.catalogue_id)
    else:
        same = same.filter(catalogue=None, title=training.title)
    rows = Passed.objects.standing().filter(training__in=same, person__in=list(people)).select_related("training")
    return {row.person_id: row.training for row in rows}


def is_over(training: DirectTraining) -> bool:
    """Has it been held? On its last day it still goes on."""
    return training.date_to < clock.today()


def is_big(training: DirectTraining) -> bool:
    """Are there so many people that the worker stamps or withdraws it? One query."""
    return training.passed.count() > AT_ONCE
