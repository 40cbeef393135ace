"""The robots of WeCom and DingTalk groups, where apprise believes too much.

Both answer HTTP 200 to what they refuse (wrong key, wrong signature, too many messages a minute) and say so in the
answer's `errcode`, which apprise 2.3.0 does not read: the message would count as sent and be lost. It also encodes
DingTalk's signature twice, so that DingTalk refuses it. Everything else, addresses above all, is apprise's.

Loading apprise loads all its services; this module is imported where something is sent, not by every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import apprise
import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot


class WeCom(NotifyWeComBot):  # type: ignore[no-untyped-call]  # apprise types no __init_subclass__
    """A WeCom group's robot: wecombot://KEY."""

    def send(self, body: str, title: str = "", *args: Any, **kwargs: Any) -> bool:
        """Post the text; whether the robot took it."""
        return _post(self, self.api_url, {"msgtype": "text", "text": {"content": body}})


class DingTalk(NotifyDingTalk):
    """A DingTalk group's robot: dingtalk://TOKEN, or dingtalk://SECRET@TOKEN where it wants a signature."""

    def send(self, body: str, title: str = "", *args: Any, **kwargs: Any) -> bool:
        """Post the text; whether the robot took it."""
        signed = {}
        if self.secret:
            timestamp, signature = self.get_signature()  # type: ignore[no-untyped-call]
            signed = {"timestamp": timestamp, "sign": unquote(signature)}
        text = {"msgtype": "text", "text": {"content": body}}
        return _post(self, self.notify_url.format(token=self.token), text, signed)


ROBOTS: dict[Any, Any] = {NotifyWeComBot: WeCom, NotifyDingTalk: DingTalk}


def instantiate(url: str) -> Any:
    """The service behind an apprise URL (or a robot's address as its vendor gives it); None where there is none."""
    found: Any = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    robot = ROBOTS.get(type(found))
    return robot(**robot.parse_url(found.url())) if robot else found


def _post(robot: Any, url: str, text: Mapping[str, Any], params: Mapping[str, str] | None = None) -> bool:
    """Why not is logged, as apprise's own services do; never the address, which holds the key."""
    try:
        answer = requests.post(url, json=text, params=params, timeout=robot.request_timeout)
        said = answer.json()
    except requests.RequestException as broken:
        robot.logger.warning("连不上（%s）", type(broken).__name__)
        return False
    if answer.ok and isinstance(said, Mapping) and said.get("errcode") == 0:
        return True
    words = f"{said.get('errcode')} {said.get('errmsg')}" if isinstance(said, Mapping) else ""
    robot.logger.warning("HTTP %s %s", answer.status_code, words)
    return False
