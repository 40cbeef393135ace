from celery import shared_task

from . import overview


@shared_task
def count_standings() -> str:
    """Count how everybody stands, where they are too many to be counted while somebody waits."""
    return f"计算 {overview.count_where_many()} 人次"
