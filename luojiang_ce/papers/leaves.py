"""Papers in the tree of luojiang_ce/proof: each as it was issued, each revocation; and the list of those revoked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.proof.sources import (
    Answer,
    LeafSource,
    Revoked,
    Standing,
    paper_leaf,
    register_answers,
    register_revocations,
    register_source,
    revocation_leaf,
)
from luojiang_ce.proof.tree import inclusion_of

from .check import find, is_in_review
from .codes import normalise, plain
from .models import Paper

ISSUED, REVOKED = "paper", "revocation"


def register() -> None:
    """Called when the app is ready."""
    register_source(LeafSource(ISSUED, "文书", _issued, _issued_leaf))
    register_source(LeafSource(REVOKED, "文书的撤销", _revoked, _revoked_leaf))
    register_revocations(revoked_papers)
    register_answers(answer_for)


def revoked_papers() -> Iterator[Revoked]:
    """Every paper that was issued and is not valid any more, with the number of the one in its place. Two queries."""
    for paper in _revoked().prefetch_related("replacements"):
        day = clock.day_of(paper.revoked_at)
        assert day  # the table of states writes it
        yield Revoked(plain(paper.code), day, paper.superseded_by)


def answer_for(code: str) -> Answer:
    """How the paper behind a code stands, and its proof of inclusion. What `find` and `inclusion_of` ask."""
    paper = find(code=normalise(code))
    if paper is None:
        return Answer(Standing.UNKNOWN)
    return Answer(_standing(paper), paper.number or "", inclusion_of(ISSUED, paper))


def _standing(paper: Paper) -> Standing:
    if paper.state == Paper.State.REVOKED:
        return Standing.REVOKED
    return Standing.REVIEW if is_in_review(paper) else Standing.VALID


def _issued() -> QuerySet[Paper]:
    return Paper.objects.filter(issued_at__isnull=False)


def _revoked() -> QuerySet[Paper]:
    return Paper.objects.filter(issued_at__isnull=False, state=Paper.State.REVOKED)


def _issued_leaf(paper: Any) -> bytes:
    return paper_leaf(code=plain(paper.code), statement=bytes(paper.statement), sha256=paper.sha256)


def _revoked_leaf(paper: Any) -> bytes:
    return revocation_leaf(code=plain(paper.code), revoked_at=int(paper.revoked_at.timestamp()))
