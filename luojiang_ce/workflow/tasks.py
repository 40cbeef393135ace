"""The worker's side of the event log."""

from celery import shared_task

from . import chain, log_parts


@shared_task
def seal_events() -> int:
    """Every minute: append new events to the chain and publish its head."""
    return chain.seal()


@shared_task
def move_out_older() -> str:
    """Each night: what was read long ago leaves the log as signed files."""
    parts = log_parts.move_out()
    return f"转出 {sum(part.count for part in parts)} 条，{len(parts)} 个文件"
