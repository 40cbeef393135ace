"""The worker's side of signing by phone."""

from celery import shared_task

from . import guessing


@shared_task
def purge_misses() -> int:
    """Every hour (settings.SCHEDULE): how often numbers did not fit, in classes that are over."""
    return guessing.purge()
