"""Guards that many case types share. A guard gives the reason why not, in Chinese, or None."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from .events import last_actor_id
from .table import Context, Guard


def four_eyes(*earlier: str) -> Guard:
    """Whoever fired one of these earlier transitions may not decide (product.md: two persons for one case)."""

    def guard(context: Context) -> str | None:
        if not settings.FOUR_EYES or context.actor.pk is None:
            return None
        if context.actor.pk in _last_actors(context.case, earlier):
            return "审核人与审批人须为两人，本件由您审核，请另一位审批人办理"
        return None

    return guard


def _last_actors(case: Any, names: tuple[str, ...]) -> set[int | None]:
    """Looked up once per loaded row: a page asks for each of its buttons, and `fire` loads a row of its own."""
    known = case.__dict__.setdefault("_last_actors", {})
    if names not in known:
        known[names] = {last_actor_id(case, name) for name in names}
    return set(known[names])
