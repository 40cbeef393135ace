"""The worker's side of jobs."""

from celery import shared_task

from . import services


@shared_task
def run_job(job_id: int) -> bool:
    return services.run(job_id)


@shared_task
def sweep_jobs() -> list[int]:
    """Every minute (settings.CELERY_BEAT_SCHEDULE): jobs whose bell was not heard, or whose worker died."""
    return services.sweep()
