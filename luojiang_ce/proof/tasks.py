"""The worker's side of the tree."""

from celery import shared_task

from . import tree


@shared_task
def seal_leaves() -> int:
    """Every ten minutes: append what is not in the tree yet. Returns how many rows."""
    return tree.seal()


@shared_task
def publish_head() -> str:
    """Every day: what is there is sealed whole, and its head published."""
    while tree.seal():
        pass
    return str(tree.publish_head())
