"""What is typed lies in the browser until it is saved (static/js/typed.js, ticks.js): the server's side of it."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import salted_hmac

MOST = 3  # of one form: what is typed, what is ticked
TEN_MINUTES = 600  # seconds
_NAME = re.compile(r"[a-z0-9]{8,40}")


def let_go(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tell the browser that what it sent is saved: it need not keep its copies any longer."""
    for copy in sent_with(request.POST):
        response.set_cookie(f"saved-{copy}", "1", max_age=TEN_MINUTES, samesite="Lax", secure=request.is_secure())
    return response


def sent_with(data: Any) -> list[str]:
    """The names of the copies that a browser holds of what it sent; `data`: as a form was bound to it."""
    return list(filter(_NAME.fullmatch, data.getlist("copy")[:MOST])) if isinstance(data, QueryDict) else []


def key_of(account_id: int) -> str:
    """The cipher's key (base64) for copies of this account: on a shared computer whoever signs in next reads none."""
    return b64encode(salted_hmac("luojiang_ce.copies", str(account_id), algorithm="sha256").digest()).decode()
