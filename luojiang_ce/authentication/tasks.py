"""The worker's side of signing in."""

from axes.models import AccessAttempt, AccessLog
from celery import shared_task

from luojiang_ce import clock

from . import brakes, sessions


@shared_task
def purge() -> int:
    """Expired sessions, sign-ins long over, and failures that count no more (settings.SCHEDULE)."""
    gone = sessions.purge() + brakes.purge()
    for model, kept in ((AccessAttempt, brakes.KEPT), (AccessLog, sessions.KEPT)):
        gone += model.objects.filter(attempt_time__lt=clock.now() - kept).delete()[0]
    return gone
