"""The settings that are shipped for production start without a warning; nginx and systemd take their files."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
EXAMPLE = (DEPLOY / "luojiang-ce.env.example").read_text()


def shipped(tmp_path: Path, **changed: str) -> dict[str, str]:
    """The environment of the example, with keys of its own and a folder that there is."""
    lines = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if "=" in line and not line.startswith("#"))
    keys = subprocess.run([sys.executable, DEPLOY / "new_keys.py"], capture_output=True, text=True, check=True).stdout
    lines |= dict(line.split("=", 1) for line in keys.splitlines())
    lines |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}", "VAR_DIR": str(tmp_path)}
    lines |= {"CLOCK_KEPT_OUTSIDE": "1", **changed}
    return {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "luojiang_ce.settings", **lines}


def deploy_check(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_the_shipped_settings_pass_without_a_warning(tmp_path):
    done = deploy_check(shipped(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"HTTPS": "0"}, "luojiang.E004"),
        ({"DEMO": "1"}, "luojiang.E003"),
        ({"BACKUP_DIR": ""}, "luojiang.E014"),
        ({"PROXIES": "0"}, "luojiang.E020"),
    ],
)
def test_what_must_not_go_into_service_is_refused(tmp_path, changed, said):
    done = deploy_check(shipped(tmp_path, **changed))
    assert done.returncode == 1
    assert said in done.stderr


def test_a_start_without_anything_is_refused_in_chinese_all_at_once_and_touches_nothing(tmp_path):
    """What `make run DEMO=0` does on a machine where nothing was set."""
    env = {"PATH": os.environ["PATH"], "DEMO": "0", "VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port())}
    command = [sys.executable, str(DEPLOY / "start.py")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert all(code in done.stderr for code in ("luojiang.E001", "luojiang.E004", "luojiang.E015"))
    assert "密钥是第一次启动时自己生成的" in done.stderr
    assert "正式系统不启动" in done.stderr
    assert not (tmp_path / "var" / "db.sqlite3").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path):
    """With programs that there are in place of those of a machine in service."""
    for unit in (DEPLOY / "systemd").glob("*.service"):
        lines = [
            f"ExecStart={sys.executable} -V" if line.startswith("ExecStart=") else line
            for line in unit.read_text().splitlines()
            if not line.startswith(("User=", "Group=", "EnvironmentFile=", "ExecStartPre="))
        ]
        (tmp_path / unit.name).write_text("\n".join(lines))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.glob("*.service"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_start_what_make_run_starts():
    """Three processes, the same programs; each comes back when it dies."""
    started = {line.split(":")[0] for line in (DEPLOY / "Procfile").read_text().splitlines()}
    files = (DEPLOY / "systemd").glob("*.service")
    units = {path.stem.removeprefix("luojiang-ce-"): path.read_text() for path in files}
    assert units.keys() == started
    assert all("Restart=always" in text and "UMask=0077" in text for text in units.values())
    asked = "ExecStartPre=/opt/luojiang-ce/.venv/bin/python manage.py check --deploy --tag start\n"
    assert all(asked in text for text in units.values())


def setting(unit: str, name: str) -> str:
    lines = (DEPLOY / "systemd" / f"luojiang-ce-{unit}.service").read_text().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))


def named_in_the_example() -> dict[str, str]:
    """Settings of the example with their comment signs taken off."""
    lines = (line.lstrip("#") for line in EXAMPLE.splitlines() if re.match(r"#?[A-Z_]+=", line))
    return dict(line.split("=", 1) for line in lines)


def test_the_worker_may_write_wherever_the_example_says():
    """The whole machine else is read only for it (ProtectSystem=strict)."""
    named = named_in_the_example()
    written = {path.lstrip("-") for path in setting("worker", "ReadWritePaths").split()}
    folders = {value for name, value in named.items() if name.endswith(("_DIR", "_KEYS")) and value.startswith("/")}
    assert folders - {named["PROMETHEUS_MULTIPROC_DIR"]} == written
    # Whoever takes over the process that strangers speak to alters no copy.
    assert {setting(unit, "ReadWritePaths") for unit in ("web", "beat")} == {named["VAR_DIR"]}
    assert named["PROMETHEUS_MULTIPROC_DIR"] == f"/run/{setting('web', 'RuntimeDirectory')}"


@pytest.mark.parametrize("unit", ["web", "worker"])
def test_what_a_unit_starts_ends_with_it_and_does_not_end_it(unit):
    """The helpers are told by whoever began them, not by systemd amid their work; one without memory ends alone."""
    assert (setting(unit, "KillMode"), setting(unit, "OOMPolicy")) == ("mixed", "continue")


def test_nginx_lets_through_what_the_application_takes_and_no_more():
    sizes = re.findall(r"client_max_body_size (\w+);", (DEPLOY / "nginx.conf").read_text())
    assert sizes[0] == f"{settings.BODY_LIMIT_BYTES // 1024**2}m"
    assert set(sizes[1:]) == {"1k"}


@pytest.mark.thorough
def test_figures_that_cannot_be_kept_break_no_page(tmp_path):
    """As shipped with the comment signs taken off, where nobody made the folder; and methods are of a few kinds."""
    env = shipped(
        tmp_path,
        METRICS_TOKEN="t",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "none"),
        HTTPS="0",
        ALLOWED_HOSTS="testserver",
    )
    asked = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "from luojiang_ce.health import metrics\n"
        "print(Client().generic('GET', '/health/live').status_code, metrics.kind_of('XYZ'), metrics.kind_of('GET'))"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == (["200", "OTHER", "GET"], 0), done.stderr
