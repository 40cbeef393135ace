"""Case types by key, and the one call that loads and authorises.

Papers, files, events and jobs point at their case by a generic key (type, id); they are visible where the
case itself is, so this is the only place that resolves such a key.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from .roles import Actor

M = TypeVar("M", bound=models.Model)

_case_models: dict[str, type[models.Model]] = {}


class VisibleQuerySet(models.QuerySet[M]):
    """A query set that knows which rows an account may see."""

    def visible_to(self, account: Actor) -> VisibleQuerySet[M]:
        """The rows that this account may see: who sees what is decided here and nowhere else."""
        raise NotImplementedError(f"{self.model.__name__} must say who sees it")


def register_case(model: type[models.Model]) -> None:
    """Make a model addressable by its key; called in the app's `ready()`."""
    _case_models[model._meta.label_lower] = model


def case_models() -> dict[str, type[models.Model]]:
    """All registered case types by key."""
    return dict(_case_models)


def case_key(case: models.Model) -> tuple[str, int]:
    """The generic key of a case: (`app_label.model`, id)."""
    return case._meta.label_lower, case.pk


def get_visible_or_404(model: type[M] | models.QuerySet[M], request: HttpRequest, **lookup: Any) -> M:
    """Load one row that the signed-in account may see. A stranger gets 404, not 403."""
    rows: Any = model if isinstance(model, models.QuerySet) else model._default_manager
    found: M = get_object_or_404(rows.visible_to(request.user), **lookup)
    return found


def get_visible_case_or_404(case_type: str, case_id: int, request: HttpRequest) -> Any:
    """Load a case by its generic key, if the signed-in account may see it."""
    model = _case_models.get(case_type)
    if model is None:
        raise Http404
    return get_visible_or_404(model, request, pk=case_id)
