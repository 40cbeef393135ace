"""A virus scanner beside the application: ClamAV's clamd, where the owner of the machine has set one (CLAMD_ADDRESS).

Where it is set and away, nothing is taken: an upload is refused with what to do, since whoever sent it has the file at
hand and is asked to send it again. To keep it until it is scanned would show files that nobody has looked at to
reviewers, or cases that lack what was said to be taken. /health/ tells of it.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings

from luojiang_ce.uploads.bad import BadFile, NotScanned

_CHUNK = 1 << 16
_LONGEST_REPLY = 4096
_TOO_LARGE = "size limit exceeded"


class Away(Exception):
    """There is no answer, or none that is understood: what it was."""


def must_be_clean(name: str, content: bytes) -> None:
    """Raises BadFile for what the scanner names, and NotScanned where it cannot say; nothing where none is set."""
    if not settings.CLAMD_ADDRESS:
        return
    try:
        found = scan(content)
    except Away as away:
        raise NotScanned(
            f"病毒扫描暂时用不了，“{name}”没有收下（没有扫描的文件不能收）。请过几分钟再上传；一直这样的，请联系系统管理员"
        ) from away
    if found:
        raise BadFile(f"“{name}”查出病毒（{found}），没有收下。请用杀毒软件检查这台电脑，换成没有问题的文件再上传")


def scan(content: bytes) -> str:
    """The name of what was found, empty where nothing was. Raises Away."""
    said = _asked(_stream(content))
    if _TOO_LARGE in said:
        raise Away("larger than clamd takes (StreamMaxLength)")
    if said.endswith("FOUND"):
        return said.removesuffix("FOUND").partition(":")[2].strip()[:80] or "?"
    if said.endswith(": OK"):
        return ""
    raise Away(said[:200])


def what_is_wrong() -> str:
    """What /health/ says of the scanner; empty where it answers, or none is set."""
    if not settings.CLAMD_ADDRESS:
        return ""
    try:
        said = _asked([b"zPING\0"])
    except Away as away:
        said = str(away)
    return "" if said == "PONG" else f"病毒扫描（CLAMD_ADDRESS）没有应答：{said}。在它恢复以前不收任何文件"


def _stream(content: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    for at in range(0, len(content), _CHUNK):
        chunk = content[at : at + _CHUNK]
        yield struct.pack(">I", len(chunk)) + chunk
    yield struct.pack(">I", 0)


def _asked(parts: Iterator[bytes] | list[bytes]) -> str:
    """Its answer. Raises Away, also where it takes longer in all than CLAMD_SECONDS."""
    ends = time.monotonic() + settings.CLAMD_SECONDS
    try:
        with _connected() as line:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before all was sent, and hang up
                for part in parts:
                    _until(ends, line).sendall(part)
            return _reply(line, ends)
    except OSError as error:
        raise Away(str(error) or type(error).__name__) from error


def _until(ends: float, line: socket.socket) -> socket.socket:
    """Raises TimeoutError, now or in whatever is asked of it next."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    line.settimeout(left)
    return line


def _reply(line: socket.socket, ends: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < _LONGEST_REPLY and (more := _until(ends, line).recv(_LONGEST_REPLY)):
        said += more
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connected() -> socket.socket:
    """`unix:/run/clamav/clamd.ctl` or `tcp:host:port`."""
    kind, _, where = settings.CLAMD_ADDRESS.partition(":")
    if kind == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(settings.CLAMD_SECONDS)
        try:
            line.connect(where)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = where.rpartition(":")
    if kind != "tcp" or not port.isdecimal():
        raise Away("CLAMD_ADDRESS 应为 unix:/路径 或 tcp:主机:端口")
    return socket.create_connection((host, int(port)), timeout=settings.CLAMD_SECONDS)
