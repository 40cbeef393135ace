"""The planner for many people: in the background, with more time for the exact solver."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, ask_for
from units.models import Unit

from .offers import Ground, digest_of, ground_of
from .overview import count_all, short_ones
from .planner import Method, Plan, plan

KIND = "class_plan"  # of jobs
AT_ONCE = 80  # people who are short: planned while somebody waits
SECONDS, PAIRS = 60.0, 60_000


def plan_later(*, unit: Unit, year: int, actor: Actor) -> Job:
    """Have the list made in the background."""
    return ask_for(
        KIND, title=f"排补学方案：{unit.short}（{year} 年度）", owner=actor, args={"unit": unit.pk, "year": year}
    )


def plan_in_background(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work."""
    unit, year = Unit.objects.filter(pk=job.args["unit"]).first(), int(job.args["year"])
    if unit is None:
        raise JobFailed("单位已不存在")
    short = short_ones(unit, year)
    if short.uncounted:
        count_all(year, unit.pk, progress)
        short = short_ones(unit, year)
    ground = ground_of(short.years, year, clock.now())
    found = plan(ground.learners, ground.courses, seconds=SECONDS, pairs=PAIRS)
    job.args |= {
        "picks": {str(pk): list(pick) for pk, pick in found.picks.items()},
        "method": str(found.method),
        "ground": digest_of(ground),
    }
    job.save(update_fields=["args"])
    told = f"排出 {len(found.courses)} 个班，可补齐 {len(found.picks)} 人" if found.picks else "没有排得出的班"
    return told, f"{reverse('shortfalls:plan', args=[unit.pk])}?year={year}&found={job.uid}"


def planned(uid: str, unit: Unit, year: int, account: Any, ground: Ground) -> Plan | None:
    """What a job of the account has found for this unit and year; None where there is none. `ground`: as it is now."""
    asked = {"kind": KIND, "owner": account, "state": Job.State.DONE}
    jobs = {str(job.uid): job for job in Job.objects.filter(**asked).order_by("-pk")[:20]}
    job = jobs.get(uid)
    if job is None or (job.args["unit"], job.args["year"]) != (unit.pk, year) or "picks" not in job.args:
        return None
    picks = {int(pk): tuple(pick) for pk, pick in job.args["picks"].items()}
    return Plan(picks, Method(job.args["method"]) if job.args.get("ground") == digest_of(ground) else Method.CHANGED)
