"""The worker's side of what is printed."""

from celery import shared_task

from . import printouts


@shared_task
def purge_printouts() -> int:
    """Every hour: printed files that have been kept long enough."""
    return printouts.purge_printouts()
