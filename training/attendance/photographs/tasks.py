"""The worker's side of photographs of sheets."""

from celery import shared_task

from . import services


@shared_task
def purge_photographs() -> int:
    """Every hour (settings.SCHEDULE): photographs that nobody has confirmed in time."""
    return services.purge()
