"""The worker's side of circulars (settings.SCHEDULE). It may run twice, or late, with the same end."""

from celery import shared_task

from units.circulars import services


@shared_task
def chase() -> str:
    """Who has not read or passed on in time."""
    number = services.chase()
    return f"催问 {number} 份通知" if number else ""
