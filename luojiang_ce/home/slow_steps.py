"""A step that may take more than a second (`Transition.slow`): the worker takes it, whoever asked for it watches.

It is the same step: one `fire`, one transaction. A worker that dies within it leaves nothing, and the next begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, case_key, case_models, reach_of
from luojiang_ce.id_shapes import mask_ids, without_ids
from luojiang_ce.jobs.models import Job, JobQuerySet
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import Transition, kind_of, workflow_of
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history

from .many import owner_as_now

KIND = "step"
LOST = "没有办理：您的账号已停用，或要求办理以后您的角色有变动，或不再看到该事项"


def hand_over(case: Any, transition: Transition, account: Actor, note: str, data: Mapping[str, Any]) -> str:
    """Have the worker take the step. Returns where it is watched; asked twice, the step that waits already."""
    args = {"name": transition.name, "note": mask_ids(note), "data": without_ids(data), "reach": reach_of(account)}
    waiting = _steps_of(case).filter(owner=account.pk, args__name=transition.name, state__in=WAITING).first()
    job = waiting or enqueue(KIND, title=f"{transition.label}：{case}"[:200], owner=account, args=args, case=case)
    return reverse("jobs:progress", args=[job.uid])


WAITING = (Job.State.QUEUED, Job.State.RUNNING)


def take(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work. Raises JobFailed with the reasons where the step is refused now."""
    account = owner_as_now(job)
    case = _case_of(job, account) if account else None
    if case is None:
        raise JobFailed(LOST)
    transition = workflow_of(case).transition(job.args["name"])
    progress(0, 0)
    if not _taken_before(job, case):
        try:
            fire(case, transition.name, actor=account, note=job.args["note"], data=job.args["data"])
        except NotPossible as refused:
            raise JobFailed(str(refused)) from refused
    return f"已{transition.done}：{case}", case.get_absolute_url()


def _case_of(job: Job, account: Any) -> Any:
    model: Any = case_models()[job.case_type]
    rows = kind_of(model).rows(model.objects.visible_to(account).select_related("unit"))
    return rows.filter(pk=job.case_id).first()


def _taken_before(job: Job, case: Any) -> bool:
    """Did a worker take it that died before it could say so?"""
    taken = history(case).filter(name=job.args["name"], actor=job.owner_id, at__gte=job.created_at)
    return bool(taken.exists())


def with_steps(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Cases, each with whether a worker was ever asked for a step of it (`has_steps`), so that a page need not ask."""
    asked = Job.objects.filter(kind=KIND, case_type=rows.model._meta.label_lower, case_id=OuterRef("pk"))
    told: QuerySet[Any] = rows.annotate(has_steps=Exists(asked))
    return told


def step_shown(case: Any, account: Actor) -> Job | None:
    """What the page of a case tells of the last slow step: that it is under way; to whoever asked for it also that it
    failed, as long as nothing was done since. No query where the case stands at no slow step, or never had one."""
    slow = [each for each in workflow_of(case).transitions if each.slow and case.state in each.sources]
    if not slow or not getattr(case, "has_steps", True):
        return None
    job = _steps_of(case).order_by("-pk").first()
    if job is None or job.state in WAITING:
        return job
    is_own_failure = job.state == Job.State.FAILED and job.owner_id == account.pk
    return job if is_own_failure and not history(case).filter(at__gt=job.created_at).exists() else None


def _steps_of(case: Any) -> JobQuerySet:
    case_type, pk = case_key(case)
    rows: JobQuerySet = Job.objects.filter(kind=KIND, case_type=case_type, case_id=pk)
    return rows
