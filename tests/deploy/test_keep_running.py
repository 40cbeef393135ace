"""One process that ends is started again and takes no other down (deploy/keep_running.py, deploy/Procfile)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import wait_for

ROOT = Path(__file__).resolve().parents[2]
# Notes its process, and then does what it is for.
NOTE = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n')"


@contextmanager
def kept(script: str, noted: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(ROOT / "deploy/keep_running.py"), sys.executable, "-c", script, str(noted)]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE) as keeper:
        try:
            yield keeper
        finally:
            keeper.terminate()


def pids(noted: Path) -> list[int]:
    return [int(line) for line in noted.read_text().splitlines()] if noted.exists() else []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_ends_is_started_again_and_says_so(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    with kept(f"{NOTE}; sys.exit(3)", noted) as keeper:
        wait_for(lambda: len(pids(noted)) > 1, [keeper])
        keeper.terminate()
        assert keeper.wait() == 0
        assert keeper.stderr is not None
        assert "已退出（3），1 秒后重新启动" in keeper.stderr.read().decode()


def test_what_is_killed_is_started_again(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    with kept(f"{NOTE}; time.sleep(600)", noted) as keeper:
        wait_for(lambda: pids(noted), [keeper])
        os.kill(pids(noted)[0], signal.SIGKILL)
        wait_for(lambda: len(pids(noted)) > 1, [keeper])


def test_told_to_stop_it_ends_its_command_and_itself(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        noted = tmp_path / f"pids{number}"
        with kept(f"{NOTE}; time.sleep(600)", noted) as keeper:
            wait_for(lambda noted=noted: pids(noted), [keeper])
            keeper.send_signal(number)
            assert keeper.wait() == 0
            assert not is_alive(pids(noted)[0])


def test_killed_itself_it_leaves_nobody_behind(tmp_path: Path) -> None:
    """Whoever is started next is to have the port."""
    noted = tmp_path / "pids"
    with kept(f"{NOTE}; time.sleep(600)", noted) as keeper:
        wait_for(lambda: pids(noted), [keeper])
        keeper.kill()
        keeper.wait()
        wait_for(lambda: not is_alive(pids(noted)[0]), [])


# Told to stop as soon as there is a process, before whoever has started it knows of it.
AMID = f"""
import os, signal, subprocess, sys, time
sys.path.insert(0, {str(ROOT / "deploy")!r})
import keep_running
begun = subprocess.Popen
def told_amid(command, **facts):
    made = begun(command, **facts)
    while not os.path.exists(sys.argv[-1]):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    return made
subprocess.Popen = told_amid
sys.exit(keep_running.main(sys.argv[1:]))
"""


def test_told_to_stop_while_it_starts_one_it_leaves_nobody_behind(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {NOTE}; time.sleep(600)"
    command = [sys.executable, "-c", AMID, sys.executable, "-c", stubborn, str(noted)]
    assert subprocess.run(command, check=False).returncode == 0
    assert not is_alive(pids(noted)[0])


def test_what_does_not_end_when_told_to_is_killed_in_time(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    with kept(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {NOTE}; time.sleep(600)", noted
    ) as keeper:
        wait_for(lambda: pids(noted), [keeper])
        keeper.terminate()
        assert keeper.wait() == 0
        assert not is_alive(pids(noted)[0])


def test_every_process_of_the_product_is_kept_running() -> None:
    lines = (ROOT / "deploy/Procfile").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["web", "worker", "beat"]
    assert all(" exec .venv/bin/python deploy/keep_running.py .venv/bin/" in line for line in lines)
