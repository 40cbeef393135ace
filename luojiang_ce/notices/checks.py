"""What every `manage.py` command and the worker look at when they start: can NOTICE_CHANNELS be used?"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from . import groups


@register
def notice_channels(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A group that nobody can reach is found at the start, not when the first notice is lost."""
    try:
        groups.check()
    except groups.BadGroup as wrong:
        return [Error(f"NOTICE_CHANNELS: {wrong}", id="luojiang.E006")]
    return []
