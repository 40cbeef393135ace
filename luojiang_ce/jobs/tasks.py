"""The worker's side of jobs."""

from celery import shared_task

from luojiang_ce import clock

from . import services
from .models import Job, TaskRun
from .recording import KEEP


@shared_task
def run_job(job_id: int) -> bool:
    return services.run(job_id)


@shared_task
def purge_runs() -> int:
    """Records of runs, and jobs that ended, that have been kept long enough."""
    runs, _ = TaskRun.objects.filter(ended_at__lt=clock.now() - KEEP).delete()
    jobs, _ = Job.objects.filter(ended_at__lt=clock.now() - services.KEEP).delete()
    return runs + jobs


@shared_task
def sweep_jobs() -> list[int]:
    """Every few seconds (schedule.py): jobs whose bell was not heard, or whose worker died."""
    return services.sweep()
