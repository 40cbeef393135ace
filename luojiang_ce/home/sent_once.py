"""What is sent twice is done once: a double click, a page sent again after an answer that never came.

Every form that a page shows carries a key of its own (`csrf_token` puts it there). What was sent is known by a digest
of key, account, address and content, written in the transaction of what it does. The same again leads where the first
did; a form that was gone back to and changed is another one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac

from luojiang_ce import clock, copies
from luojiang_ce.home.away import is_secret
from luojiang_ce.home.models import SentForm
from luojiang_ce.refusals import NotPossible

KEY = "once"
KEPT = timedelta(days=1)  # longer than any session, whose end makes a page's form void
DONE_ALREADY = "这一次提交刚才已经办成，没有重复办理。要再办一件相同的，请重新打开页面填写"
# What differs each time that the same is sent.
NOT_COMPARED = frozenset({"csrfmiddlewaretoken", "copy"})


def new_key() -> str:
    """For a form that is shown."""
    return secrets.token_urlsafe(12)


def done_once(request: HttpRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Do what the form asks, and lead on; or lead on to where the very same led that was sent before.

    `do` and the mark that it was done are one transaction. What is refused or answered with a page leaves no mark.
    Raises what `do` raises.
    """
    digest = _digest_of(request)
    if not digest:
        return do()
    with transaction.atomic():
        sent, is_first = SentForm.objects.get_or_create(digest=digest)
        if not is_first:
            messages.info(request, DONE_ALREADY)
            return copies.let_go(request, redirect(sent.location))
        try:
            response = do()
        except NotPossible as refused:
            # What was counted before it was refused stays counted, as it does without a key.
            sent.delete()
            why = refused
        else:
            _mark(sent, response)
            return response
    raise why


def _mark(sent: SentForm, response: HttpResponse) -> None:
    if response.status_code == 302:
        sent.location = response.headers["Location"]
        sent.save(update_fields=["location"])
    else:
        sent.delete()


def _digest_of(request: HttpRequest) -> str:
    """Empty for what has no key or holds a password, and for what a script sends from a page that stays open."""
    is_of_a_page = request.method == "POST" and request.accepts("text/html") and not getattr(request, "htmx", False)
    if not is_of_a_page or not request.POST.get(KEY) or any(map(is_secret, request.POST)):
        return ""
    typed = [(name, values) for name, values in request.POST.lists() if name not in NOT_COMPARED]
    files = [(name, file.name, _sha256(file)) for name, listed in request.FILES.lists() for file in listed]
    said = json.dumps([request.user.pk, request.get_full_path(), typed, files])
    return salted_hmac("luojiang_ce.sent_once", said, algorithm="sha256").hexdigest()


def _sha256(file: object) -> str:
    digest = hashlib.sha256()
    for piece in file.chunks():  # type: ignore[attr-defined]
        digest.update(piece)
    file.seek(0)  # type: ignore[attr-defined]
    return digest.hexdigest()


def purge() -> int:
    """Forget what was sent so long ago that no page is open any more that could send it again; how many."""
    gone, _ = SentForm.objects.filter(sent_at__lt=clock.now() - KEPT).delete()
    return gone
