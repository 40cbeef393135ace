"""The worker's side of seals."""

from celery import shared_task

from units import signers


@shared_task
def tell_of_certificates() -> int:
    """Every day: certificates of seals that end."""
    return signers.tell_of_ends()
