"""The Celery application; tasks are found in each app's tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luojiang_ce.settings")

app = Celery("luojiang_ce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
