"""The shipped nginx before the application: what strangers may send, which address is seen, what it says by itself."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from luojiang_ce.authentication.models import SignIn
from tests.conftest import District
from tests.factories import PASSWORD
from tests.processes import wait_for
from tests.run import free_port

from .test_slow_clients import (
    AROUND,
    DEPLOY,
    MB,
    NGINX,
    NO_NAME,
    PAGE,
    USER,
    Site,
    certificate,
    nginx,
    shipped,
    site,  # noqa: F401  a fixture
    up,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.thorough,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx-light)"),
]
CHUNKED = "Transfer-Encoding: chunked"


def post(path: str, *headers: str, size: int = 0) -> str:
    length = [f"Content-Length: {size}"] if size else []
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *length, *headers, "", ""])


def spooled(behind: Site) -> int:
    return sum(path.stat().st_size for path in (behind.folder / "body").rglob("*") if path.is_file())


def test_what_strangers_may_send_and_from_where_they_came(site: Site, district: District) -> None:  # noqa: F811
    strangers_leave_nothing_on_the_disk(site)
    whoever_is_signed_in_sends_pictures_with_a_sheet(site, district)
    nothing_of_it_is_in_a_log(site)
    each_client_has_an_address_of_its_own(site, district)


def strangers_leave_nothing_on_the_disk(behind: Site) -> None:
    for path, size in (("/no/such/page/", 20 * MB), ("/files/x/", 150 * MB), (PAGE, 2 * MB), ("/static/x", 2 * MB)):
        with behind.line() as line:
            line.sendall(post(path, size=size).encode() + b"x" * 100_000)
            said = line.recv(65536).decode()
            assert said.startswith("HTTP/1.1 413"), (path, said)
            assert "请先在另一个窗口登录" in said
            assert spooled(behind) == 0, path
    chunked = behind.answer_to(post(PAGE, CHUNKED))
    assert chunked.startswith("HTTP/1.1 411")
    assert "没有听懂" in chunked


def whoever_is_signed_in_sends_pictures_with_a_sheet(behind: Site, district: District) -> None:
    """Three of 20 MB, to whichever page (bodies.py)."""
    client = Client()
    client.force_login(district.owner)
    cookie = f"Cookie: {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    go_on = behind.answer_to(post("/inspections/sheet/1/", cookie, "Expect: 100-continue", size=60 * MB))
    assert go_on.startswith("HTTP/1.1 100")


def nothing_of_it_is_in_a_log(behind: Site) -> None:
    logs = "".join(path.read_text() for path in behind.folder.glob("*.log"))
    assert " 413 " in logs
    assert not any(part in logs for part in ("/files/x", "127.0.0.1")), logs


def each_client_has_an_address_of_its_own(behind: Site, district: District) -> None:
    name = district.owner.username
    for _ in range(3):
        refused = sign_in(behind, "127.0.0.1", name, "wrong-Password-1")
    assert refused == 429
    assert sign_in(behind, "127.0.0.2", name, PASSWORD) == 302
    assert SignIn.objects.get().address == "127.0.0.2"


def sign_in(behind: Site, address: str, name: str, password: str) -> int:
    with closing(HTTPSConnection("127.0.0.1", behind.port, context=NO_NAME, source_address=(address, 0))) as line:
        line.request("GET", PAGE)
        page = line.getresponse()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
        assert token
        cookie = str(page.headers["Set-Cookie"]).split(";")[0]
        typed = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        headers["Referer"] = f"https://127.0.0.1:{behind.port}{PAGE}"
        line.request("POST", PAGE, urlencode(typed), headers)
        return line.getresponse().status


@contextmanager
def nginx_before(inner: int, folder: Path) -> Iterator[Site]:
    """nginx alone, before whatever listens on `inner`, with less patience and room than it has."""
    outer = free_port()
    certificate(folder)
    passing = (DEPLOY / "nginx-proxy.conf").read_text().replace("proxy_read_timeout 120s", "proxy_read_timeout 1s")
    (folder / "passing.conf").write_text(passing)
    text = shipped(folder, inner, outer).replace(f"{DEPLOY}/nginx-proxy.conf", str(folder / "passing.conf"))
    (folder / "site.conf").write_text(text.replace("limit_conn lj_large 10;", "limit_conn lj_large 1;"))
    (folder / "nginx.conf").write_text(AROUND.format(tmp=folder, user=USER))
    behind = Site(outer, folder)
    process = subprocess.Popen(nginx(folder))
    try:
        wait_for(lambda: up(behind), [process])
        yield behind
    finally:
        process.terminate()
        process.wait()


def test_it_says_in_chinese_what_happened_and_what_to_do(tmp_path: Path) -> None:
    """Before an application that takes every request and answers none."""
    with (
        closing(socket.create_server(("127.0.0.1", 0), backlog=50)) as silent,
        nginx_before(silent.getsockname()[1], tmp_path) as behind,
    ):
        late = behind.answer_to(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert late.startswith("HTTP/1.1 504")
        assert "可能已经办成" in late
        assert "再提交一次" not in late
        with behind.line() as first:
            first.sendall(post(PAGE, size=2 * MB).encode())
            many = behind.answer_to(post(PAGE, size=2 * MB))
        assert many.startswith("HTTP/1.1 429")
        assert "同一网络" in many
        odd = behind.answer_to("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: twice\r\n\r\n")
        assert odd.startswith("HTTP/1.1 400")
        assert "没有听懂" in odd


def test_two_thousand_lines_that_never_end_their_header_stop_nobody(tmp_path: Path) -> None:
    """Of one address, to both ports: they are let go after ten seconds, and until then there is room."""
    with nginx_before(free_port(), tmp_path) as behind, ExitStack() as held:
        plain = int(re.findall(r"listen 127\.0\.0\.1:(\d+);", (tmp_path / "site.conf").read_text())[0])
        lines = []
        for number in range(2000):
            line = held.enter_context(socket.create_connection(("127.0.0.1", plain if number % 2 else behind.port)))
            line.sendall(b"GET / HTTP/1.1\r\nX-Slow: " if number % 2 else b"\x16\x03\x01")
            lines.append(line)
        answer = behind.answer_to(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert answer.startswith("HTTP/1.1 503")  # nobody stands behind it here
        for line in lines[:2]:
            line.settimeout(30)
            with suppress(ConnectionResetError):
                assert not line.recv(100)
