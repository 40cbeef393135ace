"""Names that every file system takes, and that a page can link to. Pure."""

from __future__ import annotations

import re

_LONGEST = 60  # characters of a part
MOST_BYTES = 255  # of a whole name in UTF-8, as file systems take it
_UNFIT = re.compile(r"[\s\\/:*?\"<>|#%&.\x00-\x1f]+")


def fit_for_files(text: str) -> str:
    """A text as part of a file's name: without what paths, links and file systems take for something else."""
    return _UNFIT.sub("-", text).strip("-")[:_LONGEST]


def bounded(name: str, ending: str) -> str:
    """A name without its ending, cut so that with the ending it is no longer than a name may be."""
    return name.encode()[: MOST_BYTES - len(ending.encode())].decode(errors="ignore").rstrip("-")
