"""Guards that many case types share. A guard gives the reason why not, in Chinese, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from luojiang_ce import clock
from luojiang_ce.workdays.deadlines import Deadline, Rules, is_in_time
from luojiang_ce.workdays.services import current_rules

from .events import answer_items, last_actor_id
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


def _rules_now(case: Any) -> Rules:
    return current_rules()


def first_filed_in_time(
    deadline_of: Callable[[Any, Rules], Deadline | None], rules_of: Callable[[Any], Rules] = _rules_now
) -> Guard:
    """The first submission decides: once it was in time, mending may run past the deadline (product.md P2).

    A case without a deadline (`deadline_of` gives None) is always in time. `rules_of` may keep what it has loaded.
    """

    def guard(context: Context) -> str | None:
        if context.case.first_submitted_at:
            return None
        deadline = deadline_of(context.case, rules_of(context.case))
        if deadline is None or is_in_time(deadline, context.now):
            return None
        return (
            f"已过{deadline.kind.label}期限（{deadline.kind.clause}）：{deadline.explanation}"
            "草稿会保留；如有特殊情况，请向区人社局促进就业和培训股申请延期"
        )

    return guard


def mark_submitted(context: Context) -> None:
    """Effect of every submission: when first, when last, and the answers to what a return asked for."""
    context.case.submitted_at = clock.now()
    context.case.first_submitted_at = context.case.first_submitted_at or context.case.submitted_at
    answer_items(context.case, context.data.get("answers", {}), context.actor)
