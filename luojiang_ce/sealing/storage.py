"""The one door to stored files (settings.STORAGES): what goes in is sealed, what comes out was looked through first."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage

from luojiang_ce.disk import flush

from . import older
from .contents import CHUNK, HEAD, Opened, file_key_of, head_of, is_sealed, key_id_of, sealed_pieces
from .ring import OLDER, CannotOpen, in_force

DRAFTS = ".drafts"
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)  # exFAT, SMB, some mounts of containers


class SealedStorage(FileSystemStorage):
    """Files of FileSystemStorage, sealed and bound to their names. Sizes and contents are those of what was stored."""

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        """Raises CannotOpen before anything was read, whatever is wrong with any part of it."""
        if mode != "rb":
            raise ValueError("a stored file is never written to again")
        return _Stored(Path(self.path(name)), _identity(name))

    def _save(self, name: str | None, content: File[Any]) -> str:
        assert name is not None
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._draft(sealed_pieces(content.chunks(), _identity(name))) as draft:
            try:
                os.link(draft, path)
            except FileExistsError:  # somebody was quicker with this name
                return self._save(self.get_available_name(name), content)
        flush(path.parent)
        return _identity(name)

    def size(self, name: str) -> int:
        with _opened(Path(self.path(name)), _identity(name)) as opened:
            return opened.seek(0, os.SEEK_END)

    def key_of(self, name: str) -> str:
        """The id of the key under which it lies; OLDER where it is not sealed as it should be."""
        with Path(self.path(name)).open("rb") as stream:
            head = stream.read(HEAD)
        return key_id_of(head).hex() if is_sealed(head) else OLDER

    def reseal(self, name: str) -> bool:
        """Bring it under the key in force; whether there was anything to do. Raises CannotOpen, FileNotFoundError.

        Broken off at any moment, it lies as it did or as it should; so it does where two do it at once.
        """
        path, identity = Path(self.path(name)), _identity(name)
        with path.open("r+b") as stream:
            head = stream.read(HEAD)
            if is_sealed(head):
                if key_id_of(head) == in_force().id:
                    return False
                new = head_of(file_key_of(head, identity), identity)
                os.pwrite(stream.fileno(), new, 0)
                os.fsync(stream.fileno())
                return True
        self._replace(path, identity)
        return True

    def _replace(self, path: Path, identity: str) -> None:
        with _opened(path, identity) as plain:
            pieces = sealed_pieces(iter(lambda: plain.read(CHUNK), b""), identity)
            with self._draft(pieces) as draft:
                if path.exists():
                    draft.replace(path)

    @contextmanager
    def _draft(self, pieces: Iterable[bytes]) -> Iterator[Path]:
        """A file that is whole and on the disk; what is not put into its place goes with the block."""
        draft = self.drafts / uuid4().hex
        draft.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("xb") as out:
                out.writelines(pieces)
                out.flush()
                os.fsync(out.fileno())
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def takes_links(self) -> bool:
        """Can a draft be put into its place without ever covering another file (a hard link)? Raises OSError."""
        with self._draft([]) as draft:
            second = draft.with_suffix(".link")
            try:
                os.link(draft, second)
            except OSError as refused:
                if refused.errno in NO_LINKS:
                    return False
                raise
            second.unlink()
        return True

    @property
    def drafts(self) -> Path:
        """Where every file is written before it is put into its place, a new one too; on the same disk."""
        return Path(self.location) / DRAFTS


class _Stored(File):  # type: ignore[type-arg]  # has none at run time
    """A stored file; Django's own would open it again as it lies on the disk."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        super().__init__(_opened(path, identity, look_through=True), identity)

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> _Stored:
        """From its beginning."""
        if self.closed:
            self.file = _opened(self._path, str(self.name), look_through=True)
        self.seek(0)
        return self


def _identity(name: str) -> str:
    """What a file is bound to: where it lies below MEDIA_ROOT."""
    return str(name).replace("\\", "/")


def _opened(path: Path, identity: str, *, look_through: bool = False) -> BinaryIO:
    stream = path.open("rb")
    try:
        if not is_sealed(stream.read(len("LJF1"))):
            return _of_before(stream, identity)
        stream.seek(0)
        opened = Opened(stream, identity)
        if look_through:
            opened.look_through()
    except BaseException:
        stream.close()
        raise
    return cast(BinaryIO, io.BufferedReader(opened, CHUNK))


def _of_before(stream: BinaryIO, identity: str) -> BinaryIO:
    if not settings.OLDER_SEALS:
        said = "没有加密，而未加密的文件已不再接受（OLDER_SEALS=0），可能是被换进来的。请从备份恢复这个文件"
        raise CannotOpen(f"文件 {identity} {said}")
    with stream:
        stream.seek(0)
        return io.BytesIO(older.content_of(stream.read(), identity))


def own_content(file: Any, uid: UUID) -> bytes:
    """The content of a file that a row has alone, stored under the row's id. Raises CannotOpen, also where the row was
    made to name another's."""
    if uid.hex not in str(file.name):
        raise CannotOpen(f"文件 {file.name} 不是这一条记录的文件：记录被改动。请从备份恢复这条记录")
    with file.open() as stored:
        return bytes(stored.read())
