"""Stored files lie sealed; whatever is done to one where it lies, nothing of it is handed out."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import signal
import zipfile
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.http import FileResponse

from luojiang_ce import clock
from luojiang_ce.files.services import LEFT_BEHIND, sweep_spool
from luojiang_ce.sealing.contents import CHUNK, HEAD, TAG
from luojiang_ce.sealing.ring import OLDER, CannotOpen, in_force
from luojiang_ce.sealing.storage import SealedStorage

from .test_columns import changed_key

LONG = random.Random(7).randbytes(3 * CHUNK + 1000)
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 1000]


@pytest.fixture
def storage(tmp_path) -> SealedStorage:
    return SealedStorage(location=tmp_path)


def kept(storage: SealedStorage, content: bytes = LONG, name: str = "a/file.pdf") -> Path:
    return Path(storage.path(storage.save(name, ContentFile(content))))


def read(storage: SealedStorage, name: str = "a/file.pdf") -> bytes:
    with storage.open(name) as file:
        return file.read()


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(storage, size):
    path = kept(storage, LONG[:size])
    assert read(storage) == LONG[:size]
    assert storage.size("a/file.pdf") == size
    assert path.stat().st_size == HEAD + size + TAG * max(1, -(-size // CHUNK))
    assert path.stat().st_mode & 0o077 == 0
    assert size < 100 or LONG[:100] not in path.read_bytes()


def test_it_is_read_from_anywhere(storage):
    kept(storage)
    steps = random.Random(3)
    with storage.open("a/file.pdf") as file:
        for _ in range(60):
            at, length = steps.randrange(len(LONG) + 10), steps.randrange(2 * CHUNK)
            file.seek(at)
            assert file.read(length) == LONG[at : at + length]
        assert file.seek(-5, os.SEEK_END) == len(LONG) - 5
        assert file.read() == LONG[-5:]


def test_a_zip_in_it_is_read_and_an_answer_says_its_length(storage):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.txt", LONG)
    kept(storage, packed.getvalue(), "b.zip")
    with storage.open("b.zip") as file:
        assert zipfile.ZipFile(file).read("one.txt") == LONG
    answer = FileResponse(storage.open("b.zip"))
    assert answer.headers["Content-Length"] == str(len(packed.getvalue()))
    assert b"".join(answer.streaming_content) == packed.getvalue()
    with pytest.raises(OSError):  # noqa: PT011  a server that finds a descriptor sends what lies on the disk
        storage.open("b.zip").fileno()


def test_it_is_opened_again_as_it_was_stored(storage):
    kept(storage)
    file = storage.open("a/file.pdf")
    file.close()
    with file.open() as again:
        assert again.read() == LONG


def test_two_of_one_name_are_two_files(storage):
    names = {storage.save("a/file.pdf", ContentFile(b"%d" % n)) for n in range(3)}
    assert sorted(read(storage, name) for name in names) == [b"0", b"1", b"2"]


def chunk(number: int) -> slice:
    return slice(HEAD + number * (CHUNK + TAG), HEAD + (number + 1) * (CHUNK + TAG))


def flipped(at: int):
    return lambda sealed: sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


ATTACKS = {
    "a byte of the first chunk": flipped(HEAD + 10),
    "a byte of a chunk in the middle": flipped(HEAD + CHUNK + TAG + 99),
    "a byte of the last tag": flipped(-1 + HEAD + len(LONG) + 4 * TAG),
    "a byte of the wrapped key": flipped(30),
    "a chunk dropped": lambda s: s[: chunk(1).start] + s[chunk(1).stop :],
    "two chunks changed over": lambda s: s[:HEAD] + s[chunk(1)] + s[chunk(0)] + s[chunk(2).start :],
    "the last chunk dropped": lambda s: s[: chunk(3).start],
    "all chunks dropped": lambda s: s[:HEAD],
    "the end cut off": lambda s: s[:-1],
    "cut off in a tag": lambda s: s[: chunk(3).start + 7],
    "cut off in the head": lambda s: s[:50],
    "something put behind": lambda s: s + b"more",
    "a chunk put behind": lambda s: s + s[chunk(3)],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_of_an_altered_file_is_handed_out(storage, attack):
    path = kept(storage)
    path.write_bytes(attack(path.read_bytes()))
    with pytest.raises(CannotOpen, match="从备份恢复"):
        storage.open("a/file.pdf")


def test_a_file_in_place_of_another_does_not_open(storage):
    mine, yours = kept(storage), kept(storage, b"yours" * 99, "b/yours.pdf")
    shutil.copyfile(yours, mine)
    with pytest.raises(CannotOpen, match="从别的文件换来"):
        storage.open("a/file.pdf")


def test_the_head_of_one_file_opens_no_other(storage):
    mine, yours = kept(storage), kept(storage, LONG, "b/yours.pdf")
    mine.write_bytes(mine.read_bytes()[:HEAD] + yours.read_bytes()[HEAD:])
    with pytest.raises(CannotOpen):
        storage.open("a/file.pdf")


def test_another_key_writes_the_head_alone_anew(storage, settings):
    path = kept(storage)
    body, former = path.read_bytes()[HEAD:], in_force().id.hex()
    changed_key(settings)
    assert read(storage) == LONG
    assert storage.key_of("a/file.pdf") == former
    assert storage.reseal("a/file.pdf")
    assert not storage.reseal("a/file.pdf")
    assert storage.key_of("a/file.pdf") == in_force().id.hex()
    assert path.read_bytes()[HEAD:] == body
    settings.ID_ENCRYPTION_KEYS_FORMER = []
    assert read(storage) == LONG


def test_without_its_key_it_is_said_which(storage, settings):
    kept(storage)
    former = in_force().id.hex()
    changed_key(settings)
    settings.ID_ENCRYPTION_KEYS_FORMER = []
    for act in (storage.open, storage.reseal):
        with pytest.raises(CannotOpen, match=f"密钥 {former} 不在这里"):
            act("a/file.pdf")


def test_a_file_from_before_is_read_and_sealed_but_not_put_back_afterwards(storage, settings):
    path = Path(storage.path("attachments/old.pdf"))
    path.parent.mkdir()
    path.write_bytes(LONG)
    assert read(storage, "attachments/old.pdf") == LONG
    assert storage.size("attachments/old.pdf") == len(LONG)
    assert storage.key_of("attachments/old.pdf") == OLDER
    assert storage.reseal("attachments/old.pdf")
    assert LONG[:100] not in path.read_bytes()
    assert read(storage, "attachments/old.pdf") == LONG
    assert not list(storage.drafts.iterdir())
    settings.OLDER_SEALS = False
    assert read(storage, "attachments/old.pdf") == LONG
    path.write_bytes(LONG)
    with pytest.raises(CannotOpen, match="OLDER_SEALS=0"):
        storage.open("attachments/old.pdf")


def test_what_no_key_opens_is_never_taken_for_a_content(storage):
    """Its key was not listed: sealed once more, it would be lost for good."""
    name = f"imports/aa/{uuid4().hex}-file"
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True)
    path.write_bytes(before := os.urandom(60))
    for ask in (storage.open, storage.reseal):
        with pytest.raises(CannotOpen, match="ID_ENCRYPTION_KEYS_FORMER"):
            ask(name)
    assert path.read_bytes() == before


def test_of_a_killed_process_a_draft_is_left_until_it_is_swept(storage, settings, tmp_path):
    class Killed(ContentFile):
        def chunks(self, chunk_size=None):
            yield LONG
            os.kill(os.getpid(), signal.SIGKILL)

    if not (child := os.fork()):
        try:
            storage.save("a/new.pdf", Killed(b""))
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert not storage.exists("a/new.pdf")
    [draft] = storage.drafts.iterdir()
    assert draft.stat().st_size > CHUNK
    assert LONG[:100] not in draft.read_bytes()
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path, tmp_path / "spool"
    assert [sweep_spool(clock.now() + late) for late in (timedelta(0), 2 * LEFT_BEHIND)] == [0, 1]
    assert not list(storage.drafts.iterdir())


def test_a_disk_without_hard_links_is_found(storage, monkeypatch):
    assert storage.takes_links()

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)  # as exFAT answers
    assert not storage.takes_links()
    assert not list(storage.drafts.iterdir())


def test_a_file_that_was_sealed_whole_for_its_row_is_read_and_sealed(storage, settings):
    uid, nonce = uuid4(), os.urandom(12)
    name = f"imports/{uid.hex[:2]}/{uid.hex}-file"
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True)
    sealed = AESGCM(b64decode(settings.ID_ENCRYPTION_KEY)).encrypt(nonce, LONG, uid.bytes)
    path.write_bytes(nonce + sealed)
    changed_key(settings)
    assert read(storage, name) == LONG
    assert storage.reseal(name)
    settings.ID_ENCRYPTION_KEYS_FORMER, settings.OLDER_SEALS = [], False
    assert read(storage, name) == LONG


def test_what_breaks_off_leaves_no_half_of_a_file(storage):
    class Breaks(ContentFile):
        def chunks(self, chunk_size=None):
            yield LONG
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        storage.save("a/file.pdf", Breaks(b""))
    assert not storage.exists("a/file.pdf")
