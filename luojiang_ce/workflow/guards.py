"""Guards that many case types share. A guard gives the reason why not, in Chinese, or None."""

from __future__ import annotations

from django.conf import settings

from luojiang_ce import clock

from .events import last_actor_id
from .table import Context, Guard


def four_eyes(*earlier: str) -> Guard:
    """Whoever fired one of these earlier transitions may not decide (product.md: two persons for one case)."""

    def guard(context: Context) -> str | None:
        if not settings.FOUR_EYES or context.actor.pk is None:
            return None
        if context.actor.pk in {last_actor_id(context.case, name) for name in earlier}:
            return "审核人与审批人须为两人，本件由您审核，请另一位审批人办理"
        return None

    return guard


def mark_submitted(context: Context) -> None:
    """Effect of every submission: when first, when last."""
    context.case.submitted_at = clock.now()
    context.case.first_submitted_at = context.case.first_submitted_at or context.case.submitted_at
