"""The worker's side of seals and of what waits for a second officer."""

from celery import shared_task

from units import officer_case, signers


@shared_task
def tell_of_certificates() -> int:
    """Every day: certificates of seals that end."""
    return signers.tell_of_ends()


@shared_task
def expire_officer_requests() -> int:
    """What no second officer has agreed to in time."""
    return officer_case.expire()
