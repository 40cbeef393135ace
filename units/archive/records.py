"""Cases as they are archived: their rows in words, their history with names and offices as of then, their files.

Everything that a chunk of cases of one kind needs is loaded at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import tree
from luojiang_ce.proof.models import TreeHead
from luojiang_ce.workflow.case_kind import CaseKind
from luojiang_ce.workflow.models import Event, ReturnItem
from units import audit
from units.models import Assignment

from .checking import MATERIAL
from .content import clean, facts_of, is_kind, parts_of
from .metadata import UNSET, Act, Agent, Record
from .models import Item, Retention
from .year import rows_at_hand

NO_ACCOUNT = "系统"


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
    """Which offices accounts held on a day, and who has acted so far. One query for all."""

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
        if account is None:
            return NO_ACCOUNT, ""
        key = f"A{account.pk}"
        name, offices = self._acted.setdefault(key, (str(account.name), {}))
        held = [_office(each) for each in self._held.get(account.pk, ()) if _holds(each, day)]
        offices.update(dict.fromkeys(held))
        return f"{name}（{'、'.join(held)}）" if held else name, key

    def agents(self) -> Iterator[Agent]:
        """Everybody who acted."""
        yield from (Agent(key, name, list(offices)) for key, (name, offices) in sorted(self._acted.items()))


def _office(each: Assignment) -> str:
    return f"{each.unit.name} {each.get_role_display()}"


def _holds(each: Assignment, day: date) -> bool:
    ended = clock.day_of(each.stopped_at)
    return each.valid_from <= day and (each.valid_to is None or day <= each.valid_to) and (not ended or day <= ended)


def records_of(
    kind: CaseKind, items: Sequence[Item], offices: Offices, kept: Mapping[str, Retention]
) -> Iterator[tuple[Record, list[Source]]]:
    """Cases of one kind with the files that belong to them; a case that is gone meanwhile is left out."""
    cases = {case.pk: case for case in rows_at_hand(kind, [item.case_id for item in items])}
    parts = parts_of(list(cases.values()))
    rows = {pk: [case, *(row for part in parts.get(pk, ()) for row in part.objects if is_kind(row))]
            for pk, case in cases.items()}  # fmt: skip
    papers, files = _papers(kind, cases), _attachments(rows)
    events = _events({pk: [*rows[pk], *papers.get(pk, ())] for pk in rows})
    for item in items:
        if case := cases.get(item.case_id):
            acts = [_act(event, offices) for event in events.get(case.pk, ())]
            record = _record(kind, item, case, acts, kept)
            record.facts, record.parts = facts_of(case), parts.get(case.pk, [])
            yield record, list(_sources(papers.get(case.pk, ()), files.get(case.pk, ()), record))


def _record(kind: CaseKind, item: Item, case: Any, acts: list[Act], kept: Mapping[str, Retention]) -> Record:
    unit, held = getattr(case, "unit", None), kept.get(kind.key)
    return Record(
        folder=item.folder, number=item.number, year=item.package.year, kind=str(kind.model._meta.verbose_name),
        kind_key=kind.key, title=item.title, reference=clean(str(getattr(case, "number", None) or "")),
        unit=str(unit.name) if unit else "", unit_code=str(unit.code) if unit else "",
        state=case.get_state_display(), closed_on=next((act.at.date() for act in reversed(acts) if act.move), None),
        retention=held.period if held else UNSET, acts=acts,
    )  # fmt: skip


def _papers(kind: CaseKind, cases: Mapping[int, Any]) -> dict[int, list[Paper]]:
    found: dict[int, list[Paper]] = defaultdict(list)
    rows = Paper.objects.in_force().filter(case_type=kind.key, case_id__in=cases)
    for paper in rows.with_successors().order_by("pk"):
        found[paper.case_id].append(paper)
    return found


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
        of_kind = Attachment.objects.filter(case_type=key, case_id__in=owners, removed_at=None)
        for each in of_kind.order_by("pk"):
            found[owners[each.case_id]].append(each)
    return found


def _events(rows: Mapping[int, Sequence[Any]]) -> dict[int, list[Event]]:
    """The events about each case, its papers and what belongs to it, in their order."""
    found: dict[int, list[Event]] = defaultdict(list)
    for key, owners in _owners(rows).items():
        of_kind = Event.objects.filter(case_type=key, case_id__in=owners).select_related("actor", "note_row")
        for event in of_kind.prefetch_related("return_items").order_by("pk"):
            found[owners[event.case_id]].append(event)
    return {owner: sorted(events, key=lambda event: event.pk) for owner, events in found.items()}


def _act(event: Event, offices: Offices) -> Act:
    at = clock.local(event.at)
    who, agent = offices.acted(event.actor, at.date())
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


def _sources(papers: Sequence[Paper], files: Sequence[Attachment], record: Record) -> Iterator[Source]:
    for n, paper in enumerate(papers, 1):
        yield Source(
            f"文书-{n:03d}.pdf", clean(paper.title), "文书", paper.file, paper.sha256, paper.pages, paper.number or "",
            paper.dated, paper.standing, paper=paper,
        )  # fmt: skip
    for n, each in enumerate(files, 1):
        name = f"{MATERIAL}{n:03d}{_ending(each.file.name)}"
        uploaded = clock.day_of(each.uploaded_at)
        yield Source(name, clean(each.name), "材料", each.file, each.sha256, day=uploaded, original=clean(each.name))
    stored = [file for part in record.parts for file in part.files]
    for n, file in enumerate(stored, 1):
        yield Source(f"附件-{n:03d}{_ending(file.name)}", file.field.verbose_name, "附件", file, "")


def _ending(name: str | None) -> str:
    """As stored: letters and digits alone, so that no name leads anywhere."""
    return "".join(
        c for c in PurePosixPath(name or "").suffix.lower()[:10] if c.isascii() and (c.isalnum() or c == ".")
    )


def proof_of(paper: Paper, head: TreeHead | None) -> bytes:
    """That a paper is in the tree; empty while it is not in that head."""
    found = tree.inclusion_of(ISSUED, paper, head) if head else None
    return str(found).encode() if found else b""
