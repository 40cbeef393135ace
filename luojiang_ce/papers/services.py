"""Asking for papers, asking again, revoking. The worker renders what was asked for (issuing.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, TypedDict, Unpack

from django.db import models, transaction

from luojiang_ce import clock
from luojiang_ce.access import ISSUE_PAPERS, Actor, Role, case_key
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import enqueue
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM, fire_many

from .document_numbers import too_long
from .glyphs import refusals
from .kinds import PaperKind, paper_kinds
from .models import WAITS, Paper, PaperQuerySet, Seal
from .public import refuse_id_numbers
from .templatetags.papers_print import closed_up
from .title_words import cut

JOB = "papers.issue"
State = Paper.State


class Asked(TypedDict, total=False):
    """What whoever issues papers says of the sheets (issue_form.py).

    `by_hand`: of the characters that no font here draws those that are left blank, to be written by hand: the ones of
    which whoever issues it was told, or glyphs.ANY where nobody is asked. `title_lines`: the title as it
    is to stand, a line each; empty: its lines end by sense.
    """

    by_hand: str
    title_lines: str


class Options(Asked, total=False):
    """What may be said of papers that are asked for.

    `keeper` is the 监印人; left out, it is the actor where that one keeps the seal. `applicant` is the 申请部门/人,
    by default the actor's name. `number` is a 发文字号 typed by the officer, for kinds that have no series of their
    own; `dated` is the date on the paper (成文日期, today by default). `approver` is the 审批人 of the use of the seal,
    by default the actor where that one issues papers. `second_seal`, `second_keeper` and `second_approver`: of a
    paper that two organs stamp. `put_before`: which of both was put by its keeper before; that the keeper kept it was
    looked at then.
    """

    seal: Seal | None
    reason: str
    applicant: str
    approver: Actor | None
    keeper: Actor | None
    title: str
    number: str
    variant: str
    dated: date | None
    second_seal: Seal | None
    second_keeper: Actor | None
    second_approver: Actor | None
    put_before: Seal | None


@dataclass(frozen=True)
class Request:
    """What is asked for: papers of one kind about one case."""

    kind: PaperKind
    case: models.Model
    actor: Actor
    seal: Seal | None = None
    reason: str = ""
    applicant: str = ""
    approver: Actor | None = None
    keeper: Actor | None = None
    title: str = ""
    number: str = ""
    variant: str = ""
    dated: date | None = None
    by_hand: str = ""
    title_lines: str = ""
    second_seal: Seal | None = None
    second_keeper: Actor | None = None
    second_approver: Actor | None = None
    put_before: Seal | None = None

    @cached_property
    def day(self) -> date:
        """The date on the paper."""
        return self.dated or clock.today()

    @property
    def on_the_sheet(self) -> str:
        """Its title as it is printed."""
        return closed_up(self.title or self.kind.title)

    @property
    def answers_for_it(self) -> Actor | None:
        """The 审批人: whoever is named, or of a sealed paper the actor who issues it; nobody where a unit's own act
        brings it about."""
        issues = self.seal is not None and self.actor.holds(*ISSUE_PAPERS.roles)
        return self.approver or (self.actor if issues else None)


def as_asked(data: Mapping[str, Any]) -> Asked:
    """What an act's data says of the sheets that it issues."""
    return {"by_hand": data.get("by_hand", ""), "title_lines": data.get("title_lines", "")}


def request_paper(
    kind: str, case: models.Model, *, actor: Actor, subject: models.Model | None = None, **options: Unpack[Options]
) -> Paper:
    """Ask for one paper, in the caller's transaction: it is pending until the worker has rendered it.

    The same paper (kind, case, subject, variant) is asked for once: a second call returns the first paper, and puts
    a failed one back to work. After a revocation the next call makes a new paper that replaces the revoked one.
    Raises NotPossible.
    """
    return request_papers(kind, case, actor=actor, subjects=[subject], **options)[0]


