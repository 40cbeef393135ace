"""Settings of the worker in test_worker.py: two tasks every second, and three seconds of silence are enough."""

from tests.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1}
    for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    if name in ("办理没有领走的后台任务", "发送消息")
}
WORKER_SILENCE = 3 / 60
