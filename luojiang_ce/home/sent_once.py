"""What is sent twice is done once: a double click, a page sent again after an answer that never came.

Every form that a page shows carries a key of its own (`csrf_token` puts it there), which says for whom it was shown.
What was sent is known by a digest of key, account, address and content, written in the transaction of what it does. The
same again leads where the first did, or says that what it showed is shown once; a form that was gone back to and
changed is another one. What holds a password or a code is known by nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac

from luojiang_ce import clock, copies
from luojiang_ce.home.away import is_secret
from luojiang_ce.home.models import SentForm
from luojiang_ce.refusals import NotPossible

KEY = "once"
KEPT = timedelta(days=1)  # longer than any session, whose end makes a page's form void
DONE_ALREADY = "这一次提交刚才已经办成，没有重复办理。要再办一件相同的，请重新打开页面填写"
# What differs each time that the same is sent.
NOT_COMPARED = frozenset({"csrfmiddlewaretoken", "copy"})


def new_key(account: Any) -> str:
    """For a form that is shown to this account, or to a stranger."""
    return ".".join(filter(None, (secrets.token_urlsafe(12), _sign_of(account))))


def was_shown_to(request: HttpRequest) -> bool:
    """Was the form that was sent shown to the account that is signed in now?"""
    sign = request.POST.get(KEY, "").rpartition(".")[2]
    return bool(sign) and constant_time_compare(sign, _sign_of(request.user))


def _sign_of(account: Any) -> str:
    known = getattr(account, "pk", None)
    return salted_hmac("luojiang_ce.sent_once.account", str(known)).hexdigest()[:20] if known else ""


def done_once(request: HttpRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Do what the form asks, and lead on; or lead on to where the very same led that was sent before.

    `do` and the mark that it was done are one transaction. What is refused leaves no mark, nor does a file: that is
    given again. Raises what `do` raises.
    """
    digest = _digest_of(request)
    if not digest:
        return do()
    with transaction.atomic():
        sent, is_first = SentForm.objects.get_or_create(digest=digest)
        if not is_first:
            return copies.let_go(request, _done_already(request, sent))
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


def _done_already(request: HttpRequest, sent: SentForm) -> HttpResponse:
    if not sent.location:
        return render(request, "home/shown_once.html", {"title": "刚才已经办成"})
    messages.info(request, DONE_ALREADY)
    return redirect(sent.location)


def _mark(sent: SentForm, response: HttpResponse) -> None:
    """Where it led; nowhere, where it was answered with a page, which shows what is shown once."""
    if "Content-Disposition" in response.headers:
        sent.delete()
    elif response.status_code == 302:
        sent.location = response.headers["Location"]
        sent.save(update_fields=["location"])


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
