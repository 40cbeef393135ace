"""The worker's side of the own record."""

from celery import shared_task

from luojiang_ce.sheets import kept

from . import guessing, printing, services


@shared_task
def pass_on() -> int:
    """Every hour (settings.SCHEDULE): objections that no unit has answered in time go on to the bureau."""
    return services.pass_on_overdue()


@shared_task
def purge() -> int:
    """Every hour (settings.SCHEDULE): printed slips after their days, and the misses of days that are over."""
    return kept.purge(printing.JOB, printing.KEEP, printing.GONE) + guessing.purge()
