"""The worker's side of time limits (settings.CELERY_BEAT_SCHEDULE). Each may run twice, or late, with the same end."""

from celery import shared_task

from units.lapses import answering, lapsing, reminding


@shared_task
def record_lapses() -> str:
    """What was not filed in time."""
    written, lifted = lapsing.record_overdue()
    return f"登记逾期 {written} 件，解除 {lifted} 件" if written or lifted else ""


@shared_task
def remind() -> str:
    """Who has to act soon."""
    told, skipped = reminding.remind()
    return f"提醒 {told} 人，错过 {skipped} 次" if told or skipped else ""


@shared_task
def deem_received() -> str:
    """What the bureau has not answered within its five working days."""
    number = answering.deem_received()
    return f"视为已受理 {number} 件" if number else ""
