"""The inbox of the demo district: what is older than two days was read."""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock

from .models import Notice

UNREAD_FOR = timedelta(days=2)


def read_what_is_old() -> str:
    """Mark the demo's past as read, each on the day it came."""
    old = Notice.objects.filter(read_at=None, created_at__lt=clock.now() - UNREAD_FOR)
    return f"{old.update(read_at=clock.now())} 条消息已读"
