"""The worker's side of the counter (settings.SCHEDULE)."""

from celery import shared_task

from .waiting import settle_waiting as settle


@shared_task
def settle_waiting() -> str:
    """Free places go to whoever waits longest; what was not confirmed is taken back."""
    offered, lapsed = settle()
    return f"给出空位 {offered} 个，候补失效 {lapsed} 个" if offered or lapsed else ""
