"""The reach of a decision as its page shows it: counted at once, or by the worker where the classes are big."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from training.inspections.decisions.case import is_big
from training.inspections.decisions.models import Decision, ReachCounted
from training.inspections.decisions.reach import OneClass, Reach, reach_of
from training.recognition.corrections.pages import PersonShown, people_of

KIND = "decisions.reach"
FRESH = timedelta(minutes=10)  # after which it is counted again: hours and verdicts move
GONE = "处理决定已作出或已改动，请回到本件查看"


@dataclass(frozen=True)
class ClassShown:
    """A class that is reached: how it stands, and for how many each half-day counts now and then."""

    name: str
    standing: str
    half_days: Sequence[Sequence[Any]]  # label, before, after


@dataclass(frozen=True)
class RestingShown:
    """A yearly record that rests on the hours, with its papers."""

    name: str
    title: str
    url: str
    state: str
    meaning: str
    papers: Sequence[str]


@dataclass(frozen=True)
class ReachShown:
    """Plain values, so that they can be kept. `figures`: what, how much, and what of it is meant; `to_decide`: how many
    people's amounts are left open; `worse`: name, year, verdict now and then."""

    figures: Sequence[Sequence[str]]
    to_decide: int
    classes: Sequence[ClassShown]
    people: Sequence[PersonShown]
    worse: Sequence[Sequence[Any]]
    resting: Sequence[RestingShown]


def shown_or_counted(case: Decision, account: Actor) -> tuple[ReachShown, datetime] | Job:
    """The reach and when it was counted; of big classes the job in which the worker counts it, until that is done."""
    if not is_big(case):
        return shown(reach_of(case)), clock.now()
    kept = ReachCounted.objects.filter(decision=case, version=case.version, counted_at__gte=clock.now() - FRESH).first()
    if kept:
        return _read(kept.shown), kept.counted_at
    jobs = Job.objects.filter(kind=KIND, case_id=case.pk, owner=account.pk)
    waiting = jobs.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
    return waiting or enqueue(KIND, title=f"处理影响：{case}"[:200], owner=account, case=case)


def count(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part: the reach, kept with the version of the draft that it is of. Raises JobFailed."""
    case = Decision.objects.select_related("inspection__application").filter(pk=job.case_id or 0).first()
    if case is None or case.state not in Decision.OPEN:
        raise JobFailed(GONE)
    progress(0, 0)
    found = asdict(shown(reach_of(case)))
    values = {"version": case.version, "counted_at": clock.now(), "shown": found}
    ReachCounted.objects.update_or_create(decision=case, defaults=values)
    return "影响已算出", case.get_absolute_url()


def shown(found: Reach) -> ReachShown:
    """As the page shows it."""
    resting = [
        RestingShown(name, one.title, one.url, one.state, one.meaning, list(one.papers))
        for name, one in found.rest.resting
    ]
    classes = [
        ClassShown(
            str(one.ruling.application),
            _standing(one),
            [(each.label, each.before, each.after) for each in one.half_days],
        )
        for one in found.classes
    ]
    return ReachShown(
        figures_of(found),
        len(found.to_decide),
        classes,
        people_of(found.changes, found.changes),
        found.rest.worse,
        resting,
    )


def figures_of(found: Reach) -> list[tuple[str, str, str]]:
    """The reach in a line: what, how much, and what of it is meant."""
    rest = found.rest
    unmet = {(name, year) for name, year, *_ in rest.worse}
    blocked = len(found.pending)
    return [
        ("不予认定", f"{found.taken} 个半日", f"{len(found.classes)} 个班"),
        ("涉及", f"{found.people} 人", f"{found.units} 个单位"),
        ("撤回学时（学分）", f"{found.hours.normalize():f}", "已入账的"),
        ("变未达标", f"{len({name for name, _ in unmet})} 人", f"{len(unmet)} 人年"),
        ("文书要复核", f"{rest.papers} 份", f"{len(rest.resting)} 人次"),
        ("在办认定", f"{blocked} 件", "按处理后的半日计" if blocked else "没有"),
    ]


def _standing(one: OneClass) -> str:
    if one.recognition is None:
        return "还没有申报学时认定"
    if one.is_posted:
        return "学时已入账，决定时冲销"
    label = f"学时认定{one.recognition.get_state_display()}"
    return f"{label}，按处理后的半日计" if one.is_pending else label


def _read(kept: dict[str, Any]) -> ReachShown:
    lists = {name: [make(**each) for each in kept[name]] for name, make in _MADE.items()}
    return ReachShown(**{**kept, **lists})


_MADE: dict[str, type[Any]] = {"classes": ClassShown, "people": PersonShown, "resting": RestingShown}
