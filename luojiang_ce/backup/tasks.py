"""The worker's side of copies."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from .copying import make, newest, prune, refuse_own_disk, said_of_missing
from .restoring import drill, read_manifest


@shared_task
def back_up() -> str:
    """Every night, where BACKUP_DIR says where to."""
    if not settings.BACKUP_DIR:
        return ""
    root = Path(settings.BACKUP_DIR)
    refuse_own_disk(root)
    copy = make(root, Path(settings.BACKUP_KEYS) if settings.BACKUP_KEYS else None)
    prune(root, settings.BACKUP_KEEP_DAYS)
    return f"已备份 {read_manifest(copy)}{said_of_missing(copy)}"


@shared_task
def rehearse() -> str:
    """Every week: the last copy restored beside the system and looked through."""
    copy = newest(Path(settings.BACKUP_DIR)) if settings.BACKUP_DIR else None
    return drill(copy.folder.parent, copy) if copy else ""
