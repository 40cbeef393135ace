"""The event log's heads in the tree: whoever countersigns a head of the tree countersigns those of the log with it."""

from __future__ import annotations

from luojiang_ce.workflow.models import LogHead

from .sources import LeafSource, leaf_content, register_source

SOURCE = "log_head"


def register() -> None:
    """Called when the app is ready."""
    register_source(LeafSource(SOURCE, "操作记录的链头", LogHead.objects.all, head_leaf))


def head_leaf(head: LogHead) -> bytes:
    """Its position and hash, which tells nothing of what was sealed."""
    return leaf_content(SOURCE, head.position, bytes.fromhex(head.hash))
