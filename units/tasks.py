"""The worker's side of seals, and of the log."""

from celery import shared_task

from units import audit, signers


@shared_task
def tell_of_certificates() -> int:
    """Every day: certificates of seals that end."""
    return signers.tell_of_ends()


@shared_task
def mail_log_head() -> int:
    """Every day, before the head of the tree is published, which takes this one in: the head of the event log."""
    return audit.mail_head()
