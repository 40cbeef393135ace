"""The worker's side of classes (settings.SCHEDULE). Each may run twice, or late, with the same end."""

from celery import shared_task

from training.classes.services.minimum import remind_of_too_few


@shared_task
def remind_of_minimum() -> str:
    """Classes that open soon with fewer trainees than their minimum."""
    count = remind_of_too_few()
    return f"报名不足 {count} 个班" if count else ""
