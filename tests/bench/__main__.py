"""`make bench`: pages of the big district as shares of a bare Django page's speed, in one run of about two minutes.

A PostgreSQL and gunicorns of our own on loopback, two sync workers each. Judged by ratios only: seconds say what the
machine was doing.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.processes import wait_for
from tests.run import CLEAN, ROOT, Missing, Postgres, free_port

from .measuring import AT_ONCE, HEAD, Page, Pair, measured

if TYPE_CHECKING:
    from units.models import Account

    from .district import District


def main() -> int:
    for name in os.environ.keys() - CLEAN.keys():
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-bench-") as folder:
        Path(folder).chmod(0o755)
        try:
            postgres = Postgres(Path(folder))
        except Missing as missing:
            print(f"not run: {missing}")
            return 1
        try:
            os.environ.update(DATABASE_URL=postgres.start(), VAR_DIR=f"{folder}/var")
            run()
            return 0
        finally:
            postgres.stop()


def run() -> None:
    """Load, serve, measure, and say each pair as soon as it is known."""
    district = prepare()
    with served("luojiang_ce.settings") as product, served("tests.bench.bare_settings") as bare:
        print(HEAD)
        for pair in pairs(district, product, bare):
            print(measured(pair), flush=True)


def prepare() -> District:
    """The database filled, its figures known to the planner."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "luojiang_ce.settings"
    django.setup()
    from .district import Size, load

    call_command("migrate", verbosity=0)
    call_command("load_reference", stdout=StringIO())
    district = load(Size())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    return district


def pairs(district: District, product: int, bare: int) -> list[Pair]:
    """What is measured, by the ports of the two servers."""
    handler, clerk = session_of(district.handler), session_of(district.clerk)
    classes = Page(product, reverse("classes:list"), handler)
    people, start, case = reverse("people:list"), reverse("home:start"), district.full_class
    return [
        Pair("deadline board / class list", Page(product, reverse("deadlines:board"), handler), classes, 1 / 2.5),
        Pair("people / bare", Page(product, people, handler), Page(bare, "/people/", handler), 0.5),
        Pair("start page, handler / bare", Page(product, start, handler), Page(bare, "/start/", handler), 0.4),
        Pair(
            "start page, clerk / bare", Page(product, start, clerk), Page(bare, f"/start/{case.unit_id}/", clerk), 0.4
        ),
        Pair(
            "class / bare",
            Page(product, case.get_absolute_url(), handler),
            Page(bare, f"/case/{case.pk}/", handler),
            0.45,
        ),
        Pair("published classes / bare", Page(product, reverse("published:list")), Page(bare, "/published/"), 0.3),
    ]


def session_of(account: Account) -> str:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(account)
    return client.cookies["sessionid"].value


@contextmanager
def served(settings: str) -> Iterator[int]:
    """A gunicorn with these settings, on the port that is given."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "luojiang_ce.wsgi", "--workers", str(AT_ONCE), "--log-level", "error"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=env)
    try:
        wait_for(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
