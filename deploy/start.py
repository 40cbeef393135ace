"""What `make run` starts: prepares the database, then runs web, worker and beat together until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from types import FrameType

from environ import Env
from keep_running import FIRST, LONGEST, RAN_WELL

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")

# What the units of systemd ask before each start too.
MAY_START = ("manage.py", "check", "--deploy", "--tag", "start")


def main() -> int:
    port = _port()
    if port is None:
        return 1
    env = {**os.environ, "PUBLIC_URL": os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}")}
    is_demo = Env().bool("DEMO", default=False)
    if not is_demo and subprocess.run([PYTHON, *MAY_START], cwd=ROOT, env=env, check=False).returncode:  # noqa: S603
        print("\n以上各项改好以前，正式系统不启动；没有改动任何数据", file=sys.stderr)
        return 1
    prepared = subprocess.run([PYTHON, "manage.py", "prepare"], cwd=ROOT, env=env, check=False)  # noqa: S603
    if prepared.returncode:
        return prepared.returncode
    print(f"\n地址：http://127.0.0.1:{port}/　（Ctrl-C 停止）\n", flush=True)
    honcho = [PYTHON, "-m", "honcho", "-f", "deploy/Procfile", "-d", ".", "start"]
    return _kept_up(honcho, env)


def _kept_up(command: list[str], env: dict[str, str]) -> int:
    """Start all, and all again whenever they end: each of them is kept running by a keeper (keep_running.py), but a
    keeper may be killed too. Returns 0 when told to stop, which is passed on, so that nothing goes on by itself."""
    told = Event()
    running: list[subprocess.Popen[bytes]] = []

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()
        for each in running:
            each.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    pause = FIRST
    while not told.is_set():
        begun = time.monotonic()
        running[:] = [subprocess.Popen(command, cwd=ROOT, env=env)]  # noqa: S603
        if told.is_set():  # between the look above and the start
            running[0].terminate()
        running[0].wait()
        if told.is_set():
            break
        pause = FIRST if time.monotonic() - begun > RAN_WELL else pause
        print(f"\n有进程意外终止，{pause} 秒后全部重新启动；已保存的内容不受影响\n", file=sys.stderr, flush=True)
        told.wait(pause)
        pause = min(pause * 2, LONGEST)
    return 0


def _port() -> int | None:
    """The port to listen on, or None after saying what is wrong with it."""
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        print(f"PORT={text} 不是端口号，请用 1 到 65535 之间的数，例如 make run PORT=8001", file=sys.stderr)
        return None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError:
            said = f"端口 {text} 已被别的程序占用（也许系统已在运行）。换一个：make run PORT={int(text) + 1}"
            print(said, file=sys.stderr)
            return None
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
