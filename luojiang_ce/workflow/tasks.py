"""The worker's side of the event log."""

from celery import shared_task

from . import chain


@shared_task
def seal_events() -> int:
    """Every minute: append new events to the chain and publish its head."""
    return chain.seal()
