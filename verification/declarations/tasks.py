from celery import shared_task

from . import uploads


@shared_task
def purge_uploads() -> str:
    """Uploaded evidence that no job will sort any more."""
    gone = uploads.purge()
    return f"没有整理的上传 {gone} 次" if gone else ""
