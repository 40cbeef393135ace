"""What the bureau writes itself: a handler drafts it, an approver who is somebody else decides (rules, figures; 三4).

The skeleton of such a case, as `filed_case.py` is that of what units file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import REASON, Context, Guard, StateInfo, Transition, Turn, state
from luojiang_ce.workflow.changes import in_words, record_edit, stored_values
from luojiang_ce.workflow.events import record
from units.access import APPROVER, HANDLER
from units.filed_case import hand_up, tell_handlers

DRAFT, PROPOSED = "draft", "proposed"
D = TypeVar("D", bound=Any)  # a Versioned case with `created_by`


@dataclass(frozen=True)
class Drafting:
    """How it is written and handed up. `write`, `decide`: what the handler and the approver are asked for; `whole`:
    what must hold before it is handed up."""

    write: str
    decide: str
    whole: tuple[Guard, ...] = ()

    def states(self) -> dict[str, StateInfo]:
        """Being written, and waiting for the approver."""
        return {
            DRAFT: state("is-idle", Turn(HANDLER, self.write)),
            PROPOSED: state("is-turn", Turn(APPROVER, self.decide)),
        }

    def transitions(self) -> tuple[Transition, ...]:
        """Up to the approver and back; what the approver makes of it is each case's own."""
        return (
            Transition(
                "propose", "送审批", (DRAFT,), PROPOSED, HANDLER, "送审批",
                guards=self.whole, effect=hand_up, style="primary",
            ),
            Transition("take_back", "取回修改", (PROPOSED,), DRAFT, HANDLER, "取回修改"),
            Transition(
                "send_back", "退回修改", (PROPOSED,), DRAFT, APPROVER, "退回修改", effect=tell_handlers, form=REASON,
            ),
        )  # fmt: skip


def may_change(case: Any, actor: Actor) -> bool:
    """A draft, by the bureau's handlers: what was decided stays as it was."""
    return case.state == DRAFT and HANDLER.test(actor, case)


def locked_draft(*, draft: D, actor: Actor, closed: str) -> D:
    """The draft as it is stored, locked until the caller's transaction ends. Raises NotPossible with `closed` (its
    state stands there for {}) where it is none any more, or nothing for this account."""
    locked: D = type(draft)._base_manager.select_for_update().get(pk=draft.pk)
    if not may_change(locked, actor):
        raise NotPossible(closed.format(locked.get_state_display()))
    return locked


def keep_draft(*, draft: D, actor: Actor, closed: str, version: int | None = None, quiet: bool = False) -> D:
    """Save what was typed (`draft`, changed and not saved), new or old, on record; `quiet`: saved while it was typed.

    Raises Conflict, and NotPossible as `locked_draft` does.
    """
    with transaction.atomic():
        if draft.pk is None:
            draft.created_by_id = actor.pk
            draft.save()
            record(draft, "created", actor=actor, note=in_words(draft, {}))
            return draft
        locked_draft(draft=draft, actor=actor, closed=closed)
        before = stored_values(draft)
        draft.save_over(version, actor)
        record_edit(draft, (draft, before), actor=actor, quiet=quiet)
    return draft


@dataclass(frozen=True)
class Revision:
    """What a revision may not say otherwise than the case whose place it takes (`replaces`): what it is about, and it
    does not hold before that one did (`begins`: the field of its first day or year). For those a new one is drafted."""

    about: tuple[str, ...]
    begins: str

    def otherwise(self, former: Any, said: Mapping[str, Any]) -> dict[str, str]:
        """Why what is said is none of `former` (None: nothing is revised), by field; what is not said is no fault."""
        if former is None:
            return {}
        other = [name for name in self.about if name in said and said[name] != getattr(former, name)]
        found = {name: f"修订不改{_told(former, name)}；另有规定的，请拟定新的" for name in other}
        if (first := said.get(self.begins)) and first < getattr(former, self.begins):
            found[self.begins] = f"修订不早于{_told(former, self.begins)}；更早的，请拟定新的"
        return found

    def is_one(self, context: Context) -> str | None:
        """The guard: what was written before the form refused it is not put in force either."""
        case = context.case
        return "；".join(self.otherwise(case.replaces, vars(case)).values()) or None


def _told(former: Any, name: str) -> str:
    shown = getattr(former, f"get_{name}_display", lambda: getattr(former, name))()
    return f"“{former._meta.get_field(name).verbose_name}”（原为 {shown or '空'}）"
