"""The worker's side of imports."""

from celery import shared_task

from . import exports, services


@shared_task
def purge_imports() -> int:
    """Every hour (settings.CELERY_BEAT_SCHEDULE): uploaded files and plans that have been kept long enough."""
    return services.purge_imports()


@shared_task
def purge_exports() -> int:
    """Every hour: workbooks that have been kept long enough."""
    return exports.purge_exports()
