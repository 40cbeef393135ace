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
        own = {paper.subject_id: paper for paper in rows if paper.kind == kind.key}
        if own:
            names = _subjects(kind, account).filter(pk__in=own).values_list("pk", kind.named_after)
            for pk, name in names:
                own[pk].about = name


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
