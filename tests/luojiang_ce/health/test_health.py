"""Probes, what watchers are told, numbers of requests, metrics, reports of faults."""

from __future__ import annotations

import errno
import gzip
import json
import logging
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import brotli
import lxml.html
import pytest
from django.conf import settings as in_force
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from time_machine import travel

from luojiang_ce import clock
from luojiang_ce.backup import copying
from luojiang_ce.celery import app as celery
from luojiang_ce.children import landlock
from luojiang_ce.health import faults, probes, tasks
from luojiang_ce.health.logs import RequestId, numbered
from luojiang_ce.jobs.models import TaskRun
from luojiang_ce.jobs.recording import STARTED, record_run
from luojiang_ce.notices.models import Notice
from tests.run import free_port

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
FAILS = """
import sentry_sdk
from luojiang_ce.health.faults import report_to

def in_the_code(typed):
    raise ValueError(typed)

report_to("{dsn}")
try:
    in_the_code("".join(map(chr, (29579, 23567, 26126))) + str(350504190001010010))
except ValueError:
    sentry_sdk.capture_exception()
sentry_sdk.flush(5)
"""
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.fixture(autouse=True)
def well(settings):
    """A system in which nothing is wrong."""
    settings.DEMO, settings.DISK_FREE_GIB, settings.AUDIT_BEGINNING = True, 0, "set down"
    with travel(datetime(2026, 5, 8, 9, tzinfo=clock.SHANGHAI), tick=False):
        record_run(STARTED, lambda: "started")
        yield


def failed() -> list[str]:
    return [each.probe.name for each in probes.troubles()]


def asked(client) -> tuple[int, dict]:
    cache.clear()
    answer = client.get(reverse("health:ready"))
    return answer.status_code, answer.json()


class TestProbes:
    def test_nothing_is_wrong(self, client):
        assert asked(client) == (200, {"status": "ready", "failed": []})
        call_command("check_health")

    def test_a_database_that_is_away_stops_the_service(self, client):
        """Nothing else is refused for it: what can still be said is said, and the process counts as alive."""
        with connection.execute_wrapper(away):
            status, said = asked(client)
            assert (status, said["status"]) == (503, "down")
            assert said["failed"][:2] == ["database", "migrations"]
            assert client.get(reverse("health:live")).status_code == 200

    def test_a_migration_that_was_not_run_stops_it(self, client):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
        assert asked(client)[1] == {"status": "down", "failed": ["migrations"]}

    def test_a_full_disk(self, settings):
        settings.DISK_FREE_GIB = 10**9
        assert failed() == ["disk"]

    def test_a_broker_that_is_away(self, settings):
        with broker_at(f"redis://127.0.0.1:{free_port()}/0"):
            assert failed() == ["broker"]

    def test_a_worker_that_stopped(self):
        with travel(clock.now() + timedelta(hours=1), tick=False):
            (found,) = probes.troubles()
        assert found.probe.name == "worker"
        assert "2026-05-08 09:00 起没有动静" in found.said

    def test_a_clock_that_was_set_back_is_told_once(self, district):
        """Which of both times was right nobody can say. Later it is well, and whatever else goes wrong is told."""
        back = clock.now() - timedelta(days=90)
        with travel(back, tick=False):
            found = {each.probe.name: each.said for each in probes.troubles()}
            assert found.keys() == {"worker", "clock"}, "none has run by this clock yet"
            assert "后台程序的记录写于 2026-05-08 09:00，本机现在是 2026-02-07 09:00" in found["clock"]
            record_run(STARTED, lambda: "started")
            assert failed() == ["clock"]
            assert tasks.watch() == 1
            assert failed() == []
        assert Notice.objects.get(recipient=district.system_admin).title == "运行状况：系统时钟"
        with travel(back + timedelta(hours=1), tick=False):
            assert failed() == ["worker"]

    def test_a_worker_whose_clock_is_ahead_is_told_as_long_as_it_is(self):
        with travel(clock.now() + timedelta(hours=1), tick=False):
            record_run(probes.WATCH, lambda: 1)
        assert failed() == ["clock"]
        record_run(probes.WATCH, lambda: 1)
        assert failed() == []

    @pytest.mark.real_services
    def test_a_database_whose_clock_is_another(self):
        """A server's is not moved along with this machine's; SQLite has none of its own."""
        found = {each.probe.name: each.said for each in probes.troubles()}
        assert ("clock" in found) == (connection.vendor == "postgresql")
        assert found.get("clock", "数据库服务器的时间是").startswith("数据库服务器的时间是")

    def test_a_year_without_its_arrangement(self):
        last = datetime(2026, 12, 10, tzinfo=clock.SHANGHAI)
        with travel(last, tick=False):
            assert "calendar" not in failed()
        with travel(last + timedelta(days=10), tick=False):
            assert "calendar" in failed()

    def test_a_disk_on_which_no_file_can_be_put_into_its_place(self, monkeypatch):
        def refused(*_: object) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refused)  # as exFAT answers
        assert failed() == ["links"]

    def test_a_probe_that_fails_is_a_trouble_and_stops_no_other(self, monkeypatch):
        monkeypatch.setattr(probes, "PROBES", (probes.Probe("odd", "怪", lambda: str(1 // 0)), *probes.PROBES))
        assert [each.said for each in probes.troubles()] == ["查不了（ZeroDivisionError），详见服务器日志"]


class TestBackups:
    def test_none_is_told_but_in_a_demo(self, settings):
        settings.DEMO, settings.AUDIT_BEGINNING = False, "0 kfap-shbc"  # where the log began is told too
        assert failed() == ["backup"]

    def test_no_copy_yet_an_old_one_a_half_one(self, settings, tmp_path):
        settings.BACKUP_DIR = str(tmp_path)
        assert failed() == ["backup"]
        made_on(tmp_path, clock.now() - timedelta(hours=settings.BACKUP_TOLD_HOURS, minutes=-1))
        assert failed() == []
        with travel(clock.now() + timedelta(minutes=2), tick=False):
            assert failed() == ["backup"]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"mac": "00"}, "manifest.json 被改过"),
            ({"file": "gone.dump"}, "数据库的备份不在"),
            ({"days": 1}, "做于将来的时刻，请检查时钟"),
            ({"missing": ["evidence/1.pdf"]}, "1 个文件不在数据文件夹里：evidence/1.pdf"),
        ],
        ids=str,
    )
    def test_one_that_is_not_sound_though_it_is_new(self, settings, tmp_path, changes, said):
        settings.BACKUP_DIR = str(tmp_path)
        made_on(tmp_path, clock.now() + timedelta(days=changes.pop("days", 0)), **changes)
        (found,) = probes.troubles()
        assert said in found.said


