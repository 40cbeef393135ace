"""The worker's side of files."""

from celery import shared_task

from . import services


@shared_task
def purge_deleted() -> int:
    """Every hour (settings.CELERY_BEAT_SCHEDULE): files of drafts that cannot be put back any more."""
    return services.purge_deleted()
