"""The keys of the demo district are as old as its papers: else they were signed before there was a key."""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock

from .models import SigningKey

PAST = timedelta(days=4 * 366)  # the demo's oldest papers are of the year before last


def make_keys_older() -> str:
    """Have the first keys begin before the first paper."""
    begun = clock.now() - PAST
    keys = SigningKey.objects.filter(ended_at=None, started_at__gt=begun)
    return f"{keys.update(started_at=begun)} 把签名密钥启用在前"
