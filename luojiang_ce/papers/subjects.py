"""Whom papers are about: said in lists to whoever may see that person, and never to the public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q

from luojiang_ce.access import Actor

from .models import Paper, PaperKind, paper_kinds


def name_subjects(papers: Iterable[Paper], account: Actor) -> None:
    """Give these papers `about`, the name of their subject, where the account sees it. A query per type of subject."""
    rows = list(papers)
    for kind in _named():
        # A revoked paper and the one in its place are about the same.
        if own := [paper for paper in rows if paper.kind == kind.key]:
            seen = _subjects(kind, account).filter(pk__in={paper.subject_id for paper in own})
            names = dict(seen.values_list("pk", kind.named_after))
            for paper in own:
                paper.about = names.get(paper.subject_id, "")


def about(account: Actor, words: str) -> Q:
    """Papers about whoever is called so, of those whom the account sees."""
    found = Q(pk__in=[])
    for kind in _named():
        named = _subjects(kind, account).filter(**{f"{kind.named_after}__icontains": words})
        found |= Q(kind=kind.key, subject_id__in=named.values("pk"))
    return found


def _named() -> Iterator[PaperKind]:
    return (kind for kind in paper_kinds().values() if kind.named_after)


def _subjects(kind: PaperKind, account: Actor) -> Any:
    assert kind.subject_model is not None
    return kind.subject_model._default_manager.visible_to(account)  # type: ignore[attr-defined]
