"""Whoever takes over a process that reads what strangers send finds nothing there, and gets nowhere from it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from luojiang_ce.children import bare_environment, landlock
from luojiang_ce.files.apart import Apart
from luojiang_ce.uploads.reader import ONE_FILE

# What it may do, tried in such a process and told through its pipe.
TRIED = """
import json, os, socket, sys
from luojiang_ce.children import shut_in

def may(act):
    try:
        act()
    except OSError:
        return False
    return True

def write(path):
    with open(path, "w") as file:
        file.write("x")

of_its_parent, data, port = sys.argv[1:]
shut_in()
print(json.dumps({
    "environment": may(lambda: open(of_its_parent).read()),
    "data": may(lambda: open(data).read()),
    "connect": may(lambda: socket.create_connection(("127.0.0.1", int(port)), 1)),
    "begin": may(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "write": may(lambda: write(data + ".new")),
    "import": may(lambda: __import__("PIL.Image")),
    "list": may(lambda: os.listdir(os.path.dirname(data))),
    "truncate": may(lambda: os.truncate(data, 0)),
    "move": may(lambda: os.rename(data, data + ".moved")),
    "unlink": may(lambda: os.unlink(data + ".other")),
}))
"""


@pytest.fixture
def tried(tmp_path: Path) -> dict[str, bool]:
    for name in ("data", "data.other"):
        (tmp_path / name).write_text("sealed or not")
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = [f"/proc/{os.getpid()}/environ", str(tmp_path / "data"), str(server.getsockname()[1])]
        command = [sys.executable, "-c", TRIED, *told]
        facts = {"cwd": settings.BASE_DIR, "env": bare_environment()}
        done = subprocess.run(command, **facts, capture_output=True, text=True, check=True)
    found: dict[str, bool] = json.loads(done.stdout)
    return found


def test_it_reads_what_it_runs_on_alone_and_connects_to_nothing(tried: dict[str, bool]) -> None:
    """As far as this kernel can forbid it (Linux 5.13, cutting short 6.2, connections 6.7)."""
    open_still = landlock() < 1
    assert tried == {
        "environment": open_still,
        "data": open_still,
        "connect": landlock() < 4,
        "begin": open_still,
        "write": False,
        "import": True,
        "list": open_still,
        "truncate": landlock() < 3,
        "move": open_still,
        "unlink": open_still,
    }


def opened(content: bytes) -> tuple[str, bytes]:
    """What such a process is asked below: the file of this name."""
    with open(content, "rb") as file:
        return "opened", file.read()


class Opener(Apart):
    function, budget = f"{__name__}:opened", replace(ONE_FILE, cpu=20, wall=60)


def test_so_is_each_that_is_asked_for_anything(tmp_path: Path) -> None:
    """Before it loads what reads; that stands among our own files, which it opens."""
    (tmp_path / "data").write_text("sealed or not")
    with Opener() as opener:
        assert opener.ask(__file__.encode()) == ("opened", Path(__file__).read_bytes())
        assert (opener.ask(bytes(tmp_path / "data")) is None) is (landlock() >= 1)


def test_no_key_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_ENCRYPTION_KEY", "secret")
    assert "secret" not in bare_environment().values()
    assert bare_environment()["PATH"]
