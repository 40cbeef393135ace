"""Guards that many case types share. A guard gives the reason why not, in Chinese, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from luojiang_ce.clock import local
from luojiang_ce.workdays.deadlines import Deadline, Rules, is_in_time, later

from .events import answer_items, last_actor_id, last_of, last_returned
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


RETURN, ALLOW_RETURN = "return", "allow_return"  # names of the bureau's transitions in every table
DeadlineOf = Callable[[Any], Deadline | None]


def first_filed_in_time(deadline_of: DeadlineOf) -> Guard:
    """The first submission decides: once it was in time, mending may run past the deadline (product.md P2).

    A case without a deadline (`deadline_of` gives None) is always in time.
    """

    def guard(context: Context) -> str | None:
        if context.case.first_submitted_at:
            return None
        return _late(deadline_of(context.case), context, "草稿会保留；")

    return guard


def mended_in_time(deadline_of: DeadlineOf, rules_of: Callable[[Any], Rules]) -> Guard:
    """What was returned is mended within some working days, which may run past the first deadline (P2)."""

    def guard(context: Context) -> str | None:
        case = context.case
        return _late(mending_deadline(case, deadline_of(case), rules_of(case)), context, "补正的内容会保留；")

    return guard


def before_deadline(deadline_of: DeadlineOf) -> Guard:
    """P2: before the deadline a submitter may take a case back."""

    def guard(context: Context) -> str | None:
        deadline = deadline_of(context.case)
        if deadline is None or is_in_time(deadline, context.now):
            return None
        return f"已过{deadline.kind.label}期限，不能再撤回；需要修改请联系区人社局经办退回补正"

    return guard


def mending_deadline(case: Any, first: Deadline | None, rules: Rules) -> Deadline | None:
    """By when a returned case must be filed again; None where it was never returned. One query, once a row."""
    if "_returned_at" not in case.__dict__:
        case.__dict__["_returned_at"] = last_returned([case]).get(case.pk)
    returned_at = case.__dict__["_returned_at"]
    return later(first, rules.mending(local(returned_at).date())) if returned_at else None


def returned_once(context: Context) -> str | None:
    """Licensing Act 32, by analogy: all that is missing is told once; a second list needs the approver's leave."""
    if last_of(context.case, RETURN, ALLOW_RETURN) != RETURN:
        return None
    return "已退回补正过一次，须一次告知全部问题；确有新问题的，请审批人先“同意再次退回”"


def not_yet_allowed(context: Context) -> str | None:
    """The other side of it: leave is given once, and only where there was a return."""
    last = last_of(context.case, RETURN, ALLOW_RETURN)
    return {"": "还没有退回过，经办可以直接退回补正", ALLOW_RETURN: "已同意再次退回"}.get(last)


def _late(deadline: Deadline | None, context: Context, kept: str) -> str | None:
    if deadline is None or is_in_time(deadline, context.now):
        return None
    return (
        f"已过{deadline.kind.label}期限（{deadline.kind.clause}）：{deadline.explanation}"
        f"{kept}如有特殊情况，请向区人社局促进就业和培训股申请延期"
    )


def mark_submitted(context: Context) -> None:
    """Effect of every submission: when first, when last, and the answers to what a return asked for."""
    context.case.submitted_at = context.now
    context.case.first_submitted_at = context.case.first_submitted_at or context.case.submitted_at
    answer_items(context.case, context.data.get("answers", {}), context.actor)


def mark_taken_back(context: Context) -> None:
    """Effect of taking back: what was taken back was not filed, so it has to be in time when it is filed again."""
    context.case.first_submitted_at = context.case.submitted_at = None
