"""How a channel says that it did not take a message."""

from __future__ import annotations

import re

LONGEST = 200  # characters of Delivery.error
_ADDRESS = re.compile(r"[^\s<>@:;,]+@")
_LONG_NUMBER = re.compile(r"[\d*]{7,}[\dXx]?")  # telephone and ID numbers, masked ones too


class NotDelivered(Exception):
    """The channel did not take the message; its words are shown, masked. `final`: it never will."""

    def __init__(self, words: str, *, final: bool = False) -> None:
        super().__init__(masked(words)[:LONGEST])
        self.final = final


def masked(text: str) -> str:
    """On one line, without whom it is about: the names in e-mail addresses and long numbers are struck out."""
    return _LONG_NUMBER.sub("***", _ADDRESS.sub("***@", " ".join(text.split())))
