"""A scanner beside the application, spoken to as clamd is: over a real socket, by one that is none."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from luojiang_ce.health.probes import all_probes
from luojiang_ce.uploads.bad import BadFile, NotScanned
from luojiang_ce.uploads.door import passed
from luojiang_ce.uploads.places import MATERIAL
from tests.documents import PDF

Answer = Callable[[bytes, socket.socket], bytes]
WORM = b"worm"
MOST = 50_000  # bytes, its StreamMaxLength


class Clamd:
    """Takes one client after the other; `answer` says what it replies to a stream."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.answer: Answer = lambda content, client: b"stream: OK\0"
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.line.accept()
            except OSError:
                return
            with client, suppress(OSError):  # who asked may have gone
                self._talk(client)

    def end(self) -> None:
        """It is gone; who waits at it is sent away."""
        self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()

    def _talk(self, client: socket.socket) -> None:
        with client.makefile("rb") as said:
            self._hear(client, said)

    def _hear(self, client: socket.socket, said: BinaryIO) -> None:
        command = b"".join(iter(lambda: said.read(1), b"\0"))
        if command == b"zPING":
            client.sendall(b"PONG\0")
            return
        assert command == b"zINSTREAM"
        content = b""
        while size := struct.unpack(">I", said.read(4))[0]:
            content += said.read(size)
            if len(content) > MOST:
                client.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(content)
        client.sendall(self.answer(content, client))


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path, settings: object) -> Iterator[Clamd]:
    if request.param == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.bind(str(tmp_path / "clamd"))
        address = f"unix:{tmp_path / 'clamd'}"
    else:
        line = socket.create_server(("127.0.0.1", 0))
        address = f"tcp:127.0.0.1:{line.getsockname()[1]}"
    line.listen()
    settings.CLAMD_ADDRESS = address  # type: ignore[attr-defined]
    with line:
        yield Clamd(line)


def looked_at() -> str:
    return next(each for each in all_probes() if each.name == "scanner").look()


def test_what_is_clean_is_taken_and_was_seen_whole(clamd: Clamd) -> None:
    assert passed("a.pdf", PDF, MATERIAL).content == PDF
    assert clamd.seen == [PDF]
    assert looked_at() == ""


def test_what_it_names_is_refused_by_that_name(clamd: Clamd) -> None:
    clamd.answer = lambda content, client: b"stream: Win.Worm.Test-1 FOUND\0" if WORM in content else b"stream: OK\0"
    with pytest.raises(BadFile, match=r"“a.pdf”查出病毒（Win\.Worm\.Test-1），没有收下.*请"):
        passed("a.pdf", PDF + WORM, MATERIAL)
    assert passed("b.pdf", PDF, MATERIAL)


@pytest.mark.parametrize("answer", [b"", b"UNKNOWN COMMAND\0", b"stream: Can't allocate memory ERROR\0"])
def test_what_it_cannot_say_is_not_taken(clamd: Clamd, answer: bytes) -> None:
    clamd.answer = lambda content, client: answer
    with pytest.raises(NotScanned, match=r"病毒扫描暂时用不了.*过几分钟再上传"):
        passed("a.pdf", PDF, MATERIAL)


def test_what_is_larger_than_it_takes_is_not_taken(clamd: Clamd) -> None:
    with pytest.raises(NotScanned):
        passed("a.pdf", PDF + b"\n%" + b"x" * 3 * MOST, MATERIAL)


def test_one_that_never_answers_is_not_waited_for(clamd: Clamd, settings: object) -> None:
    settings.CLAMD_SECONDS = 0.2  # type: ignore[attr-defined]
    gone = threading.Event()

    def never(content: bytes, client: socket.socket) -> bytes:
        gone.wait()
        return b""

    clamd.answer = never
    with pytest.raises(NotScanned):
        passed("a.pdf", PDF, MATERIAL)
    gone.set()


def test_one_that_answers_by_the_letter_has_its_seconds_in_all(clamd: Clamd, settings: object) -> None:
    settings.CLAMD_SECONDS = 0.3  # type: ignore[attr-defined]

    def by_the_letter(content: bytes, client: socket.socket) -> bytes:
        for letter in b"stream: OK":
            client.sendall(bytes([letter]))
            time.sleep(0.1)
        return b"\0"

    clamd.answer = by_the_letter
    begun = time.monotonic()
    with pytest.raises(NotScanned):
        passed("a.pdf", PDF, MATERIAL)
    assert time.monotonic() - begun < 0.9


def test_one_that_is_gone_takes_nothing_and_is_told_of(clamd: Clamd) -> None:
    clamd.end()
    with pytest.raises(NotScanned):
        passed("a.pdf", PDF, MATERIAL)
    assert "没有应答" in looked_at()


def test_an_address_that_is_none_is_told_of(settings: object) -> None:
    settings.CLAMD_ADDRESS = "localhost"  # type: ignore[attr-defined]
    assert "CLAMD_ADDRESS 应为" in looked_at()
    with pytest.raises(NotScanned):
        passed("a.pdf", PDF, MATERIAL)


def test_without_one_nothing_is_asked() -> None:
    assert passed("a.pdf", PDF, MATERIAL)
    assert looked_at() == ""
