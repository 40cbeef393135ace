"""Archives from outside are opened here. Python's reader builds an object for each entry of the directory before
anybody can count them; 20 MB of them take a minute and half a gigabyte. How long the directory is is judged first.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

# Of all entries together, folders too. An office program's file has some hundred parts, one with a picture on each
# line of a long list a few thousand.
MOST_BYTES = 500_000
# What a reader stumbles on, in archives that are broken or crafted: names that are no text, versions that do not exist.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
_ENTRIES, _SIZE = 4, 5  # where zipfile's record of the end says how many entries there are, and how long they are
_LEAST = 46  # bytes of an entry


class TooManyEntries(zipfile.BadZipFile):
    """The directory is longer than may be read."""


def opened(stream: BinaryIO, most_bytes: int = MOST_BYTES) -> zipfile.ZipFile:
    """The archive, its directory read. Raises TooManyEntries for one of more than that many bytes, before it is read;
    otherwise one of BROKEN.

    The record at the end, also that of zip64, is read with zipfile's own eyes: another reader could be shown another
    one. By the size that it says zipfile goes itself.
    """
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]  # private, and not in the stubs
    if end and max(end[_SIZE], end[_ENTRIES] * _LEAST) > most_bytes:
        raise TooManyEntries
    return zipfile.ZipFile(stream)
