"""The kinds of papers. What a paper says lives with its case: the case kinds name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.workflow.case_kind import case_kinds

from .printable import Style

Facts = Mapping[str, object] | Sequence[tuple[str, object]]


@dataclass(frozen=True)
class PaperKind:
    """One kind of official paper.

    `build(paper)` reads the case and gives what the template shows; a long list goes under the key `rows`, which
    the renderer hands to the template in parts. `public_facts(paper)` gives, in order, what the public check may
    show: names masked, never an ID number. `number_format` seeds the kind's series of numbers (`{year}`, `{seq:05d}`);
    without a format the number is given with the request (a 发文字号).
    `version` is raised with every change of the template. `withdrawn_by` are roles that, besides the issuer's own,
    withdraw such a paper by an act on their case: a unit that cancels its class withdraws the notice of it.
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
    subject_model: type[models.Model] | None = None
    open_to_subject: bool = False
    withdrawn_by: tuple[Role, ...] = ()


def paper_kinds() -> dict[str, PaperKind]:
    """All kinds by key."""
    return {paper.key: paper for kind in case_kinds() for paper in kind.papers}


def kind_of(paper: Any) -> PaperKind:
    """The kind of a paper; LookupError when no app has registered it."""
    return paper_kinds()[paper.kind]


def visibility(account: Actor) -> Q:
    """The condition under which an account sees a paper: one subquery per type of case, whatever their number."""
    condition = Q(pk__in=[])
    for model in {kind.case_model for kind in paper_kinds().values()}:
        condition |= _among("case", model, account)
    for kind in paper_kinds().values():
        if kind.open_to_subject and kind.subject_model:
            condition |= Q(kind=kind.key) & _among("subject", kind.subject_model, account)
    return condition


def _among(field: str, model: type[models.Model], account: Actor) -> Q:
    seen = model._default_manager.visible_to(account).values("pk")  # type: ignore[attr-defined]
    return Q(**{f"{field}_type": model._meta.label_lower, f"{field}_id__in": seen})
