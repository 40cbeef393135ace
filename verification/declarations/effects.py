"""What the transitions of a declaration bring about besides the new state, in the same transaction."""

from __future__ import annotations

from luojiang_ce.plain import value_of
from luojiang_ce.workflow.case_kind import Context
from units.filed_case import titled
from units.notify import clerks_of, tell
from verification.declarations.models import Declaration
from verification.declarations.shapes import told
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, counter_many, post


def enter_into_ledger(context: Context) -> None:
    """An accepted declaration enters the ledger, once (V1)."""
    post(entries=[entry_of(context.case)], source=context.case, actor=context.actor)
    tell_the_unit(context)


def take_out_of_ledger(context: Context) -> None:
    """An acceptance that was wrong: its entry is countered, never deleted."""
    standing = LedgerEntry.objects.of_source(context.case).standing()
    counter_many(entries=standing, reason=context.note[:300], actor=context.actor)
    tell_the_unit(context)


def tell_the_unit(context: Context) -> None:
    """The unit's clerks are told what was decided. Whom it is about stands in the text: a title names nobody."""
    case = context.case
    text = "\n".join(filter(None, [f"{case.person.name}：{case.title}", context.note]))
    tell(clerks_of(case.unit_id), titled(case, context.transition.done), context, text=text)


def entry_of(case: Declaration) -> NewEntry:
    """The entry that a declaration asks for."""
    facts = [("依据", case.basis), *told(case)]
    return value_of(NewEntry, case, reason="；".join(f"{label}：{said}" for label, said in facts)[:300])
