"""Cases as they are archived: their rows in words, their history with names and offices as of then, their files.

Everything that a chunk of cases of one kind needs is loaded at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, groupby
from pathlib import PurePosixPath
from typing import Any

from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.papers.kinds import paper_kinds
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import tree
from luojiang_ce.proof.models import TreeHead
from luojiang_ce.proof.notes import Note
from luojiang_ce.workflow.case_kind import CaseKind
from luojiang_ce.workflow.events import without_account
from luojiang_ce.workflow.models import Event, ReturnItem
from units import audit
from units.models import Assignment

from .blocks import in_blocks
from .checking import MATERIAL, PAPER, PAPER_ENDING, PROOF_ENDING
from .content import clean, facts_of, parts_of
from .metadata import UNSET, Act, Agent, PaperElsewhere, Record
from .models import Item, Package, Retention
from .naming import bounded, fit_for_files
from .traces import rows_of_each
from .year import rows_at_hand

AT_ONCE = 50  # cases at hand at a time
ROWS_AT_ONCE = 5_000  # of what belongs to them: a class brings the signs of all its trainees


@dataclass(frozen=True)
class Source:
    """A file of a case as it is stored: the name that it gets in the package, what it is, and what was noted of it when
    it was kept (SHA-256; empty where nothing was). `paper`: whose proof lies beside it."""

    name: str
    title: str
    kind: str
    file: Any
    sha256: str
    pages: int = 0
    number: str = ""
    day: date | None = None
    state: str = ""
    original: str = ""
    paper: Paper | None = None


class Offices:
    """Which offices accounts held on a day, and who has acted so far, by the names that they bear now. One query for
    all."""

    def __init__(self) -> None:
        self._acted: dict[str, tuple[str, dict[str, None]]] = {}

    @cached_property
    def _held(self) -> Mapping[int, list[Assignment]]:
        found: dict[int, list[Assignment]] = defaultdict(list)
        for each in Assignment.objects.select_related("unit").order_by("pk"):
            found[each.account_id].append(each)
        return found

    def acted(self, account: Any, day: date) -> tuple[str, str]:
        """Who somebody was on a day, in words, and how the package calls him; both are kept for its list."""
        key = f"A{account.pk}"
        name, offices = self._acted.setdefault(key, (str(account.name), {}))
        then = (each for each in self._held.get(account.pk, ()) if _holds(each, day))
        held = [f"{each.unit.name} {each.get_role_display()}" for each in then]
        offices.update(dict.fromkeys(held))
        return f"{name}（{'、'.join(held)}）" if held else name, key

    def agents(self) -> Iterator[Agent]:
        """Everybody who acted."""
        yield from (Agent(key, name, list(offices)) for key, (name, offices) in sorted(self._acted.items()))


def _holds(each: Assignment, day: date) -> bool:
    ended = clock.day_of(each.stopped_at)
    return each.valid_from <= day and (each.valid_to is None or day <= each.valid_to) and (not ended or day <= ended)


def fitting(kind: CaseKind, items: Iterable[Item]) -> Iterator[list[Item]]:
    """As many cases at a time as are held at once, with what belongs to them; one at least."""
    for some in in_blocks(items, AT_ONCE):
        rows = rows_of_each(kind, [item.case_id for item in some])
        held = accumulate(rows.get(item.case_id, 0) for item in some)
        for _, fit in groupby(zip(some, held, strict=True), key=lambda each: each[1] // ROWS_AT_ONCE):
            yield [item for item, _ in fit]


def records_of(
    kind: CaseKind, items: Sequence[Item], offices: Offices, kept: Mapping[str, Retention]
) -> Iterator[tuple[Record, list[Source]]]:
    """Cases of one kind with the files that belong to them; a case that is gone is passed over."""
    cases = {case.pk: case for case in rows_at_hand(kind, [item.case_id for item in items])}
    parts = parts_of(list(cases.values()))
    rows = {pk: [case, *(row for part in parts.get(pk, ()) for row in part.addressed)] for pk, case in cases.items()}
    papers, files, elsewhere = _papers(kind, cases), _attachments(rows), _elsewhere(kind, cases, items)
    about = _about(paper for some in papers.values() for paper in some)
    events = _events({pk: [*rows[pk], *papers.get(pk, ())] for pk in rows})
    for item in items:
        if case := cases.get(item.case_id):
            record = _record(kind, item, case, events.get(case.pk, []), kept)
            record.acts = [_act(event, offices) for event in events.get(case.pk, ())]
            record.facts, record.parts = facts_of(case), parts.get(case.pk, [])
            record.elsewhere = elsewhere.get(case.pk, ())
            named = [(paper, about.get(paper.pk) or _whose(paper, case)) for paper in papers.get(case.pk, ())]
            yield record, list(_sources(named, files.get(case.pk, ()), record))


def _record(kind: CaseKind, item: Item, case: Any, events: list[Event], kept: Mapping[str, Retention]) -> Record:
    unit, held = getattr(case, "unit", None), kept.get(kind.key)
    return Record(
        folder=item.folder, number=item.number, year=item.package.year, kind=str(kind.model._meta.verbose_name),
        kind_key=kind.key, title=item.title, reference=clean(str(getattr(case, "number", None) or "")),
        unit=str(unit.name) if unit else "", uscc=str(unit.uscc) if unit else "",
        state=case.get_state_display(), closed_on=_last_move(kind, case, events),
        retention=held.period if held else UNSET,
    )  # fmt: skip


def _last_move(kind: CaseKind, case: Any, events: Sequence[Event]) -> date | None:
    """The day on which the case itself, not a paper or a row of it, last came into another state."""
    own = (each for each in reversed(events) if (each.case_type, each.case_id) == (kind.key, case.pk))
    return next((clock.local(each.at).date() for each in own if each.source != each.target), None)


def _kept_papers() -> Any:
    """The papers that an archive has; of one that was revoked before it was made there is none."""
    return Paper.objects.in_force().exclude(number=None).with_successors().order_by("pk")


def _papers(kind: CaseKind, cases: Mapping[int, Any]) -> dict[int, list[Paper]]:
    found: dict[int, list[Paper]] = defaultdict(list)
    for paper in _kept_papers().filter(case_type=kind.key, case_id__in=cases):
        found[paper.case_id].append(paper)
    return found


def _elsewhere(kind: CaseKind, cases: Mapping[int, Any], items: Sequence[Item]) -> dict[int, list[PaperElsewhere]]:
    """The papers about each case that lie with another one: of a year in a batch its sheet."""
    found: dict[int, list[PaperElsewhere]] = defaultdict(list)
    rows = _kept_papers().filter(subject_type=kind.key, subject_id__in=cases)
    papers = list(rows.exclude(case_type=kind.key, case_id=F("subject_id")))
    about, lie = _about(papers), _lie(papers, items)
    for paper in papers:
        own = (items[0].package_id, paper.case_type, paper.case_id)
        item = lie.get(own) or lie.get((None, *own[1:]))
        path = f"{item.folder}/{paper_name(paper, about.get(paper.pk, ''))}" if item and own in lie else ""
        told = PaperElsewhere(clean(paper.title), paper.number or "", paper.dated, paper.standing, path, _place(item))
        found[paper.subject_id].append(told)
    return found


def _place(item: Item | None) -> str:
    """Where the case is with which a paper lies."""
    if item is None:
        return "未归档"
    return "未归档，见“其他/未归档.xlsx”" if item.reason else f"在归档包 {item.package.called} 里"


def _lie(papers: Sequence[Paper], items: Sequence[Item]) -> dict[tuple[int | None, str, int], Item]:
    """With which cases papers lie: in the same package, by its id, packed or left out; by none, in the newest of the
    others that were made."""
    if not papers:
        return {}
    own, ids = items[0].package_id, {paper.case_id for paper in papers}
    rows = Item.objects.filter(case_id__in=ids).select_related("package")
    made = rows.packed().filter(package__state__in=Package.MADE).exclude(package=own).order_by("pk")
    left, here = rows.left_out().filter(package=own), rows.packed().filter(package=own)
    lie: dict[tuple[int | None, str, int], Item] = {}
    for package, there in ((None, left), (None, made), (own, here)):
        lie |= {(package, item.case_type, item.case_id): item for item in there}
    return lie


def _about(papers: Iterable[Paper]) -> dict[int, str]:
    """Whom papers with a subject are about, by their ids. One query for each kind of paper that is called so."""
    found: dict[int, str] = {}
    kinds, own = paper_kinds(), defaultdict(list)
    for paper in papers:
        own[paper.kind].append(paper)
    for key, some in own.items():
        if (kind := kinds.get(key)) and kind.named_after and kind.subject_model:
            rows = kind.subject_model._default_manager.filter(pk__in={paper.subject_id for paper in some})
            names = dict(rows.values_list("pk", kind.named_after[0]))
            found |= {paper.pk: names.get(paper.subject_id, "") for paper in some}
    return found


def _whose(paper: Paper, case: Any) -> str:
    """Of a paper about its whole case: the one person that this is about."""
    return "" if paper.subject_type else str(getattr(getattr(case, "person", None), "name", ""))


def paper_name(paper: Paper, about: str) -> str:
    """What the file of a paper is called: its number, and whom it is about; with room for the ending of its proof."""
    parts = map(fit_for_files, (paper.number or paper.code, clean(about)))
    return f"{bounded(PAPER + '-'.join(filter(None, parts)), PROOF_ENDING)}{PAPER_ENDING}"


def _owners(rows: Mapping[int, Sequence[Any]]) -> dict[str, dict[int, int]]:
    """By kind and id of a row, the case with which it lies."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for owner, some in rows.items():
        for row in some:
            found[row._meta.label_lower][row.pk] = owner
    return found


