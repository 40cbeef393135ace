"""Documents that are printed and not issued, such as 附件1 for the unit's stamp: small ones at once, others as jobs.

An app registers its printouts; a view that has checked who asks answers with `printed`. What is made in the background
is kept some days for whoever asked, encrypted; when it is made and whenever it is opened, that account must still see
the case and have lost no role since it asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from luojiang_ce.access import Actor, reach_of, still_reaches
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.sheets import kept
from luojiang_ce.sheets.marks import mark_of
from luojiang_ce.sheets.responses import download

from .glyphs import ANY
from .printable import Printable

JOB = "papers.print"
PDF = "application/pdf"
KEEP = timedelta(days=7)
FOLDER = "printouts"
LOST = "要求打印以后您的角色有变动，或不再看到该事项，文件没有生成；需要的请到该事项页重新打印"
GONE = "文件已按期删除，需要的请重新打印"
AT_ONCE = 800  # cells that are laid out in well under a second, a document by itself counting as 100
A_DOCUMENT = 100

Args = Mapping[str, str]


@dataclass(frozen=True)
class Printout:
    """One kind of document: what it is called, about which kind of case, and its parts.

    `build(case, args)` reads the case as it stands now; `args` are strings that name a part of it, such as a half-day,
    whose `label` the file is called by, too. `seen(account, args)`: what the account sees now of what they name, where
    that is more than the case.
    """

    key: str
    name: str
    case_model: type[models.Model]
    build: Callable[[Any, Args], Sequence[Printable]]
    seen: Callable[[Any, Args], Args] = lambda account, args: args


_printouts: dict[str, Printout] = {}


def register_printouts(*printouts: Printout) -> None:
    """Make kinds of printouts known; called in the app's `ready()`."""
    _printouts.update({each.key: each for each in printouts})


def printed(request: HttpRequest, printout: Printout, case: models.Model, **args: str) -> HttpResponse:
    """The document, laid out now where that is quick, otherwise the page on which its making is watched."""
    account: Any = request.user
    parts, title = _parts(printout, case, args, account), _title(printout, case, args)
    if weight(parts) > AT_ONCE:
        return redirect("jobs:progress", enqueue_printout(printout, case, account, **args).uid)
    return download(_laid_out(_marked(parts, account), title), f"{title}.pdf", PDF)


def weight(parts: Sequence[Printable]) -> int:
    """How much there is to lay out, in cells of tables."""
    sizes = [len(part.context.get("rows") or ()) * int(part.context.get("column_count", 1)) for part in parts]
    return sum(sizes) + A_DOCUMENT * len(parts)


def enqueue_printout(printout: Printout, case: models.Model, account: Actor, **args: str) -> Job:
    """The job that lays it out; asking again while nothing on the paper changed gives the same job."""
    whole = hashlib.sha256()
    for part in _parts(printout, case, args, account):
        whole.update(part.html().encode())
    wanted = {"printout": printout.key, "args": args, "printed": whole.hexdigest(), "reach": reach_of(account)}
    same = Job.objects.visible_to(account).filter(kind=JOB, case_id=case.pk, args=wanted)
    found = same.exclude(state=Job.State.FAILED).exclude(message=GONE).order_by("-pk").first()
    title = f"生成 {_title(printout, case, args)}"[:200]
    return found or enqueue(JOB, title=title, owner=account, args=wanted, case=case)


def run_printout(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part: lay it out, keep the file, encrypted, for whoever asked. Raises JobFailed."""
    printout, args = _printouts[job.args["printout"]], job.args["args"]
    account = get_user_model()._default_manager.get(pk=job.owner_id)
    case = case_of(job, account)
    parts = _parts(printout, case, args, account) if case else []
    if not parts:
        raise JobFailed(LOST)
    title = _title(printout, case, args)
    kept.keep(job, _laid_out(_marked(parts, account), title, progress), account, FOLDER)
    return f"{title} 已生成，{KEEP.days} 天内可以下载", reverse("papers:printed", args=[job.uid])


def case_of(job: Job, account: Any) -> Any:
    """The case that is printed, while the account may still do what it might when it asked, and sees it; else None."""
    # Of those asked for before rights were noted, seeing the case decides alone.
    if not (account.is_active and still_reaches(account, job.args.get("reach", {}))):
        return None
    cases: Any = _printouts[job.args["printout"]].case_model._default_manager
    return cases.visible_to(account).filter(pk=job.case_id).first()


def kept_printout(job: Job, case: models.Model, account: Actor) -> HttpResponse | None:
    """The file of a finished job; None when it has been deleted."""
    content = kept.kept(job, account, FOLDER)
    title = _title(_printouts[job.args["printout"]], case, job.args["args"])
    return None if content is None else download(content, f"{title}.pdf", PDF)


def purge_printouts() -> int:
    """Delete what was printed longer ago than KEEP: it holds people's data. Returns how many went."""
    return kept.purge(JOB, KEEP, GONE, FOLDER)


def _parts(printout: Printout, case: models.Model, args: Args, account: Any) -> list[Printable]:
    """Its parts, with room to write by hand what cannot be drawn."""
    return [replace(part, by_hand=ANY) for part in printout.build(case, printout.seen(account, args))]


def _marked(parts: Sequence[Printable], account: Any) -> list[Printable]:
    """The same, with a line on each page of whose copy it is; a sheet that is read by its places stays as it is."""
    mark = mark_of(account)
    return [part if part.style == "signin" else replace(part, context={**part.context, "mark": mark}) for part in parts]


def _title(printout: Printout, case: models.Model, args: Args) -> str:
    return " ".join(filter(None, [printout.name, str(case), args.get("label", "")]))


def _laid_out(parts: Sequence[Printable], title: str, progress: Progress | None = None) -> bytes:
    from .rendering import render, render_joined  # the PDF machinery, loaded only where it is used

    if len(parts) == 1:
        return render(parts[0], *([progress] if progress else [])).content
    return render_joined(parts, title, *([progress] if progress else [])).content
