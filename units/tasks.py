"""The worker's side of seals, of the log, and of what waits for a second officer."""

from celery import shared_task

from units import heads_out, officer_case, signers


@shared_task
def tell_of_certificates() -> int:
    """Every day: certificates of seals that end."""
    return signers.tell_of_ends()


@shared_task
def mail_log_head() -> int:
    """Every day, before the head of the tree is published, which takes this one in: the head of the event log."""
    return heads_out.mail_head()


@shared_task
def expire_officer_requests() -> int:
    """What no second officer has agreed to in time."""
    return officer_case.expire()
