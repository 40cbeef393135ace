"""The papers of the demo as the worker makes them: every official document, and one of every other kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from django.core.management import call_command
from django.test import override_settings

from luojiang_ce import clock
from luojiang_ce.papers.content import printable
from luojiang_ce.papers.issuing import reserve
from luojiang_ce.papers.kinds import PaperKind, kind_of, paper_kinds
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printable import Printable
from training.plans.models import PlanItem
from units.models import Person, Unit


@dataclass(frozen=True)
class Shown:
    """A paper: what is printed, the names of which the fonts are asked before it is issued, all that there are."""

    kind: str
    name: str
    official: bool
    printable: Printable
    asked: str
    known: frozenset[str]
    unnumbered: Printable | None  # the same as it was built before it had its number, where a series gives that


def kinds() -> dict[str, PaperKind]:
    """The product's own kinds."""
    return {key: kind for key, kind in paper_kinds().items() if not key.startswith("sample.")}


_made: list[Shown] = []


def of_the_demo() -> list[Shown]:
    """Made once in a process; needs the database."""
    if not _made:
        with override_settings(DEMO=True), clock.at(datetime.fromisoformat("2026-11-30T09:30:00+08:00")):
            for command in ("load_reference", "load_demo"):
                call_command(command, verbosity=0, stdout=StringIO())
            _made.extend(_papers())
    return _made


def _papers() -> Iterator[Shown]:
    bureau = Unit.objects.bureau()  # its own name is on the seal and on every head
    known = frozenset(
        {
            *Person.objects.values_list("name", flat=True),
            *Unit.objects.exclude(pk=bureau.pk if bureau else None).values_list("name", flat=True),
            *PlanItem.objects.values_list("title", flat=True),
        }
    ) - {""}
    seen = set[str]()
    papers = Paper.objects.standing().filter(kind__in=kinds()).order_by("pk")
    for pk in [paper.pk for paper in papers if kind_of(paper).style == "official" or paper.kind not in seen]:
        paper = Paper.objects.get(pk=pk)
        if paper.kind in seen and kind_of(paper).style != "official":
            continue
        seen.add(paper.kind)
        if paper.number is None:
            (paper,) = reserve([pk])
        kind = kind_of(paper)
        asked = "\n".join(kind.names(kind.case_model._default_manager.get(pk=paper.case_id)))
        name = f"{paper.kind} {paper.pk} {paper.title}"
        yield Shown(paper.kind, name, kind.style == "official", printable(paper), asked, known, _unnumbered(paper))


def _unnumbered(paper: Paper) -> Printable | None:
    """As the worker builds it: the number comes when it is sure that the sheet can be printed."""
    kind, number = kind_of(paper), paper.number
    if not kind.number_format:
        return None
    paper.number = None
    built = kind.build(paper)
    paper.number = number
    return printable(paper, built)
