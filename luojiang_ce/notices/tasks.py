"""The worker's side of the outbox."""

from celery import shared_task

from . import outbox


@shared_task
def send_waiting() -> str:
    """Whenever the bell rings, and every minute: what waits in the outbox."""
    sent, failed = outbox.send_waiting()
    return f"发出 {sent} 封，未成 {failed} 封" if sent or failed else ""
