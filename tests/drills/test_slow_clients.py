"""A drill: the shipped nginx in front of the application, and clients that hold its lines without ever finishing.

Without nginx eight bodies that never come hold all threads. With it everybody else is answered; how much slower is
printed (`-s`), since a busy machine may take any time.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from django.db import connection

from tests.processes import environment, wait_for
from tests.run import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.thorough,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx-light)"),
]
NO_NAME = ssl.create_default_context()
NO_NAME.check_hostname, NO_NAME.verify_mode = False, ssl.CERT_NONE
USER = "" if os.getuid() else "user root;"
PAGE = "/sign-in/"
MB = 1024 * 1024
AT_ONCE = 0.5  # seconds; nobody feels what is three times a few hundredths
AROUND = """daemon off; worker_processes 1; pid {tmp}/nginx.pid; error_log {tmp}/error.log; {user}
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {tmp}/body; proxy_temp_path {tmp}/proxy; fastcgi_temp_path {tmp}/f;
uwsgi_temp_path {tmp}/u; scgi_temp_path {tmp}/s; include {tmp}/site.conf; }}"""


@dataclass(frozen=True)
class Site:
    """The application behind nginx: its port, and where nginx spools."""

    port: int
    folder: Path

    def line(self) -> ssl.SSLSocket:
        return NO_NAME.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=300))

    def get(self) -> float:
        """How long the sign-in page took (seconds)."""
        begun = time.perf_counter()
        with closing(HTTPSConnection("127.0.0.1", self.port, context=NO_NAME, timeout=300)) as asked:
            asked.request("GET", PAGE, headers={"Host": "127.0.0.1"})
            assert asked.getresponse().status == 200
        return time.perf_counter() - begun

    def answer_to(self, head: str) -> str:
        with self.line() as line:
            line.sendall(head.encode())
            return line.recv(65536).decode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    inner, outer = free_port(), free_port()
    certificate(tmp_path)
    (tmp_path / "site.conf").write_text(shipped(tmp_path, inner, outer))
    (tmp_path / "nginx.conf").write_text(AROUND.format(tmp=tmp_path, user=USER))
    env = {**environment(connection, tmp_path), "HTTPS": "1", "PUBLIC_URL": f"https://127.0.0.1:{outer}"}
    env |= {"PROXIES": "1", "SIGN_IN_FAILURES_OF_ADDRESS": "2"}
    gunicorn = [sys.executable, "-m", "gunicorn", "luojiang_ce.wsgi", "--bind", f"127.0.0.1:{inner}"]
    commands = ([*gunicorn, "--workers", "2", "--threads", "4", "--log-level", "error"], nginx(tmp_path))
    processes = [subprocess.Popen(command, env=env) for command in commands]
    found = Site(outer, tmp_path)
    try:
        wait_for(lambda: answers(found), processes)
        yield found
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def nginx(folder: Path) -> list[str]:
    return [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def certificate(folder: Path) -> None:
    asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(["openssl", *asked, *files], check=True, capture_output=True)


def shipped(folder: Path, inner: int, outer: int) -> str:
    """The site as it is shipped, with the lines changed that it says must be."""
    text = (DEPLOY / "nginx.conf").read_text()
    changes = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{inner};",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{outer} ssl;",
        "/etc/ssl/luojiang-ce/fullchain.pem": f"{folder}/cert.pem",
        "/etc/ssl/luojiang-ce/privkey.pem": f"{folder}/key.pem",
        "/etc/nginx/luojiang-ce-proxy.conf": f"{DEPLOY}/nginx-proxy.conf",
        "/opt/luojiang-ce/deploy/": f"{DEPLOY}/",
        "/var/log/nginx/": f"{folder}/",
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


def answers(site: Site) -> bool:
    try:
        return site.get() > 0
    except (OSError, AssertionError):
        return False


def test_whoever_never_finishes_holds_up_nobody(site: Site) -> None:
    idle = measured(site)
    head = f"POST {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
    with ExitStack() as held:
        for number in range(40):
            line = held.enter_context(site.line())
            # Every other one does not even end its header.
            line.sendall((head + ("\r\nusername=" if number % 2 else "X-Slow: ")).encode())
        attacked = measured(site)
    sys.stdout.write(f"40 lines held: everybody else {attacked:.3f} s, {attacked / idle:.1f} × idle\n")
    assert attacked < max(3 * idle, AT_ONCE)


def measured(site: Site) -> float:
    """The median of three rounds, each by its p95: one stumble of the machine is no finding (seconds)."""
    rounds = [statistics.quantiles([site.get() for _ in range(20)], n=20)[-1] for _ in range(3)]
    return statistics.median(rounds)


def test_a_body_that_is_too_big_is_refused_before_it_is_sent(site: Site) -> None:
    for path, size in ((PAGE, 400 * MB), ("/no/such/page/", 22 * MB), ("/files/", 201 * MB)):
        said = site.answer_to(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n")
        assert said.startswith("HTTP/1.1 413"), path
        assert "单个文件最多 20 MB" in said
    assert sum(path.stat().st_size for path in (site.folder / "body").rglob("*") if path.is_file()) == 0


def test_what_a_client_claims_of_itself_is_overwritten(site: Site) -> None:
    """Its scheme (cookies would go out in the clear) and the number of its request."""
    claimed = "X-Forwarded-Proto: http\r\nX-Request-ID: aaaaaaaa-1\r\n"
    said = site.answer_to(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n{claimed}Connection: close\r\n\r\n")
    assert said.startswith("HTTP/1.1 200"), said[:200]
    assert "Strict-Transport-Security: max-age=31536000; includeSubDomains" in said
    assert "aaaaaaaa-1" not in said


def test_where_the_application_is_away_a_page_says_so(tmp_path: Path) -> None:
    outer = free_port()
    certificate(tmp_path)
    (tmp_path / "site.conf").write_text(shipped(tmp_path, free_port(), outer))
    (tmp_path / "nginx.conf").write_text(AROUND.format(tmp=tmp_path, user=USER))
    alone = Site(outer, tmp_path)
    process = subprocess.Popen(nginx(tmp_path))
    try:
        wait_for(lambda: up(alone), [process])
        said = alone.answer_to(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    finally:
        process.terminate()
        process.wait()
    assert said.startswith("HTTP/1.1 503")
    assert "Retry-After: 30" in said
    assert "系统正在重新启动" in said


def up(site: Site) -> bool:
    try:
        site.line().close()
    except OSError:
        return False
    return True
