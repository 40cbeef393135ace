"""Whom papers are about: said in lists to whoever may see that person, and never to the public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q

from luojiang_ce.access import Actor
from luojiang_ce.id_shapes import beside_birth

from .kinds import PaperKind, paper_kinds
from .models import Paper


def name_subjects(papers: Iterable[Paper], account: Actor) -> None:
    """Give these papers `about`, the name of their subject, where the account sees it; namesakes among them with the
    last two of their numbers. A query per kind of paper."""
    rows = list(papers)
    for kind in _named():
        # A revoked paper and the one in its place are about the same.
        if own := [paper for paper in rows if paper.kind == kind.key]:
            seen = _subjects(kind, account).filter(pk__in={paper.subject_id for paper in own})
            names = _apart({pk: (name, number) for pk, name, number in seen.values_list("pk", *kind.named_after)})
            for paper in own:
                paper.about = names.get(paper.subject_id, "")


def _apart(found: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    numbers: dict[str, set[str]] = defaultdict(set)
    for name, number in found.values():
        numbers[name].add(number)
    return {
        pk: f"{name}（尾号 {beside_birth(number)[-2:]}）" if len(numbers[name]) > 1 else name
        for pk, (name, number) in found.items()
    }


def subject_of(paper: Paper) -> Any:
    """What a paper is about; None where it is about its case alone."""
    kind = paper_kinds().get(paper.kind)
    subjects: Any = kind.subject_model._default_manager if kind and kind.subject_model else None
    return subjects.filter(pk=paper.subject_id).first() if subjects and paper.subject_id else None


def about(account: Actor, words: str) -> Q:
    """Papers about whoever is called so, of those whom the account sees."""
    found = Q(pk__in=[])
    for kind in _named():
        named = _subjects(kind, account).filter(**{f"{kind.named_after[0]}__icontains": words})
        found |= Q(kind=kind.key, subject_id__in=named.values("pk"))
    return found


def _named() -> Iterator[PaperKind]:
    return (kind for kind in paper_kinds().values() if kind.named_after)


def _subjects(kind: PaperKind, account: Actor) -> Any:
    assert kind.subject_model is not None
    return kind.subject_model._default_manager.visible_to(account)  # type: ignore[attr-defined]
