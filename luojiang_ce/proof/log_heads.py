"""The event log's heads in the tree: whoever countersigns a head of the tree countersigns those of the log with it."""

from __future__ import annotations

from django.db.models import QuerySet

from luojiang_ce.workflow.models import LogHead

from .sources import LeafSource, leaf_content, register_source

SOURCE = "log_head"


def register() -> None:
    """Called when the app is ready."""
    register_source(LeafSource(SOURCE, "操作记录的链头", _published, head_leaf))


def _published() -> QuerySet[LogHead]:
    """But for the beginning of a new log, to which its first link is tied."""
    return LogHead.objects.filter(position__gt=0)


def head_leaf(head: LogHead) -> bytes:
    """Its position and hash, which tells nothing of what was sealed."""
    return leaf_content(SOURCE, head.position, bytes.fromhex(head.hash))
