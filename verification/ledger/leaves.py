"""Ledger entries in the tree of luojiang_ce/proof. An entry never changes, so its leaf is all of it."""

from __future__ import annotations

import json
from typing import Any

from luojiang_ce import clock
from luojiang_ce.proof.sources import LeafSource, leaf_content, register_source
from luojiang_ce.workflow.events import digest
from verification.ledger.models import LedgerEntry

SOURCE = "ledger"
# What an entry is. A later column is not added here: the leaves that are there would not be theirs any more.
_FIELDS = (
    *("id", "person_id", "year", "measure", "subject", "amount", "form", "title", "organiser", "date_from", "date_to"),
    *("intensive", "course", "paid", "source_type", "source_id", "counter_of_id", "reason", "created_at"),
    "created_by_id",
)


def register() -> None:
    """Called when the app is ready."""
    register_source(LeafSource(SOURCE, "学时记录", LedgerEntry.objects.all, entry_leaf))


def entry_leaf(entry: Any) -> bytes:
    """Under the key of the event log: whose hours they are cannot be found out by trying people and amounts."""
    told = {name: _plain(getattr(entry, name)) for name in _FIELDS}
    return leaf_content(SOURCE, bytes.fromhex(digest(json.dumps(told, ensure_ascii=False, sort_keys=True))))


def _plain(value: Any) -> Any:
    if hasattr(value, "tzinfo"):
        return clock.local(value).isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