def request_papers(
    kind: str, case: models.Model, *, actor: Actor, subjects: Iterable[models.Model | None], **options: Unpack[Options]
) -> list[Paper]:
    """Ask for a paper per subject, as `request_paper` does for one; the number of queries does not grow with them.

    All of them are rendered by one job. The order of `subjects` is the order of the numbers.
    """
    request = Request(_kind(kind), case, actor, **options)
    return _request(replace(request, number=request.number.strip()), list(subjects))


def retry(paper: Paper, *, actor: Actor) -> Paper:
    """Put a failed paper, or one whose job broke off, back to work; it keeps its number. Others stay as they are."""
    with transaction.atomic():
        _resume([paper], owner=actor, by=actor)
    paper.refresh_from_db()
    return paper


def resume_waiting() -> int:
    """Take up the papers that wait for the timestamp server, once it answers; returns how many."""
    waiting = Paper.objects.filter(state=State.PENDING, job__state=Job.State.FAILED, job__args__has_key=WAITS)
    papers = list(waiting.select_related("job__owner").order_by("job", "pk"))
    if not papers or not _timestamps_are_back():
        return 0
    for job, rows in groupby(papers, key=lambda paper: paper.job):
        assert job is not None
        with transaction.atomic():
            _resume(list(rows), owner=job.owner, by=SYSTEM)
    return len(papers)


def _timestamps_are_back() -> bool:
    from .signing.sign import server_answers  # the signing machinery, loaded only where it is used

    return server_answers()


def supersede(kind: str, case: models.Model, *, actor: Actor, why: str, **options: Unpack[Options]) -> Paper:
    """Ask for a paper in place of the one of this kind and case that stands, if any: the public check says of the old
    one by which it was superseded and why, and leads to it. See `request_paper` and `revoke_papers`."""
    revoke_standing(kind, case, actor=actor, reason=why, variant=options.get("variant", ""))
    return request_paper(kind, case, actor=actor, **options)


def revoke_standing(
    kind: str, case: models.Model, *, actor: Actor, reason: str, subject: models.Model | None = None, variant: str = ""
) -> int:
    """Withdraw what stands of this kind (and variant) about the case: about all its subjects, or this one. See
    `revoke_papers`."""
    standing = Paper.objects.of(case).standing().filter(kind=kind, variant=variant)
    if subject is not None:
        subject_type, subject_id = case_key(subject)
        standing = standing.filter(subject_type=subject_type, subject_id=subject_id)
    return revoke_papers(standing, actor=actor, reason=reason)


def revoke_papers(papers: Iterable[Paper], *, actor: Actor, reason: str) -> int:
    """Withdraw papers, with a reason that the public will read (so no names and no ID numbers).

    Their numbers stay used. Papers already revoked are left alone. Returns how many were revoked; raises
    workflow's Refused (who may, no reason) or NotForThePublic, and then changes nothing.
    """
    refuse_id_numbers(reason)
    standing = [paper for paper in papers if paper.state != State.REVOKED]
    fire_many(standing, "revoke", actor=actor, note=reason)
    return len(standing)


def _kind(key: str) -> PaperKind:
    try:
        return paper_kinds()[key]
    except KeyError as unknown:
        raise LookupError(f"no paper of kind {key} is registered") from unknown


def _request(request: Request, subjects: Sequence[models.Model | None]) -> list[Paper]:
    if not subjects:
        return []
    keys = [case_key(subject) if subject is not None else ("", 0) for subject in subjects]
    with transaction.atomic():
        found = _found_or_made(request, keys)
        _resume([found[key] for key in keys], owner=request.actor, by=SYSTEM)
        fresh = Paper.objects.in_bulk({paper.pk for paper in found.values()})
    return [fresh[found[key].pk] for key in keys]


def _found_or_made(request: Request, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Paper]:
    found = _by_subject(request, Paper.objects.standing())
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    if not isinstance(request.case, request.kind.case_model):
        raise TypeError(f"{request.kind.key} is a paper about {request.kind.case_model.__name__}")
    if problems := [*_problems(request), *refusals(request.kind.names(request.case), request.by_hand)]:
        raise NotPossible(*problems)
    # Of two simultaneous requests for the same papers the unique constraint lets one make them; both then find them.
    Paper.objects.bulk_create(_drafts(request, missing), batch_size=200, ignore_conflicts=True)
    found = _by_subject(request, Paper.objects.standing())
    if any(key not in found for key in missing):
        raise NotPossible(_taken(request.number))
    return found


