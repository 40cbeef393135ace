"""Where what a document shows lies: on the reader's own computer, on the web, or on a server of the house."""

from __future__ import annotations

import re
from urllib.parse import unquote

_OF_THE_WEB = ("http://", "https://")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")  # one letter is a drive
_OWN = re.compile(r"(?:[a-z]:|localhost/)")
_SLASHES_OF_A_FILE = 3  # file:///C:/


def is_on_a_share(target: str) -> bool:
    """Would a server be asked for it by the reader's name and password, just by showing it? Office and WPS write the
    addresses of pictures that were pasted from one's own disk (file:///C:/…): those tell nobody anything."""
    told = unquote(target).strip().replace("\\", "/").lower()
    if told.startswith(_OF_THE_WEB):
        return False
    path = told.removeprefix("file:")
    named = path.lstrip("/")
    slashes = len(path) - len(named)
    if slashes == 0:
        return bool(_SCHEME.match(path))
    if slashes == 1:
        return named.startswith("?")  # \\??\\UNC\\server
    if path == told:
        return True
    return slashes > _SLASHES_OF_A_FILE or (slashes < _SLASHES_OF_A_FILE and not _OWN.match(named))
