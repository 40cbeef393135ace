"""Settings of test_services.py: what waits is looked for every second, and whoever waits for SQLite is told soon."""

from tests.luojiang_ce.jobs.quick_settings import *  # noqa: F403

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["OPTIONS"]["timeout"] = 5  # noqa: F405
