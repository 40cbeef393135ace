"""The worker's side of what is printed."""

from celery import shared_task

from . import printouts, services, together


@shared_task
def purge_printouts() -> int:
    """Every hour: printed files that have been kept long enough."""
    return printouts.purge_printouts() + together.purge_together()


@shared_task
def resume_waiting() -> int:
    """Every ten minutes: papers that wait for the timestamp server."""
    return services.resume_waiting()
