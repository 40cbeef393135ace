"""Every write to units, people and accounts: keyword-only, atomic, on record.

A refusal is NotPossible with everything that is wrong, by field; its Conflict when somebody else was quicker.
"""

from .accounts import (
    Opened,
    create_account,
    disable_account,
    enable_account,
    locked_usernames,
    reset_password,
    unlock,
    update_account,
)
from .employment import KnownPerson, Newcomer, end_employment, enrol, transfer, undo_leaving
from .identities import link_identity, unlink_identity
from .leaves import draft_leave, edit_leave
from .people import PersonFacts, correct_document, rename_person, reveal_id, update_person
from .problems import Problems
from .records import remove_record, restore_record, save_certificate, save_period, save_title
from .releases import ask_for
from .roles import assign_role, end_role, hand_over
from .units import UnitFacts, add_scope, create_unit, end_scope, merge_unit, resume_unit, suspend_unit, update_unit

__all__ = [
    "KnownPerson",
    "Newcomer",
    "Opened",
    "PersonFacts",
    "Problems",
    "UnitFacts",
    "add_scope",
    "ask_for",
    "assign_role",
    "correct_document",
    "create_account",
    "create_unit",
    "disable_account",
    "draft_leave",
    "edit_leave",
    "enable_account",
    "end_employment",
    "end_role",
    "end_scope",
    "enrol",
    "hand_over",
    "link_identity",
    "locked_usernames",
    "merge_unit",
    "remove_record",
    "rename_person",
    "reset_password",
    "restore_record",
    "resume_unit",
    "reveal_id",
    "save_certificate",
    "save_period",
    "save_title",
    "suspend_unit",
    "transfer",
    "undo_leaving",
    "unlink_identity",
    "unlock",
    "update_account",
    "update_person",
    "update_unit",
]
