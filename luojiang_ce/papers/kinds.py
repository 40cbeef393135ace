"""What a kind of paper is: the apps name those of their cases, and everything about papers asks them.

Kinds are no rows: nothing here is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from luojiang_ce.access import Role
from luojiang_ce.workflow.case_kind import case_kinds

from .printable import Style

Facts = Mapping[str, object] | Sequence[tuple[str, object]]


def no_names(case: Any) -> Iterable[str]:
    """Of papers that name nobody."""
    return ()


def none_in_review(papers: Sequence[Any]) -> set[int]:
    """Of papers under which nothing can change."""
    return set()


@dataclass(frozen=True)
class PaperKind:
    """One kind of official paper. What a paper says lives with its case: the case kinds name those of their papers.

    `build(paper)` reads the case and gives what the template shows; a long list goes under the key `rows`, which
    the renderer hands to the template in parts. `public_facts(paper)` gives, in order, what the public check may
    show: names masked, never an ID number. `number_format` seeds the kind's series of numbers (`{year}`,
    `{seq:05d}`); without a format the number is given with the request (a 发文字号).
    `named_after`: the paths from a subject to its name and masked number, by which lists call the paper.
    `in_order`: how the roster orders its subjects; their papers are then printed together in that order.
    `stamped_by`: whose it is, said in lists of kinds where another kind bears the same title (`label`).
    `fitted`: see Printable. `version` is raised with every change of the template.
    `names(case)`: the names of people and things that it prints, which the fonts must be able to draw.
    `in_review(papers)`: the keys of those among these of which what they rest on has changed, and nobody has decided
    yet what follows: the public check says so, and the lists and pages of papers (`papers_in_review`).
    `beside(paper)`: other files of what it says, as (label, address), offered on its page to whoever sees its case.
    `withdrawn_by` are roles that, besides the issuer's own, withdraw such a paper by an act on their case: a unit that
    cancels its class withdraws the notice of it.
    """

    key: str
    title: str
    case_model: type[models.Model]
    template: str
    version: str
    build: Callable[[Any], Mapping[str, Any]]
    public_facts: Callable[[Any], Facts]
    style: Style = "page"
    number_format: str = ""
    fitted: str = ""
    subject_model: type[models.Model] | None = None
    named_after: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()
    stamped_by: str = ""
    open_to_subject: bool = False
    withdrawn_by: tuple[Role, ...] = ()
    in_review: Callable[[Sequence[Any]], set[int]] = none_in_review
    beside: Callable[[Any, Any], Sequence[tuple[str, str]]] = lambda paper, account: ()
    names: Callable[[Any], Iterable[str]] = no_names

    @property
    def label(self) -> str:
        """The title, with whose it is where several have the same."""
        return f"{self.title}（{self.stamped_by}）" if self.stamped_by else self.title


def paper_kinds() -> dict[str, PaperKind]:
    """All kinds by key."""
    return {paper.key: paper for kind in case_kinds() for paper in kind.papers}


def papers_in_review(papers: Iterable[Any]) -> set[int]:
    """The keys of those of these papers that are in force and looked at again (复核中). A query or two for each way in
    which anything can change under them, however many papers and kinds there are."""
    kinds = paper_kinds()
    asked: dict[Callable[[Sequence[Any]], set[int]], list[Any]] = defaultdict(list)
    for paper in papers:
        if paper.state == paper.State.ISSUED and paper.kind in kinds:
            asked[kinds[paper.kind].in_review].append(paper)
    return {key for in_review, rows in asked.items() for key in in_review(rows)}


def kind_of(paper: Any) -> PaperKind:
    """The kind of a paper; LookupError when no app has registered it."""
    return paper_kinds()[paper.kind]
