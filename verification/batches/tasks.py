"""The worker's side of the yearly verification (settings.CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from . import forfeits, second_look, supplements, taking_away


@shared_task
def record_given_up() -> str:
    """Whose year was not filed in time (notice 二(三)2)."""
    written, opened = forfeits.record_given_up()
    return f"视同放弃 {written} 人，恢复 {opened} 人" if written or opened else ""


@shared_task
def settle_supplements() -> str:
    """Who was to bring something to the counter, and did not."""
    decided = supplements.settle_supplements()
    return f"逾期未补材料，不通过 {decided} 人" if decided else ""


@shared_task
def tell_of_second_looks() -> str:
    """Hours reversed under stamped papers, and hours that changed while a batch waits for its seal."""
    batches, changed = second_look.tell_of_second_looks(), second_look.tell_of_changes()
    said = [f"{batches} 批有盖章后被冲销的学时，等待复核"] if batches else []
    return "；".join([*said, *([f"{changed} 批用印前学时有变动，等待重新核对"] if changed else [])])


@shared_task
def purge_zips() -> str:
    """Evidence and papers that were made to take away, after their days."""
    gone = taking_away.purge()
    return f"压缩包 {gone} 个" if gone else ""
