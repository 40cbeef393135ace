"""The worker's part: give the number, render, store, enter into the register, all so that it may break off anywhere.

1. A short transaction gives a number to papers that have none yet: a retry finds it again, so no gap and no double;
   another keeps what their QR codes will state, signed.
2. The papers are rendered, and signed where their seals sign, without any transaction.
3. A second short transaction stores file name and SHA-256, issues the paper and enters the use of the seal. Whoever
   comes second finds the paper issued and throws its own file away.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import MAX_ATTEMPTS, JobFailed, Progress
from luojiang_ce.outages import is_away
from luojiang_ce.proof.keyring import SecretWrong
from luojiang_ce.proof.statement import TooLong
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM, fire_many
from luojiang_ce.workflow.events import record_many

from .case import PRINTED_WHOLE
from .claims import signing_key, statement_of
from .content import WHOLE_IDS, printable
from .glyphs import ANY, FontsSilent, refusals_of_sheet
from .kinds import kind_of
from .models import WAITS, Paper, Seal, SealUse, folder_of, stored_under
from .numbering import REGISTER, allocate, pattern_of
from .printable import Printable
from .public import FINGERPRINT, Facts, fingerprint, frozen_facts
from .rendering import Rendered, no_boxes, render, render_each
from .seal_approval import approved_by
from .seal_records import PaperSignature
from .signing.issue import FIELDS, Signed, Signing, note_of, row_of

log = logging.getLogger(__name__)

CHUNK = 50  # papers between two commits: what a killed worker has to do again at most
PEOPLE = ("approver", "keeper", "second_approver", "second_keeper")
State = Paper.State


@dataclass(frozen=True)
class Draft:
    """A paper ready to render: what it shows, and what the public may learn of it."""

    paper: Paper
    printable: Printable
    facts: Facts


@dataclass(frozen=True)
class Built:
    """What a paper shows, read before its number is given, and the seals as they were used then."""

    sheet: Printable
    seals: tuple[Any, ...]


@dataclass(frozen=True)
class Stored:
    """A rendered paper whose file is stored but not yet in force."""

    draft: Draft
    name: str
    sha256: str
    size: int
    pages: int
    signed: Signed


@dataclass
class Left:
    """Papers of a job that were not made: for want of a timestamp, or because they could not be, and why."""

    waiting: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    def add(self, papers: Sequence[Paper], stored: Sequence[Stored], signing: Signing) -> None:
        """Note which of these were not stored."""
        made = {item.draft.paper.pk for item in stored}
        missing = [paper.pk for paper in papers if paper.pk not in made]
        self.waiting += [pk for pk in missing if pk in signing.waiting]
        self.broken += [pk for pk in missing if pk not in signing.waiting]
        self.note(signing.refused)

    def note(self, why: Iterable[str]) -> None:
        """Why, each once."""
        self.why += [each for each in dict.fromkeys(why) if each not in self.why]


def issue_papers(job: Job, progress: Progress) -> tuple[str, str]:
    """Issue every paper of the job that is still pending; the handler of services.JOB.

    A paper that cannot be made does not hold up the others; it fails for good with the job's last attempt.
    """
    ids = list(job.papers.filter(state=State.PENDING).order_by("pk").values_list("pk", flat=True))
    left, told = Left(), progress if len(ids) > 1 else _silent
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        built = _built(chunk)
        drawable = _drawable(chunk, built, left, alive=partial(told, start, len(ids)))
        _issue(reserve(drawable), built, progress if len(ids) == 1 else _silent, left)
        if len(ids) > 1:
            progress(min(start + CHUNK, len(ids)), len(ids))
    if left.waiting:  # stays pending, and is taken up again by itself (services.resume_waiting)
        job.args |= {WAITS: True}
        job.save(update_fields=["args"])
    if left.broken:
        _give_up(job, left)
    if left.waiting:
        raise JobFailed(f"时间戳服务器没有应答，{len(left.waiting)} 份文书等它恢复后自动签发；其余已签发")
    return _outcome(job)


def _built(ids: Sequence[int]) -> dict[int, Built]:
    """What these show. One that cannot be built is left out, which shows when it is drafted."""
    built = {}
    for paper in Paper.objects.filter(pk__in=ids).select_related("seal__picture", "second_seal__picture"):
        with _alone(paper, "built"):
            built[paper.pk] = Built(printable(paper), _seals(paper))
    return built


@contextmanager
def _alone(paper: Paper, what: str) -> Iterator[None]:
    """What is wrong with one paper holds up no other; what the machine lacks is no fault of any."""
    try:
        yield
    except Exception as fault:
        if is_away(fault):
            raise
        log.exception("paper %s (%s) cannot be %s", paper.pk, paper.kind, what)


def _seals(paper: Paper) -> tuple[Any, ...]:
    """What a sheet shows of its seals: which, with which picture, put on how."""
    return tuple((seal.pk, seal.picture_id, seal.provider) for seal in (paper.seal, paper.second_seal) if seal)


def _drawable(ids: Sequence[int], built: Mapping[int, Built], left: Left, alive: Callable[[], None]) -> list[int]:
    """Those whose whole text the fonts draw: asked before a number is given, also of what no act has asked about (a
    place, a reason). Of the others what is missing is `left`. Fonts that are silent once are asked no more about these:
    each question takes its time. `alive` is told of each paper."""
    wrong: dict[int, list[str]] = {}
    asked = [pk for pk in ids if pk in built]
    try:
        for pk in asked:
            if problems := _undrawable(built[pk].sheet):
                wrong[pk] = problems
            alive()
    except FontsSilent as silent:
        wrong |= {each: [str(silent)] for each in asked[asked.index(pk) :]}
    left.broken += wrong
    left.note(problem for problems in wrong.values() for problem in problems)
    return [pk for pk in ids if pk not in wrong]


def _undrawable(sheet: Printable) -> list[str]:
    """What a sheet says that no font draws and nobody will write by hand, of the first part that says such. Raises
    FontsSilent, and what the machine lacks."""
    if sheet.by_hand == ANY:
        return []
    try:
        return next(filter(None, map(refusals_of_sheet, sheet.in_parts())), [])
    except Exception as fault:
        if isinstance(fault, FontsSilent) or is_away(fault):
            raise
        log.exception("%s cannot be set", sheet.title)
        return []


def reserve(ids: Sequence[int]) -> list[Paper]:
    """The pending papers among these, each with its number from now on, in a transaction of its own."""
    with transaction.atomic():
        rows = Paper.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=State.PENDING)
        papers = list(rows.select_related("seal__picture", "second_seal__picture", "approver", "keeper").order_by("pk"))
        unnumbered = sorted((p for p in papers if p.number is None), key=lambda p: (p.kind, p.year, p.pk))
        for (_, year), group in groupby(unnumbered, key=lambda p: (p.kind, p.year)):
            _number(list(group), year)
        Paper.objects.bulk_update(unnumbered, ["number"], batch_size=500)
    return papers


def put_in_force(stored: Sequence[Stored]) -> list[Stored]:
    """Issue the papers whose files are stored, with their register entries, as one transaction.

    Returns those that were issued by this call; papers issued or revoked meanwhile are left as they are.
    """
    by_id = {item.draft.paper.pk: item for item in stored}
    with transaction.atomic():
        rows = Paper.objects.select_for_update(of=("self",)).filter(pk__in=by_id, state=State.PENDING)
        papers = list(rows.select_related("seal", "second_seal", *PEOPLE).order_by("pk"))
        for paper in papers:
            _fill(paper, by_id[paper.pk])
        fields = ["file", "size", "pages", "sha256", "template_version", "facts", "statement"]
        fields += ["picture", "second_picture"]
        Paper.objects.bulk_update(papers, fields, batch_size=200)
        fire_many(papers, "issue", actor=SYSTEM, data=_shown)
        _register([use for paper in papers for use in _uses(paper, by_id[paper.pk])])
        signatures = [row_of(paper, made) for paper in papers for made in by_id[paper.pk].signed.made]
        PaperSignature.objects.bulk_create(signatures, batch_size=200)
        if whole := [paper for paper in papers if by_id[paper.pk].draft.printable.context.get(WHOLE_IDS)]:
            record_many([(paper, {}) for paper in whole], PRINTED_WHOLE, actor=SYSTEM)
    return [by_id[paper.pk] for paper in papers]


def _shown(paper: Paper) -> dict[str, str]:
    """What the event of its issue says of what pages show of it."""
    return {FINGERPRINT: fingerprint(paper.title, paper.facts)}


def _silent(done: int, total: int) -> None:
    """A batch reports by papers, not by the rows of each."""


def _number(papers: Sequence[Paper], year: int) -> None:
    """The next numbers of the kind; one that another paper has (typed by hand, an old pattern) is passed over."""
    kind = kind_of(papers[0])
    pattern = pattern_of(kind.key, seed=kind.number_format, title=kind.label)
    if pattern.format(year=year, seq=1) == pattern.format(year=year, seq=2):
        raise ValueError(f"the numbers of {kind.key} would all be the same: {pattern}")
    waiting = list(papers)
    while waiting:
        numbers = [pattern.format(year=year, seq=seq) for seq in allocate(kind.key, year, len(waiting))]
        taken = set(Paper.objects.filter(number__in=numbers).values_list("number", flat=True))
        free = [number for number in numbers if number not in taken]
        for paper, number in zip(waiting, free, strict=False):
            paper.number = number
        waiting = waiting[len(free) :]


def _issue(papers: Sequence[Paper], built: Mapping[int, Built], progress: Progress, left: Left) -> None:
    """Render, sign, store and put in force; what could not be made is `left`."""
    with no_boxes():
        rendered = _render(list(_drafts(list(_stated(_with_good_seals(papers, left), left)), built)), progress)
    signing = Signing()
    stored: list[Stored] = []
    try:
        for draft, each in rendered:
            if signed := signing.sign(draft.paper, each):
                stored.append(_store(draft, each, signed))
        won = put_in_force(stored)
    except BaseException:  # on a full disk each try would take the room that others have made
        _take_back(stored)
        raise
    for item in stored:
        _tidy(item, won=item in won)
    left.add(papers, stored, signing)


def _take_back(stored: Sequence[Stored]) -> None:
    """Remove the files of what broke off. It may have been the answer alone: what is in force stays."""
    of_these = Paper.objects.filter(pk__in=[item.draft.paper.pk for item in stored])
    in_force = set(of_these.values_list("file", flat=True))
    for item in stored:
        _tidy(item, won=item.name in in_force)


def _with_good_seals(papers: Sequence[Paper], left: Left) -> list[Paper]:
    """The papers whose seals may be used: since a paper was asked for its seal may have been retired, or be used in
    another way that nobody has approved of yet. Of the others why not is `left`."""
    wrong = {
        paper.pk: problem
        for paper in papers
        for seal in (paper.seal, paper.second_seal)
        if seal and (problem := seal.problem_on(paper.dated))
    }
    left.note(wrong.values())
    return [paper for paper in papers if paper.pk not in wrong]


def _stated(papers: Sequence[Paper], left: Left) -> Iterator[tuple[Paper, Facts]]:
    """The papers that can be stated, with their public facts; the statements are kept before anything is rendered. Of
    the others why not is `left`."""
    facts: dict[int, Facts] = {}
    key = signing_key()
    for paper in papers:
        try:
            facts[paper.pk] = frozen_facts(kind_of(paper).public_facts(paper))
            paper.statement = statement_of(paper, facts[paper.pk], key)
        except Exception as wrong:
            if is_away(wrong):
                raise
            facts.pop(paper.pk, None)
            left.note([_why_not_stated(paper, wrong)])
            log.exception("paper %s (%s) cannot be stated", paper.pk, paper.kind)
    stated = [paper for paper in papers if paper.pk in facts]
    with transaction.atomic():
        waiting = Paper.objects.select_for_update(of=("self",)).filter(pk__in=facts, state=State.PENDING)
        pending = set(waiting.values_list("pk", flat=True))
        Paper.objects.bulk_update([paper for paper in stated if paper.pk in pending], ["statement"], batch_size=200)
    return ((paper, facts[paper.pk]) for paper in stated)


def _why_not_stated(paper: Paper, wrong: Exception) -> str:
    if isinstance(wrong, NotPossible):
        return "；".join(wrong.reasons)
    if isinstance(wrong, TooLong):
        return f"{paper.number} 的编号或公开内容太长，二维码里写不下，请缩短编号格式"
    return str(wrong) if isinstance(wrong, SecretWrong) else "公开内容签不了名"


def _drafts(stated: Sequence[tuple[Paper, Facts]], built: Mapping[int, Built]) -> Iterator[Draft]:
    """The sheets with their numbers; built anew where a seal is used otherwise since its sheet was built."""
    for paper, facts in stated:
        before = built.get(paper.pk)
        shown = before.sheet.context if before and before.seals == _seals(paper) else None
        with _alone(paper, "built"):
            yield Draft(paper, printable(paper, shown), facts)


def _render(drafts: Sequence[Draft], progress: Progress) -> list[tuple[Draft, Rendered]]:
    if len(drafts) == 1:
        return _render_one(drafts[0], progress)
    try:
        together = list(render_each([draft.printable for draft in drafts]))
    except Exception as fault:
        if is_away(fault):
            raise
        log.exception("a batch of papers broke off; rendering them one by one")
        return [pair for draft in drafts for pair in _render_one(draft, _silent)]
    return list(zip(drafts, together, strict=True))


def _render_one(draft: Draft, progress: Progress) -> list[tuple[Draft, Rendered]]:
    with _alone(draft.paper, "rendered"):
        return [(draft, render(draft.printable, progress))]
    return []


def _store(draft: Draft, rendered: Rendered, signed: Signed) -> Stored:
    name = draft.paper.file.storage.save(stored_under(draft.paper, ""), ContentFile(signed.content))
    sha256 = hashlib.sha256(signed.content).hexdigest()
    return Stored(draft, name, sha256, len(signed.content), rendered.pages, signed)


def _fill(paper: Paper, item: Stored) -> None:
    paper.file.name = item.name
    paper.size, paper.pages, paper.sha256 = item.size, item.pages, item.sha256
    drawn = item.draft.paper  # with the pictures that were drawn, whichever the seals have by now
    paper.picture = drawn.seal.picture if drawn.seal else None
    paper.second_picture = drawn.second_seal.picture if drawn.second_seal else None
    paper.template_version, paper.facts = kind_of(paper).version, item.draft.facts
    paper.statement = drawn.statement


def _tidy(item: Stored, *, won: bool) -> None:
    """Remove the files of attempts that came to nothing; what is left behind holds personal data."""
    storage, folder = item.draft.paper.file.storage, folder_of(item.draft.paper)
    if not won:
        storage.delete(item.name)
        return
    for name in storage.listdir(folder)[1]:
        if f"{folder}/{name}" != item.name:
            storage.delete(f"{folder}/{name}")


@dataclass(frozen=True)
class _Use:
    """A seal on a paper, as it was drawn (meanwhile it may have got a picture, or lost it), who approved of it and who
    kept it."""

    paper: Paper
    seal: Seal
    approver: Any
    keeper: Any
    way: SealUse.Way
    remark: str


def _uses(paper: Paper, item: Stored) -> Iterator[_Use]:
    drawn = item.draft.paper
    own = (drawn.seal, paper.approver, paper.keeper)
    other = (drawn.second_seal, paper.second_approver or paper.approver, paper.second_keeper)
    for name, (seal, approver, keeper) in zip(FIELDS, (own, other), strict=True):
        if seal:
            remark = "留白，待手工加盖" if seal.way_of_use == SealUse.Way.BLANK else note_of(name, item.signed)
            yield _Use(paper, seal, approver, keeper, seal.way_of_use, remark)


def _register(uses: Sequence[_Use]) -> None:
    """A line in the register of seal use for each seal on each paper."""
    if not uses:
        return
    now = clock.now()
    numbers = allocate(REGISTER, now.year, len(uses))
    approved = {account.pk: approved_by(account) for account in {use.approver for use in uses if use.approver}}
    SealUse.objects.bulk_create(
        (
            _register_line(use, seq, now, approved[use.approver.pk] if use.approver else approved_by(None))
            for use, seq in zip(uses, numbers, strict=True)
        ),
        batch_size=200,
    )


def _register_line(use: _Use, seq: int, now: datetime, approver: str) -> SealUse:
    paper, seal = use.paper, use.seal
    return SealUse(
        number=f"{now.year}-{seq:05d}",
        year=now.year,
        used_at=now,
        seal=seal,
        seal_name=seal.name,
        applicant=paper.applicant,
        reason=paper.reason,
        document=f"{paper.title}（{paper.number}）",
        copies=paper.copies,
        approver=approver,
        keeper=use.keeper.name if use.keeper else "",
        way=use.way,
        remark=use.remark,
        sha256=paper.sha256,
        paper=paper,
    )


def _give_up(job: Job, left: Left) -> None:
    """Have the job tried again; after its last attempt the papers count as failed and wait for a person."""
    if job.attempts < MAX_ATTEMPTS:
        raise RuntimeError(f"{len(left.broken)} papers of job {job.pk} could not be made")
    with transaction.atomic():
        fire_many(Paper.objects.filter(pk__in=left.broken, state=State.PENDING), "fail", actor=SYSTEM)
    why = "".join(f"{each}。" for each in left.why)
    raise JobFailed(
        f"{len(left.broken)} 份文书没有生成，其余已签发。{why}请在文书页点“重新生成”；仍不成功请联系系统管理员"
    )


def _outcome(job: Job) -> tuple[str, str]:
    issued = list(job.papers.filter(state=State.ISSUED)[:2])
    count = job.papers.filter(state=State.ISSUED).count()
    address = issued[0].get_absolute_url() if len(issued) == 1 else f"{reverse('papers:list')}?job={job.uid}"
    return f"已签发 {count} 份", address
