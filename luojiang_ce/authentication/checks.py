"""What `manage.py check --deploy` says of the addresses that are counted against guessing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def proxies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """TLS ends at a proxy: unless its word is taken, all people have its address, and thirty failures of a stranger
    keep the whole district out."""
    if not settings.SESSION_COOKIE_SECURE or settings.PROXIES:
        return []
    hint = "PROXIES=1：前面一台 nginx（deploy/nginx.conf）；每多一层代理加一"
    return [Error("没有设定 PROXIES：所有人都算作同一个地址，一人输错密码会锁住全区。", hint=hint, id="luojiang.E020")]
