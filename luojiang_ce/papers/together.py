"""The issued papers of a case as one file to print: a page for each of its people, in the order of its roster.

The files are those that were issued, never laid out again. A paper begins on the front of a sheet where both sides are
printed: what is overleaf of one person's page is that person's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.urls import reverse

from luojiang_ce.access import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, ask_for
from luojiang_ce.sheets import kept
from luojiang_ce.sheets.responses import download
from luojiang_ce.workflow.events import record

from .kinds import paper_kinds
from .models import Paper
from .printouts import GONE, LOST, PDF

JOB = "papers.together"
FOLDER = "together"
KEEP = timedelta(days=7)
SIDES = {"one": "单面", "both": "双面"}


def issued(kind: str, case_id: int, account: Actor) -> list[Paper]:
    """The papers of this kind of a case that hold and that the account sees, in the order of their subjects; none of
    a kind without such an order."""
    known = paper_kinds().get(kind)
    if known is None or not known.in_order:
        return []
    papers = Paper.objects.visible_to(account).filter(kind=kind, case_id=case_id, state=Paper.State.ISSUED)
    by_subject = {paper.subject_id: paper for paper in papers}
    subjects: Any = known.subject_model
    ordered = subjects._default_manager.filter(pk__in=by_subject).order_by(*known.in_order)
    return [by_subject[pk] for pk in ordered.values_list("pk", flat=True)]


def ask_together(kind: str, case_id: int, sides: str, owner: Actor) -> Job | None:
    """The job that puts them into one file for `sides` (a key of SIDES), on record as every list of people that is
    taken away; None where there are none. Raises TooManyWaiting."""
    found = issued(kind, case_id, owner)
    if not found:
        return None
    title = f"{paper_kinds()[kind].title}合并打印（{SIDES[sides]}，{len(found)} 份）"
    args = {"kind": kind, "case": case_id, "sides": sides}
    job = ask_for(JOB, title=title, owner=owner, args=args)
    record(owner, "exported", actor=owner, data={"list": title, "rows": len(found)})
    return job


def put_together(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part, for whoever asked. Raises JobFailed where that account sees none of them any more."""
    from .rendering import joined  # the PDF machinery, loaded only where it is used

    owner: Any = get_user_model()._default_manager.get(pk=job.owner_id)
    papers = issued(job.args["kind"], job.args["case"], owner) if owner.is_active else []
    if not papers:
        raise JobFailed(LOST)
    contents = map(_content, papers)
    whole = joined(contents, job.title, from_front=job.args["sides"] == "both", of=len(papers), progress=progress)
    job.args["papers"] = [paper.pk for paper in papers]
    kept.keep(job, whole.content, owner, FOLDER)
    return f"{len(papers)} 份已合并，按花名册顺序，{KEEP.days} 天内可以下载", address_of(job.uid)


def address_of(uid: UUID) -> str:
    """Where the file of a finished job is fetched."""
    return reverse("papers:together_file", args=[uid])


def kept_together(job: Job, account: Actor) -> HttpResponse | None:
    """The file of a finished job; None when it has been deleted, or one of the papers in it does not hold any more or
    is not seen by the account any more: the paper of somebody who left is not taken along."""
    there = {paper.pk for paper in issued(job.args["kind"], job.args["case"], account)}
    if "papers" not in job.args or not there.issuperset(job.args["papers"]):
        return None
    content = kept.kept(job, account, FOLDER)
    return None if content is None else download(content, f"{job.title}.pdf", PDF)


def purge_together() -> int:
    """Delete what was made longer ago than KEEP: it holds people's data. Returns how many went."""
    return kept.purge(JOB, KEEP, GONE, FOLDER)


def _content(paper: Paper) -> bytes:
    with paper.file.open() as file:
        return bytes(file.read())