def _attachments(rows: Mapping[int, Sequence[Any]]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    for key, owners in _owners(rows).items():
        for some in in_blocks(owners):
            of_kind = Attachment.objects.filter(case_type=key, case_id__in=some, removed_at=None)
            for each in of_kind.order_by("pk"):
                found[owners[each.case_id]].append(each)
    return found


def _events(rows: Mapping[int, Sequence[Any]]) -> dict[int, list[Event]]:
    """The events about each case, its papers and what belongs to it, in their order."""
    found: dict[int, list[Event]] = defaultdict(list)
    for key, owners in _owners(rows).items():
        for some in in_blocks(owners):
            of_kind = Event.objects.filter(case_type=key, case_id__in=some).select_related("actor", "note_row")
            for event in of_kind.prefetch_related("return_items").order_by("pk"):
                found[owners[event.case_id]].append(event)
    return {owner: sorted(events, key=lambda event: event.pk) for owner, events in found.items()}


def _act(event: Event, offices: Offices) -> Act:
    at = clock.local(event.at)
    who, agent = offices.acted(event.actor, at.date()) if event.actor else (without_account(event), "")
    asked = [_asked(item) for item in event.return_items.all()]
    said = "；".join(filter(None, [audit.note(event), audit.contents(event), *asked]))
    return Act(
        at, audit.event_label(event.case_type, event.name), audit.move_label(event), who, agent, clean(said),
        str(event.uid), event.hmac,
    )  # fmt: skip


def _asked(item: ReturnItem) -> str:
    said = f"{item.where} {item.wrong}".strip()
    mend, answer = (
        f"，{label}：{text}" if text else "" for label, text in (("补正要求", item.mend), ("补正情况", item.answer))
    )
    return f"{said}{mend}{answer}"


def _sources(papers: Sequence[tuple[Paper, str]], files: Sequence[Attachment], record: Record) -> Iterator[Source]:
    for paper, about in papers:
        yield Source(
            paper_name(paper, about), clean(paper.title), "文书", paper.file, paper.sha256, paper.pages,
            paper.number or "", paper.dated, paper.standing, paper=paper,
        )  # fmt: skip
    for n, each in enumerate(files, 1):
        name = f"{MATERIAL}{n:03d}{_ending(each.file_name)}"
        uploaded = clock.day_of(each.uploaded_at)
        yield Source(name, clean(each.name), "材料", each.file, each.sha256, day=uploaded, original=clean(each.name))
    stored = [file for part in record.parts for file in part.files]
    for n, file in enumerate(stored, 1):
        yield Source(f"附件-{n:03d}{_ending(file.name)}", file.field.verbose_name, "附件", file, "")


def _ending(name: str | None) -> str:
    """Letters and digits alone, so that no name leads anywhere."""
    return "".join(
        c for c in PurePosixPath(name or "").suffix.lower()[:10] if c.isascii() and (c.isalnum() or c == ".")
    )


def proof_of(paper: Paper, heads: Mapping[TreeHead, Note]) -> bytes:
    """That a paper is in the first of these heads that holds it; empty where none does. `heads`: each with its note."""
    found = (tree.inclusion_of(ISSUED, paper, head, note) for head, note in heads.items())
    return next((str(each).encode() for each in found if each), b"")
