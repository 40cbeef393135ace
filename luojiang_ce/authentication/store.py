"""Where sessions are stored (settings.SESSION_ENGINE): Django's table, each under a digest of its key.

The key is what the browser's cookie holds. A copy of the database, a backup, whoever looks at it, holds no cookie then
that would open anything; sign-ins name their session by the same digest (models.SignIn).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Stored
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

LETTERS = 40  # of the column, which is as wide as Django has made it: 160 bits


def stored_key(session_key: str | None) -> str:
    """Under what a session is stored; empty of none. No secret is needed: the key has more bits than can be tried."""
    return sha256(session_key.encode()).hexdigest()[:LETTERS] if session_key else ""


class SessionStore(Stored):
    """A session, read by the cookie's key and stored by its digest."""

    def load(self) -> dict[str, Any]:
        """What it holds; nothing where it is over, by the clock that Django has set its end by, or never was: its key
        is not used again."""
        found = Session.objects.filter(session_key=stored_key(self.session_key), expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found.session_data)

    def exists(self, session_key: str) -> bool:
        """Is there one by this key of a cookie?"""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Its row."""
        made = super().create_model_instance(data)
        made.session_key = stored_key(self.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        """End it, or the one by this key of a cookie."""
        if key := session_key or self.session_key:
            super().delete(stored_key(key))
