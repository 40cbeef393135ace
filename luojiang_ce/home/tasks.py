"""The worker's side of the pages."""

from celery import shared_task

from . import sent_once


@shared_task
def purge_sent() -> int:
    """Forms that were sent long ago."""
    return sent_once.purge()
