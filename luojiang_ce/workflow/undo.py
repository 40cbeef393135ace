"""Deletes can be undone: the last ones wait in the session of whoever did them, behind a button beside the word that it
is gone, and on the page on which it stood, where that is named. Each app says how its own are put back: by its service,
with its guards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import Collector
from django.http import HttpRequest

from luojiang_ce.refusals import NotPossible

PutBack = Callable[..., Any]  # keywords: the actor and what was noted; raises NotPossible
KEPT, MOST = "taken_away", 5
HOW_LONG = f"只留最近 {MOST} 项（各页合计），退出登录前可以恢复"
_ways: dict[str, PutBack] = {}


def register_undo(way: str, put_back: PutBack) -> None:
    """Make known how something is put back; called in the app's `ready()`."""
    _ways[way] = put_back


@dataclass(frozen=True)
class TakenAway:
    """What can still be put back, by this key; `text`: the word that it is gone."""

    key: str
    text: str


def offer_undo(request: HttpRequest, text: str, way: str, *, page: str = "", **noted: Any) -> None:
    """Say that something is gone, with a button to put it back; `noted` is what that takes, as plain values.

    `page`: where it is offered as long as it can be put back (see `taken_away`).
    """
    key = token_hex(8)
    kept = [*request.session.get(KEPT, {}).items(), (key, [way, noted, page, text])]
    request.session[KEPT] = dict(kept[-MOST:])
    messages.success(request, text, extra_tags=key)


def undo(request: HttpRequest, key: str) -> Any:
    """Put back what was taken away under this key, once; what the app's service answers. Raises NotPossible."""
    kept = request.session.get(KEPT, {})
    if key not in kept:
        raise NotPossible("已经恢复过，或过了太久，不能再恢复")
    way, noted, *_ = kept[key]
    try:
        answer = _ways[way](actor=request.user, **noted)
    except ObjectDoesNotExist as gone:
        raise NotPossible("不能恢复：它所在的内容已经删除") from gone
    request.session[KEPT] = {other: value for other, value in kept.items() if other != key}
    return answer


def taken_away(request: HttpRequest, page: str) -> list[TakenAway]:
    """What stood on this page and can still be put back, the latest first; nothing where there is no session."""
    session: Mapping[str, Any] = getattr(request, "session", {})
    kept = ((key, more) for key, (_, _, *more) in session.get(KEPT, {}).items())
    return [TakenAway(key, more[1]) for key, more in kept if more and more[0] == page][::-1]


def take_away(row: models.Model) -> str:
    """Delete a row with all that hangs on it, inside a transaction; what `put_in` takes to put them in again."""
    collector = Collector(using=row._state.db or "default")
    collector.collect([row])
    rows = chain(*collector.data.values(), *collector.fast_deletes)
    text: str = serializers.serialize("json", rows)
    row.delete()
    return text


def put_in(text: str) -> list[Any]:
    """Put rows in again as they were, the first being the one that was deleted. Raises NotPossible."""
    again = list(serializers.deserialize("json", text))
    try:
        with transaction.atomic():
            for each in again:
                each.save(force_insert=True)
    except IntegrityError as there:
        raise NotPossible("不能恢复：已经恢复过，或现在已另有相同的内容，请核对") from there
    return [each.object for each in again]
