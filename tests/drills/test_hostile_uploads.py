"""A drill: every hostile file at every place that takes files; and a server of several threads that is sent them all
by six strangers at once, while somebody else opens pages. How much slower that one is, is printed (`-s`)."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from django.db import connection

from tests.conftest import District
from tests.hostile import FILES, TABLES
from tests.luojiang_ce.uploads.sending import PLACES, try_each
from tests.processes import environment, wait_for
from tests.run import free_port

pytestmark = pytest.mark.thorough
STRANGERS, LOOKS = 6, 40
PAGE = "/sign-in/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.mark.django_db
@pytest.mark.parametrize("name", PLACES)
def test_every_file_at_every_place(name: str, district: District) -> None:
    try_each(name, FILES, district)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "luojiang_ce.wsgi", "--bind", f"127.0.0.1:{port}"]
    env = environment(connection, tmp_path)
    process = subprocess.Popen([*command, "--workers", "2", "--threads", "4", "--log-level", "error"], env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(address), [process])
        yield address
    finally:
        process.terminate()
        process.wait()


def answers(site: str) -> bool:
    try:
        return look(site) > 0
    except requests.ConnectionError:
        return False


def look(site: str) -> float:
    """How long a page took (seconds)."""
    begun = time.perf_counter()
    assert requests.get(site + PAGE, timeout=300).status_code == 200
    return time.perf_counter() - begun


def send_all(site: str) -> list[float]:
    """All files to the page that compares a file with its paper; how long each took."""
    took = []
    with requests.Session() as browser:
        browser.headers["Connection"] = "close"  # one kept for the next file ends with the server's patience
        token = TOKEN.search(browser.get(f"{site}/check/", timeout=300).text)
        assert token
        for each in (*FILES, *TABLES):
            content = each.make()
            begun = time.perf_counter()
            said = browser.post(
                f"{site}/check/",
                data={"csrfmiddlewaretoken": token[1]},
                files={"file": ("x", content)},
                headers={"Referer": f"{site}/check/"},
                timeout=300,
            )
            took.append(time.perf_counter() - begun)
            assert said.status_code < 500, each
    return took


@pytest.mark.django_db(transaction=True)
def test_nobody_else_is_held_up(site: str) -> None:
    idle = [look(site) for _ in range(LOOKS)]
    with ThreadPoolExecutor(STRANGERS) as strangers:
        sent = [strangers.submit(send_all, site) for _ in range(STRANGERS)]
        attacked = []
        while not all(each.done() for each in sent):
            attacked.append(look(site))
    longest = max(max(each.result()) for each in sent)
    p95 = [statistics.quantiles(each, n=20)[-1] for each in (attacked, idle)]
    sys.stdout.write(
        f"{STRANGERS} strangers: p95 of everybody else {p95[0] / p95[1]:.1f} × idle, longest {longest:.1f} s\n"
    )