def _by_subject(request: Request, papers: PaperQuerySet) -> dict[tuple[str, int], Paper]:
    """Which of these papers are of the requested kind, case and variant: the latest for each subject."""
    rows = papers.of(request.case).filter(kind=request.kind.key, variant=request.variant)
    return {(paper.subject_type, paper.subject_id): paper for paper in rows.order_by("pk")}


def _problems(request: Request) -> list[str]:
    problems: list[str] = []
    if bool(request.number) == bool(request.kind.number_format):
        automatic = "这种文书自动编号，不能另给文号"
        problems.append(automatic if request.number else f"请填写{request.kind.title}的发文字号")
    elif said := too_long(request.number):
        problems.append(said)
    elif request.number and Paper.objects.filter(number=request.number).exists():
        problems.append(_taken(request.number))
    if request.title_lines and cut(request.on_the_sheet, request.title_lines.splitlines()) is None:
        problems.append(f"标题现为“{request.on_the_sheet}”，与核对过分行的不同，请返回重新核对")
    for seal, keeper in ((request.seal, request.keeper), (request.second_seal, request.second_keeper)):
        if seal and (problem := seal.problem_on(request.day)):
            problems.append(problem)
        if seal and seal != request.put_before and keeper and seal.owner_id not in keeper.unit_ids(Role.SEAL_KEEPER):
            problems.append(f"监印人不保管印章“{seal.name}”")
    return problems


def _taken(number: str) -> str:
    return f"文号 {number} 已经用过，请核对发文登记后另填"


def _drafts(request: Request, keys: Sequence[tuple[str, int]]) -> list[Paper]:
    case_type, case_id = case_key(request.case)
    seal, keeper, now = request.seal, request.keeper, clock.now()
    replaced = _by_subject(request, Paper.objects.filter(state=State.REVOKED, replacements=None))
    if keeper is None and seal and seal.owner_id in request.actor.unit_ids(Role.SEAL_KEEPER):
        keeper = request.actor
    return [
        Paper(
            kind=request.kind.key,
            title=request.title or request.kind.title,
            number=request.number or None,
            year=request.day.year,
            dated=request.day,
            case_type=case_type,
            case_id=case_id,
            subject_type=key[0],
            subject_id=key[1],
            variant=request.variant,
            seal=seal,
            by_hand=request.by_hand,
            title_lines=request.title_lines,
            reason=request.reason or request.kind.title,
            applicant=request.applicant or getattr(request.actor, "name", "系统"),
            requested_by_id=request.actor.pk,
            approver_id=request.answers_for_it.pk if request.answers_for_it else None,
            keeper_id=keeper.pk if keeper else None,
            second_seal=request.second_seal,
            second_keeper_id=request.second_keeper.pk if request.second_keeper else None,
            second_approver_id=request.second_approver.pk if request.second_approver else None,
            requested_at=now,
            replaces=replaced.get(key),
        )
        for key in keys
    ]


def _resume(papers: Sequence[Paper], *, owner: Actor, by: Actor) -> None:
    """Give every paper that nobody works on a job: new ones, failed ones, those whose job broke off."""
    rows = Paper.objects.filter(pk__in=[paper.pk for paper in papers])
    fire_many(rows.filter(state=State.FAILED), "retry", actor=by)
    over = models.Q(job=None) | models.Q(job__state__in=[Job.State.DONE, Job.State.FAILED])
    idle = list(rows.filter(over, state=State.PENDING).values_list("pk", flat=True))
    if idle:
        many = f" {len(idle)} 份" if len(idle) > 1 else ""
        case = paper_kinds()[papers[0].kind].case_model(pk=papers[0].case_id)  # its key is all that a job keeps of it
        job = enqueue(JOB, title=f"生成{papers[0].title}{many}"[:200], owner=owner, case=case)
        Paper.objects.filter(pk__in=idle).update(job=job)
