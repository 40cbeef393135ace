"""The Django project, and the building blocks that every case uses."""

from .celery import app as celery_app

__all__ = ["celery_app"]
