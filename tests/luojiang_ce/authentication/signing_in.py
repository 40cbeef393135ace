"""Browsers that sign in, for the tests of what follows from it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user
from django.test import Client

from tests.factories import PASSWORD

SIGN_IN = "/sign-in/"
NEW = "Gengxin-2027-mima"
WRONG = "wrong-Password-1"


class Browser(Client):
    """One device at one address, with its own cookies."""

    def __init__(self, address: str = "198.51.100.7", agent: str = "", **more: Any) -> None:
        super().__init__(REMOTE_ADDR=address, HTTP_USER_AGENT=agent, **more)

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        return self.post(SIGN_IN, {"username": username, "password": password})

    def fail(self, username: str, times: int = 5) -> Any:
        for _ in range(times):
            answer = self.sign_in(username, WRONG)
        return answer

    def change_password(self, old: str, new: str) -> Any:
        return self.post("/account/password/", {"old_password": old, "new_password1": new, "new_password2": new})

    @property
    def is_in(self) -> bool:
        return bool(get_user(self).is_authenticated)


def text(response: Any) -> str:
    return str(response.content.decode())
