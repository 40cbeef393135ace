"""What the processes of the system write is for its owner alone: called once, by the settings that all of them load."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def keep_private(folder: Path) -> None:
    """Whatever any process of ours writes is its owner's alone, and so is the folder of all data, however it was made.

    A folder that everybody shares (/tmp) stays as it is.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid == os.geteuid() and found.st_mode & 0o077 and not found.st_mode & stat.S_ISVTX:
        folder.chmod(0o700)
