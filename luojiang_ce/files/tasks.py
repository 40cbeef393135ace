"""The worker's side of files."""

from celery import shared_task

from . import fingerprints, services


@shared_task
def purge_deleted() -> int:
    """Every hour (settings.CELERY_BEAT_SCHEDULE): files of drafts that cannot be put back any more."""
    gone = services.purge_deleted()
    fingerprints.purge_unused()
    return gone


@shared_task
def sweep_spool() -> str:
    """Every hour: what uploads and renewals that broke off have left behind."""
    number = services.sweep_spool()
    return f"清理 {number} 个" if number else ""


@shared_task
def fingerprint(most: int = fingerprints.AT_ONCE) -> str:
    """What new contents are recognised by: swept, or rung for a few that were uploaded just now."""
    number = fingerprints.catch_up(most)
    return f"识别 {number} 份材料" if number else ""
