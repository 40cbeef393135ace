"""Processes of their own that work on the database of the test that starts them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def environment(connection: Any, var: Path, settings: str = "tests.settings") -> dict[str, str]:
    """The environment of such a process; `var` is its VAR_DIR. The test must not be inside a transaction."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": _url(connection.settings_dict),
        "VAR_DIR": str(var),
    }


def _url(settings: Any) -> str:
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    user = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
    return f"postgres://{user}{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
