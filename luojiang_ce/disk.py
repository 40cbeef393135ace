"""What must outlive a power cut."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Wait until a file, or which names a folder has, is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
