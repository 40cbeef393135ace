"""A mail server and a broker of the test's own."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.conftest import District
from tests.processes import wait_for


class PostOffice:
    """Gives the first mails the `answers`, then takes them. `no_such`: recipients it does not know.

    `meanwhile`: what happens, once, while the sender waits for the answer to its first mail.
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.no_such: set[str] = set()
        self.meanwhile: Callable[[], Any] | None = None
        self.seen: list[Any] = []
        self.taken: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.no_such:
            return f"550 5.1.1 <{address}>: no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.seen.append(mail)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        work, self.meanwhile = self.meanwhile, None
        if work:
            await asyncio.get_running_loop().run_in_executor(None, work)
        if answer.startswith("250"):
            self.taken.append(mail)
        return answer


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@pytest.fixture
def post_office(settings: Any, district: District) -> Iterator[PostOffice]:
    """A mail server on loopback that the system is told to use; both clerks of the unit have an address."""
    office = PostOffice()
    server = Controller(office, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_CHANNEL, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", server.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.PUBLIC_URL = "https://jxjy.example"
    for account in (district.owner, district.colleague):
        account.email = f"{account.username}@example.org"
        account.save()
    yield office
    server.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a Redis of the test's own, on one port, as often as it is asked."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: `make test` installs it")
    port, running = free_port(), []

    def listens() -> bool:
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", port)) == 0

    def start() -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([program, "--port", str(port), "--save", "", "--dir", str(tmp_path)]))
        wait_for(listens, running[-1:])
        return running[-1]

    start.url = f"redis://127.0.0.1:{port}/0"  # type: ignore[attr-defined]
    yield start
    for process in running:
        process.kill()
        process.wait()
