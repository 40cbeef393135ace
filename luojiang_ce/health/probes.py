"""What is looked at, each by itself, and what was found: nothing, or a sentence that says what to do.

`stops`: without it no page can be served (503, no traffic). Everything else is told, and the pages go on: a broker or a
backup that is away is no reason to send two hundred units home.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from luojiang_ce import clock
from luojiang_ce.backup.copying import newest, said_of_missing
from luojiang_ce.celery import app as celery
from luojiang_ce.children import landlock
from luojiang_ce.jobs.heartbeat import ended_ahead, is_silent, last_heartbeat, standings
from luojiang_ce.sealing.storage import SealedStorage
from luojiang_ce.uploads import clamd
from luojiang_ce.workdays.services import current_calendar

log = logging.getLogger(__name__)
Look = Callable[[], str]
GIB = 1 << 30
WATCH = "luojiang_ce.health.tasks.watch"  # tells administrators of what is found here
# Days before the end of a year on which the arrangement of the next one should be known (it comes in November).
CALENDAR_AHEAD = timedelta(days=20)
# Days before its end on which a certificate is a trouble; whoever renews it has been told long before.
CERTIFICATE_AHEAD = timedelta(days=14)
_CONNECTS, _REMEMBERED = 3, 600  # seconds: for an answer, and for which the site's certificate is not asked again


@dataclass(frozen=True)
class Probe:
    """Something to look at; `look` returns what is wrong, empty where nothing is. `left_out`: why there is nothing to
    look at, because it is not set up here; empty where there is."""

    name: str
    label: str
    look: Look
    stops: bool = False
    left_out: Look = lambda: ""


@dataclass(frozen=True)
class Trouble:
    """A probe that found something, and what."""

    probe: Probe
    said: str


_registered: list[Probe] = []


def register_probe(probe: Probe) -> None:
    """Apps above add what they know of. Called in `ready()`."""
    _registered.append(probe)


def all_probes() -> tuple[Probe, ...]:
    """Everything that is looked at."""
    return (*PROBES, *_registered)


def troubles() -> list[Trouble]:
    """All that is wrong now, what stops the service first. A probe that fails itself is a trouble too."""
    found = (Trouble(probe, _looked(probe)) for probe in all_probes())
    return sorted((each for each in found if each.said), key=lambda each: not each.probe.stops)


def _looked(probe: Probe) -> str:
    try:
        return probe.look()
    except Exception as error:  # whatever a driver, a disk or a network raises
        log.warning("%s cannot be looked at", probe.name, exc_info=True)
        return f"查不了（{type(error).__name__}），详见服务器日志"


def _no_backup() -> str:
    return "" if settings.BACKUP_DIR or not settings.DEMO else "没有设定 BACKUP_DIR，演示不备份"


def _no_scanner() -> str:
    return "" if settings.CLAMD_ADDRESS else "没有设定 CLAMD_ADDRESS，上传的文件不查病毒"


def _no_site() -> str:
    return "" if settings.HTTPS else "没有用 HTTPS"


def _no_landlock() -> str:
    return "" if landlock() else "内核没有 Landlock（Linux 5.13 起）或已关闭，读上传文件的进程没有和数据隔开"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return f"有 {missing} 个数据库迁移没有执行，请运行 manage.py migrate" if missing else ""


def _disk() -> str:
    places = {"数据文件夹": settings.VAR_DIR, "备份文件夹": settings.BACKUP_DIR}
    free = {name: shutil.disk_usage(place).free for name, place in places.items() if place and Path(place).exists()}
    full = [
        f"{name}所在的磁盘只剩 {left / GIB:.1f} GB"
        for name, left in free.items()
        if left < settings.DISK_FREE_GIB * GIB
    ]
    return f"{'；'.join(full)}，请清理或扩容（DISK_FREE_GIB）" if full else ""


def _writable() -> str:
    return "" if os.access(settings.VAR_DIR, os.W_OK) else f"{settings.VAR_DIR} 不能写入，请检查权限和磁盘"


def _links() -> str:
    said = f"{settings.MEDIA_ROOT} 所在的磁盘不能建硬链接，上传的文件存不下，请换成本机的 ext4 或 xfs"
    return "" if cast(SealedStorage, default_storage).takes_links() else said


def _broker() -> str:
    with celery.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return ""


def _heartbeat() -> str:
    last = last_heartbeat()
    if not is_silent(last):
        return ""
    since = f"自 {clock.local(last):%Y-%m-%d %H:%M} 起" if last else "一直"
    return f"后台程序{since}没有动静，请检查 worker 和 beat 进程；期限不受影响，生成文书、提醒会等待"


def _clock() -> str:
    """Days, deadlines and the log rest on this machine's clock: that of the database is another one where it is a
    server's, and what the worker did is over. Where it is not, nobody can say which clock was right: it is told once,
    and clocks that agree from then on are well."""
    now = clock.machine_now()
    there = _database_now() if connection.vendor == "postgresql" else now
    if abs(there - now) > clock.MAY_DIFFER:
        said = f"数据库服务器的时间是 {clock.local(there):%Y-%m-%d %H:%M}，本机是 {now:%Y-%m-%d %H:%M}"
    elif ahead := ended_ahead(WATCH):
        said = f"后台程序的记录写于 {clock.local(ahead):%Y-%m-%d %H:%M}，本机现在是 {now:%Y-%m-%d %H:%M}"
    else:
        return ""
    return f"{said}：有一处时钟不准，或被拨回；请校时（timedatectl），并核对这段时间的文书日期和期限"


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _backup() -> str:
    if not settings.BACKUP_DIR:
        return "" if settings.DEMO else "没有设定 BACKUP_DIR，系统没有备份"
    copy = newest(Path(settings.BACKUP_DIR))
    if copy is None:
        return f"{settings.BACKUP_DIR} 里还没有完整的备份"
    if fault := copy.fault(settings.EVENT_LOG_KEY):
        return f"最近一份备份 {copy.folder.name} 不能用：{fault}"
    if clock.now() - copy.made_at > timedelta(hours=settings.BACKUP_TOLD_HOURS):
        return f"最近一份完整的备份做于 {clock.local(copy.made_at):%Y-%m-%d %H:%M}，请检查备份任务和磁盘"
    return f"最近一份备份不全{said_of_missing(copy)}" if copy.missing else ""


def _tasks() -> str:
    """What broke off the last time, or has not run for too long while the worker lives: `_heartbeat` tells the rest."""
    if is_silent(last_heartbeat()):
        return ""
    found = [each for each in standings() if each.last and (each.failed or each.late)]
    named = "、".join(f"“{each.name}”{'上次没有办完' if each.failed else '很久没有运行'}" for each in found)
    return f"{named}，原因见后台运行" if named else ""


def ends_soon(what: str, ends: datetime) -> str:
    """A sentence where a certificate (`ends` is aware) has ended or ends soon, empty where it does not."""
    left = ends - clock.now()
    if left > CERTIFICATE_AHEAD:
        return ""
    day = f"{clock.local(ends):%Y-%m-%d}"
    return f"{what}{day} 到期，还有 {left.days} 天，请换发" if left > timedelta() else f"{what}已于 {day} 到期，请换发"


def _site() -> str:
    return str(cache.get_or_set("health.site", _site_now, _REMEMBERED)) if settings.HTTPS else ""


def _site_now() -> str:
    """What browsers are shown of PUBLIC_URL by whoever holds its certificate (settings.TLS_AT)."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    place, _, port = settings.TLS_AT.rpartition(":")
    trusting = ssl.create_default_context()
    try:
        with (
            socket.create_connection((place, int(port)), timeout=_CONNECTS) as plain,
            trusting.wrap_socket(plain, server_hostname=host) as shown,
        ):
            until = str((shown.getpeercert() or {})["notAfter"])
    except ssl.SSLCertVerificationError as wrong:
        return f"{host} 的网站证书浏览器不认（{wrong.verify_message}），请换发或装全证书链"
    except OSError:
        return f"{settings.TLS_AT} 没有应答，看不到 {host} 的网站证书；请检查 nginx，或改正 TLS_AT"
    return ends_soon(f"{host} 的网站证书", datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC))


def _calendar() -> str:
    ahead = clock.today() + CALENDAR_AHEAD
    if ahead.year == clock.today().year or not current_calendar().provisional(ahead):
        return ""
    return f"{ahead.year} 年的放假安排还没有录入，期限按暂定日历推算；国务院通知发布后请录入"


PROBES = (
    Probe("database", "数据库", _database, stops=True),
    Probe("migrations", "数据库迁移", _migrations, stops=True),
    Probe("files", "数据文件夹", _writable, stops=True),
    Probe("links", "存文件的磁盘", _links),
    Probe("disk", "磁盘", _disk),
    Probe("broker", "消息队列", _broker),
    Probe("worker", "后台程序", _heartbeat),
    Probe("clock", "系统时钟", _clock),
    Probe("tasks", "定时任务", _tasks),
    Probe("backup", "备份", _backup, left_out=_no_backup),
    Probe("scanner", "病毒扫描", clamd.what_is_wrong, left_out=_no_scanner),
    # What there is of it is taken when a file is read, which ends where it cannot be.
    Probe("landlock", "读文件的隔离", lambda: "", left_out=_no_landlock),
    Probe("calendar", "工作日历", _calendar),
    Probe("site", "网站证书", _site, left_out=_no_site),
)
