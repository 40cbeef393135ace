"""Stored files, past the services that put them there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def as_it_lies(name: str) -> bytes:
    """What the disk holds of it."""
    return Path(default_storage.path(name)).read_bytes()


def store_anew(file: Any, content: bytes) -> None:
    """Another content under the same name, sealed as it should be."""
    default_storage.delete(file.name)
    assert default_storage.save(file.name, ContentFile(content)) == file.name
