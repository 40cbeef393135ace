"""The worker's side of the own record (settings.SCHEDULE)."""

from celery import shared_task

from luojiang_ce.sheets import kept

from . import guessing, printing, services


@shared_task
def pass_on() -> str:
    """Objections that no unit has answered in time go on to the bureau."""
    passed = services.pass_on_overdue()
    return f"{passed} 件过期未答复的异议转本局" if passed else ""


@shared_task
def purge() -> str:
    """Printed slips after their days, and the misses of days that are over."""
    sheets = kept.purge(printing.JOB, printing.KEEP, printing.GONE)
    misses = guessing.purge()
    return f"查阅条文件 {sheets} 个，填错次数 {misses} 条" if sheets or misses else ""
