"""Processes that read what strangers send: what they get of ours, and what none of them may do."""

from __future__ import annotations

import os
import resource

# No key, no password, not where the database is.
HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ")
MOST_FILES = 64  # open at a time


def bare_environment() -> dict[str, str]:
    """What such a process is begun with. Whoever takes it over finds no secret there."""
    return {name: os.environ[name] for name in HANDED_ON if name in os.environ}


def wall_in() -> None:
    """In the process: it opens few files and writes none, not even what was in its memory when it broke."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
