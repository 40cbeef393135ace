"""Chat groups of the bureau (WeCom, DingTalk and whatever else apprise knows): named and addressed in NOTICE_CHANNELS.

A group reads more people than a case concerns. It is told how many notices of which kind there are and where to look,
never what they say: no name, no number, no title.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from luojiang_ce.access import DO_BUREAU_WORK, Role

from .models import Delivery, Kind
from .refusal import NotDelivered

log = logging.getLogger(__name__)

LONGEST_NAME = 20
# What a group is told of, and whose, unless it says otherwise. That there is a head of the log helps nobody in a group.
KINDS = tuple(kind.value for kind in Kind if kind != Kind.HEAD)
BUREAU = DO_BUREAU_WORK.roles


class BadGroup(ValueError):
    """NOTICE_CHANNELS cannot be used as it is; the message names the group and what is wrong with it, in Chinese."""


@dataclass(frozen=True)
class Group:
    """A group: notices of these kinds to holders of these roles are announced at this address (an apprise URL)."""

    name: str
    url: str
    kinds: tuple[str, ...] = KINDS
    roles: tuple[str, ...] = BUREAU

    @property
    def kinds_in_words(self) -> str:
        return "、".join(Kind(kind).label for kind in self.kinds)


def configured() -> list[Group]:
    """The groups of NOTICE_CHANNELS. Raises BadGroup at the first that is wrong."""
    given = settings.NOTICE_CHANNELS
    if not isinstance(given, Mapping):
        raise BadGroup('应为 {"群名": "地址"} 或 {"群名": {"url": "地址", "kinds": […], "roles": […]}}')
    return [_read(str(name), value) for name, value in given.items()]


def usable() -> list[Group]:
    """The groups, or none where the setting is wrong: that is said at the start, and costs no request its success."""
    try:
        return configured()
    except BadGroup:
        log.exception("NOTICE_CHANNELS cannot be used")
        return []


def check() -> None:
    """Can every group be used, its address too? Raises BadGroup."""
    for group in configured():
        if _service(group) is None:
            raise BadGroup(f"“{group.name}”的地址 apprise 不认识，应形如 wecombot://… 或 dingtalk://…")


def send(deliveries: Sequence[Delivery]) -> None:
    """One message to their group for all of these. Raises NotDelivered with the reason that the service gives."""
    import apprise

    group = next((each for each in usable() if each.name == deliveries[0].channel), None)
    service = _service(group) if group else None
    if service is None:
        raise NotDelivered("NOTICE_CHANNELS 中已没有这个群，或地址不对", final=True)
    capture: Any = apprise.LogCapture
    with capture(level=logging.WARNING, fmt="%(message)s") as said:
        if not service.notify(body=message(deliveries), body_format=apprise.NotifyFormat.TEXT):
            raise NotDelivered(said.getvalue() or "没有送达，对方没有说明原因")


def message(deliveries: Sequence[Delivery]) -> str:
    """What the group reads."""
    counted = Counter(delivery.kind for delivery in deliveries)
    kinds = "、".join(f"{kind.label} {counted[kind]} 条" for kind in Kind if counted[kind])
    return f"【洛江继续教育】新消息：{kinds}。请登录系统查看：{settings.PUBLIC_URL.rstrip('/')}/notices/"


def _read(name: str, value: Any) -> Group:
    given = {"url": value} if isinstance(value, str) else value
    if not name or len(name) > LONGEST_NAME or name == Delivery.EMAIL:
        raise BadGroup(f"群名“{name}”不能用，应为 1 至 {LONGEST_NAME} 个字，且不能是 {Delivery.EMAIL}")
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("url"), str)
        or set(given) - {"url", "kinds", "roles"}
    ):
        raise BadGroup(f"“{name}”应写地址，或 url、kinds、roles 三项")
    kinds = _chosen(name, "kinds", given, KINDS, KINDS)
    return Group(name, given["url"], kinds, _chosen(name, "roles", given, BUREAU, Role.values))


def _chosen(
    name: str, part: str, given: Mapping[str, Any], default: Sequence[str], allowed: Sequence[str]
) -> tuple[str, ...]:
    chosen = given.get(part, default)
    if not isinstance(chosen, list | tuple) or not chosen or set(map(str, chosen)) - set(allowed):
        raise BadGroup(f"“{name}”的 {part} 应是列表，可用的有：{'、'.join(allowed)}")
    return tuple(map(str, chosen))


def _service(group: Group) -> Any:
    """What apprise makes of the address; None where it makes nothing of it."""
    from .robots import instantiate

    return instantiate(group.url)
