"""The worker's side of attestations (settings.CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from . import second_look


@shared_task
def tell_of_second_looks() -> str:
    """Attestations under which hours were reversed or a yearly paper was revoked."""
    found = second_look.tell_of_second_looks()
    return f"{found} 件继续教育情况证明等待复核" if found else ""
