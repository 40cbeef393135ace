"""An officer's request waits for a second officer: who agrees, until when, what then happens (等保2.0: 三员制约)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import OFFICERS, Actor, Role
from luojiang_ce.home.registry import Demo
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire
from units.access import NOBODY
from units.models import Account, OfficerRequest
from units.services.accounts import Opened
from units.services.officer_requests import ASKED, carry_out, persons_of, tell_officers

State, Act = OfficerRequest.State, OfficerRequest.Act
ASKERS = {Act.CONTACT: (Role.SYSTEM_ADMIN,), Act.IDENTITY: OFFICERS}  # of everything else the security officer


def _is_second(actor: Actor, case: Any) -> bool:
    return actor.holds(*OFFICERS) and actor.person_keys.isdisjoint(persons_of(case))


def _is_asker(actor: Actor, case: Any) -> bool:
    return actor.pk == case.created_by_id and actor.holds(*ASKERS.get(case.act, (Role.SECURITY_ADMIN,)))


SECOND = Who("另一位管理员", OFFICERS, _is_second)
ASKER = Who("申请的管理员", OFFICERS, _is_asker)


def gives_password(case: Any) -> bool:
    """Is there still something to be done when a second officer has agreed?"""
    return bool(case.act == Act.RESET)


# --- guards and effects -----------------------------------------------------------------------------------------------


def _in_time(context: Context) -> str | None:
    return None if context.now < context.case.until else "已超过确认的期限，请申请人重新提出"


def _is_late(context: Context) -> str | None:
    return None if context.now >= context.case.until else "还没有到确认的期限"


def _asker_may_still(context: Context) -> str | None:
    asker = context.case.created_by
    may = asker.is_active and _is_asker(asker, context.case)
    return None if may else "申请人已不是办理此事的管理员，请不同意，由现任管理员另行提出"


def _is_reset(context: Context) -> str | None:
    return None if gives_password(context.case) else "这件事在确认时已经办好"


def _agree(context: Context) -> None:
    """A new password is shown to who asked, when that one fetches it; everything else is done at once."""
    case: Any = context.case
    case.confirmed_by_id = context.actor.pk
    if not gives_password(case):
        carry_out(case, second=context.actor)
    _tell(context)


def _tell(context: Context) -> None:
    case = context.case
    tell_officers(case, context.transition.done, f"officer-request-{case.pk}-{context.transition.name}")


# --- the table --------------------------------------------------------------------------------------------------------

CONFIRMING = Workflow(
    states={
        State.ASKED: state("is-turn", Turn(SECOND, "确认管理员事项")),
        State.CONFIRMED: state("is-done", Turn(ASKER, "生成一次性密码", when=gives_password)),
        State.DONE: state("is-done"),
        State.REFUSED: state("is-late"),
        State.WITHDRAWN: state("is-idle"),
        State.EXPIRED: state("is-idle"),
    },
    transitions=(
        Transition("withdraw", "撤回", (State.ASKED,), State.WITHDRAWN, ASKER, "撤回", effect=_tell),
        Transition(
            "refuse", "不同意", (State.ASKED,), State.REFUSED, SECOND, "不同意",
            effect=_tell, form=REASON, style="danger",
        ),
        Transition(
            "confirm", "确认", (State.ASKED,), State.CONFIRMED, SECOND, "确认",
            guards=(_in_time, _asker_may_still), effect=_agree, style="primary",
        ),
        Transition(
            "fetch", "生成一次性密码", (State.CONFIRMED,), State.DONE, ASKER, "生成一次性密码",
            guards=(_is_reset, _in_time), hidden=True,
        ),
        Transition(
            "expire", "过期", (State.ASKED, State.CONFIRMED), State.EXPIRED, NOBODY, "过期",
            guards=(_is_late,), effect=_tell, hidden=True,
        ),
    ),
    path=(Step("确认", (State.ASKED,), "另一位管理员"),),
)  # fmt: skip


def named(case: OfficerRequest) -> str:
    """How the lists of those who agree call it."""
    return f"{case.get_act_display()}（{case.account.name}）"


KIND = CaseKind(
    OfficerRequest,
    CONFIRMING,
    named=named,
    rows=lambda rows: rows.select_related("account", "created_by"),
    events={ASKED: "提出"},
    archived=False,
    demo=Demo("管理员事项", "units.demo.build_officer_requests", order=97),
)


@transaction.atomic
def fetch_password(case: OfficerRequest, *, actor: Actor) -> Opened:
    """The one-time password that was agreed to, once, for who asked. Raises NotPossible."""
    fire(case, "fetch", actor=actor)
    opened: Opened = carry_out(case, second=cast(Account, case.confirmed_by))
    return opened


def expire() -> int:
    """Close what nobody has agreed to in time, and passwords that were agreed to and never fetched; how many."""
    waiting = OfficerRequest.objects.filter(Q(state=State.ASKED) | Q(state=State.CONFIRMED, act=Act.RESET))
    late = [case for case in waiting if case.until <= clock.now()]
    for case in late:
        with suppress(Refused):  # somebody was quicker
            fire(case, "expire", actor=SYSTEM)
    return len(late)