def made_on(root: Path, day: datetime, *, mac: str = "", file: str = "database.dump", missing: Any = ()) -> None:
    folder = root / f"{day:{copying.STAMP}}"
    folder.mkdir()
    (folder / "database.dump").write_bytes(b"rows")
    manifest = {"made_at": day.isoformat(), "database": {"file": file, "bytes": 4}, "files_sha256": "", "keys": {}}
    manifest["missing"] = list(missing)
    manifest["mac"] = mac or copying.mac_of(manifest, in_force.EVENT_LOG_KEY)
    (folder / copying.MANIFEST).write_text(json.dumps(manifest))


class TestTasks:
    def test_one_that_broke_off_is_told_while_the_worker_lives(self):
        broken = {"task": "luojiang_ce.backup.tasks.rehearse", "error": "CannotCopy，详见服务器日志"}
        TaskRun.objects.create(started_at=clock.now(), ended_at=clock.now(), **broken)
        (found,) = probes.troubles()
        assert "“恢复演练”上次没有办完" in found.said


def away(execute, sql, params, many, context):
    raise connection.Database.OperationalError("away")


class broker_at:
    """Celery looks for its broker there."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        self.before = celery.conf.broker_write_url, celery.conf.broker_transport_options
        celery.conf.broker_write_url, celery.conf.broker_transport_options = self.url, {"socket_connect_timeout": 1}

    def __exit__(self, *error: object) -> None:
        celery.conf.broker_write_url, celery.conf.broker_transport_options = self.before


class TestTelling:
    def test_administrators_are_told_once_a_day(self, settings, district):
        settings.DISK_FREE_GIB = 10**9
        assert tasks.watch() == tasks.watch() == 1
        told = Notice.objects.filter(title="运行状况：磁盘")
        assert [notice.recipient for notice in told] == [district.system_admin]
        with travel(clock.now() + timedelta(days=1), tick=False):
            record_run(STARTED, lambda: "started")
            tasks.watch()
        assert told.all().count() == 2

    def test_the_page_says_what_to_do(self, client, settings, district):
        settings.DISK_FREE_GIB = 10**9
        client.force_login(district.system_admin)
        page = client.get(reverse("health:page")).content.decode()
        assert "请清理或扩容" in page
        assert page.index("磁盘") < page.index("消息队列")

    def test_what_is_not_set_up_is_not_called_well(self, client, settings, district):
        settings.BACKUP_DIR = settings.CLAMD_ADDRESS = ""
        client.force_login(district.system_admin)
        page = lxml.html.fromstring(client.get(reverse("health:page")).content.decode())
        said = {row.xpath("string(th)"): row.xpath("normalize-space(td)") for row in page.xpath("//tbody/tr")}
        assert {said[each] for each in ("备份", "病毒扫描", "网站证书", "操作记录的链头")} == {"未启用"}
        assert said["磁盘"] == "正常"
        out = StringIO()
        call_command("check_health", stdout=out)
        assert "没有启用的：备份（没有设定 BACKUP_DIR，演示不备份）、病毒扫描" in out.getvalue()

    def test_a_kernel_that_shuts_no_reader_in_is_told(self, monkeypatch):
        (probe,) = (each for each in probes.all_probes() if each.name == "landlock")
        assert bool(probe.left_out()) is (landlock() == 0)
        monkeypatch.setattr(probes, "landlock", lambda: 0)
        assert "内核没有 Landlock" in probe.left_out()

    def test_the_command_fails(self, settings):
        settings.DISK_FREE_GIB = 10**9
        with pytest.raises(CommandError, match="磁盘：数据文件夹所在的磁盘只剩"):
            call_command("check_health")

    @override_settings(METRICS_TOKEN="secret")
    def test_strangers_learn_that_something_failed_and_not_what(self, client):
        assert asked(client)[1]["failed"] == []
        elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
        assert client.get(reverse("health:ready"), **elsewhere).json() == {"status": "ready"}
        watcher = client.get(reverse("health:ready"), headers={"Authorization": "Bearer secret"}, **elsewhere)
        assert watcher.json() == {"status": "ready", "failed": []}

    def test_watchers_are_answered_from_memory(self, client, django_assert_num_queries):
        asked(client)
        with django_assert_num_queries(0):
            client.get(reverse("health:ready"))


class TestRequests:
    def test_a_number_comes_back_and_a_proxys_is_taken_on(self, client):
        given = client.get(reverse("health:live")).headers["X-Request-ID"]
        assert len(given) == 32
        assert (
            client.get(reverse("health:live"), headers={"X-Request-ID": "ab-12345678"}).headers["X-Request-ID"]
            == "ab-12345678"
        )

    @pytest.mark.parametrize("strange", ["short", "a b c d e f g h", "x" * 65, "12345678\nlevel=ERROR"])
    def test_what_could_write_lines_of_the_log_is_not(self, client, strange):
        answer = client.get(reverse("health:live"), HTTP_X_REQUEST_ID=strange)
        assert answer.headers["X-Request-ID"] != strange

    def test_lines_bear_the_number_of_their_request(self):
        line = logging.makeLogRecord({})
        with numbered("abc"):
            RequestId().filter(line)
        assert line.request_id == "abc"
        RequestId().filter(line)
        assert line.request_id == "-"

    def test_a_line_tells_of_the_route_and_of_no_person(self, client, district, caplog):
        client.force_login(district.owner)
        with caplog.at_level(logging.INFO, "luojiang_ce.requests"):
            client.get(reverse("people:list"), {"q": "三十五"})
        (line,) = caplog.records
        assert (line.route, line.status, line.account) == ("people:list", 200, district.owner.pk)
        assert not {"三十五", district.owner.username} & set(map(str, vars(line).values()))


class TestMetrics:
    @override_settings(METRICS_TOKEN="secret")
    def test_who_brings_the_token_reads_figures(self, client):
        client.get(reverse("health:live"))
        for brought in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret2"}):
            assert client.get(reverse("health:metrics"), headers=brought).status_code == 404
        text = client.get(reverse("health:metrics"), headers={"Authorization": "Bearer secret"}).content.decode()
        assert 'http_request_seconds_count{method="GET",route="health:live",status="200"}' in text
        assert 'probe_failed{probe="disk"} 0.0' in text
        assert "events_unsealed 0.0" in text


class TestFaults:
    def test_a_fault_is_reported_without_anything_about_anybody(self, tmp_path):
        """By the real client to a real server: the place is told, no word that was typed."""
        got: list[bytes] = []

        class Server(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append(UNPACKED[self.headers["Content-Encoding"]](body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            code = FAILS.format(dsn=f"http://key@127.0.0.1:{server.server_port}/1")
            # In a process of its own: the client works itself into whatever it finds, for good.
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        finally:
            server.shutdown()
            server.server_close()
        told = b"".join(got).decode()
        assert "in_the_code" in told
        assert "ValueError" in told
        assert not [word for word in ("王小明", "350504") if word in told]

    def test_what_is_taken_out(self):
        event = {
            "request": {"method": "POST", "url": "https://x/people/12/", "data": {"name": "王小明"}, "cookies": "a"},
            "user": {"id": 1}, "extra": {"q": 1}, "logentry": {"message": "王小明"}, "breadcrumbs": [],
            "exception": {"values": [{"type": "KeyError", "value": "王小明"}]},
        }  # fmt: skip
        assert faults.without_data(event, None) == {
            "request": {"method": "POST"},
            "exception": {"values": [{"type": "KeyError", "value": ""}]},
        }
