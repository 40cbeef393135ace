"""Settings of test_services.py: what waits is looked for every second, and whoever waits for SQLite is told soon."""

from tests import settings as whole
from tests.luojiang_ce.jobs.quick_settings import *  # noqa: F403

# Its runs are recorded, as they are in the whole schedule; a drill asks for them.
CELERY_BEAT_SCHEDULE["检查运行状况"] = {**whole.CELERY_BEAT_SCHEDULE["检查运行状况"], "schedule": 3600}  # noqa: F405

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["OPTIONS"]["timeout"] = 5  # noqa: F405
