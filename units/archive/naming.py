"""Names that every file system takes, and that a page can link to. Pure."""

from __future__ import annotations

import re

_LONGEST = 60  # characters: three bytes each in UTF-8, of 255 that a name may have
_UNFIT = re.compile(r"[\s\\/:*?\"<>|#%&.\x00-\x1f]+")


def fit_for_files(text: str) -> str:
    """A text as part of a file's name: without what paths, links and file systems take for something else."""
    return _UNFIT.sub("-", text).strip("-")[:_LONGEST]
