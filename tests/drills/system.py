"""The whole system as processes of its own, any of which a drill kills; and whoever sits before it at a browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import lxml.html
import requests
from django.conf import settings as own_settings
from django.test import Client

from luojiang_ce import clock
from luojiang_ce.celery import app
from luojiang_ce.jobs.heartbeat import last_ended
from luojiang_ce.jobs.models import Job, TaskRun
from luojiang_ce.jobs.recording import STARTED
from tests.processes import broker_of, procfile
from units.models import Account

SWEEP, IN_VAIN = "luojiang_ce.jobs.tasks.sweep_jobs", 40  # ten minutes, or more where the worker itself is slow
AWAY = 503  # the database was busy for longer than anybody waits: the page asks to send it again


class System:
    """Web, worker and beat as deploy/Procfile starts them. What is killed is begun again at once, as systemd does."""

    def __init__(self, env: Mapping[str, str], port: int) -> None:
        self.site, self._port = f"http://127.0.0.1:{port}", port
        self._env = {**env, "BIND": "127.0.0.1", "PORT": str(port)}
        self._broker = broker_of(Path(env["VAR_DIR"]))
        self._lock = Lock()
        self._worker_begun = clock.now()
        self._running = {name: self._begun(name) for name in ("web", "worker", "beat")}

    def _begun(self, name: str) -> subprocess.Popen[bytes]:
        command = ["sh", "-c", f"exec {procfile(name)}"]
        return subprocess.Popen(command, env=self._env, cwd=own_settings.BASE_DIR, start_new_session=True)

    def kill(self, *names: str) -> None:
        """`kill -9` of these with all that they have begun, at the same moment; they are there again in a moment."""
        with self._lock:
            if "worker" in names:
                self._worker_begun = clock.now()
            for name in names:
                os.killpg(self._running[name].pid, signal.SIGKILL)
            for name in names:
                self._running[name].wait()
                self._until_gone(name)
                self._running[name] = self._begun(name)

    def _until_gone(self, name: str) -> None:
        """As systemd, begin nothing again before all of it has gone: a dying child of the web has its port."""
        while name == "web" and _is_open(self._port):
            time.sleep(0.05)

    def tell(self, task: str) -> None:
        """Ring for a task, as beat does at its hour."""
        with self._lock:
            worker = self._running["worker"].pid
            # A broker of files may hand out a message that is still being written: nobody reads meanwhile.
            os.killpg(worker, signal.SIGSTOP)
            app.send_task(task, connection=self._broker)
            os.killpg(worker, signal.SIGCONT)

    def until(self, done: Callable[[], Any]) -> None:
        """Wait for what is to come by itself, however slow the machine is; fails when a process ends by itself, or
        when the worker has looked for jobs again and again and nothing has moved: then nothing will come."""
        stood, looks = None, set()
        while not done():
            self.must_live()
            stands = list(Job.objects.values_list("pk", "state", "attempts", "done", "leased_until"))
            if stands != stood:
                stood, looks = stands, set()
            looks.add(last_ended(SWEEP))
            assert len(looks) < IN_VAIN, f"nothing moves any more: {stands}"
            time.sleep(0.1)

    def must_live(self) -> None:
        """Has any ended that was not killed?"""
        with self._lock:
            assert [name for name, each in self._running.items() if each.poll() is not None] == []

    def is_up(self) -> bool:
        """Are web and worker there, or there again?"""
        try:
            answers = requests.get(f"{self.site}/health/live", timeout=60).ok
        except requests.RequestException:
            return False
        return answers and TaskRun.objects.filter(task=STARTED, started_at__gte=self._worker_begun).exists()

    def stop(self) -> None:
        """All at once."""
        for each in self._running.values():
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()
        self._broker.close()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Sender:
    """Somebody who is signed in, and sends what got no answer again as it was, as the page that comes back does."""

    system: System
    account: Account
    _browser: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        client = Client()
        client.force_login(self.account, backend="django.contrib.auth.backends.ModelBackend")
        name = own_settings.SESSION_COOKIE_NAME
        self._browser.cookies.set(name, client.cookies[name].value)

    def send(self, path: str, holding: str, *, files: Any = None, **typed: str) -> str:
        """Send the form of this page that holds something (XPath); where it led."""
        page = lxml.html.fromstring(self._answer("GET", path).content.decode())
        (form,) = page.xpath(f"//form[@method='post'][{holding}]")
        shown = {name: value or "" for name, value in form.form_values()}
        answer = self._answer("POST", path, data={**shown, **typed}, files=files)
        assert answer.status_code == 302, answer.text[-4000:]
        return answer.headers["Location"]

    def _answer(self, method: str, path: str, **sent: Any) -> requests.Response:
        answers: list[requests.Response] = []

        def has_answered() -> bool:
            with suppress(requests.RequestException):
                url = self.system.site + path
                answers.append(self._browser.request(method, url, allow_redirects=False, timeout=600, **sent))
            return bool(answers) and answers[-1].status_code != AWAY

        self.system.until(has_answered)
        return answers[-1]
