"""What a passkey has to sign: kept in the session, one at a time, for one purpose, five minutes and one answer."""

from __future__ import annotations

from django.http import HttpRequest

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor.passkeys import Asked

KEPT = "passkey_challenge"
PATIENCE = 300  # seconds
GONE = "页面打开超过 5 分钟，或在别的页面又开始了一次，请再点一次按钮"


def issue(request: HttpRequest, purpose: str, asked: Asked | None) -> str:
    """Keep the challenge; what the page gives to the browser. Nothing, where nothing is asked."""
    if asked is None:
        return ""
    request.session[KEPT] = [purpose, asked.challenge, int(clock.now().timestamp())]
    return asked.options


def taken(request: HttpRequest, purpose: str) -> str:
    """The challenge of this purpose, which is gone with that. Raises NotPossible."""
    kept, challenge, at = request.session.pop(KEPT, None) or ("", "", 0)
    if kept != purpose or clock.now().timestamp() - at >= PATIENCE:
        raise NotPossible(GONE)
    return str(challenge)
