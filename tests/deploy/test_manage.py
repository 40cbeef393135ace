"""deploy/manage.sh hands manage.py the settings just as systemd hands them to the services."""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.test_production import shipped

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """# a remark
VAR_DIR={var}
TOLD_PLAIN=a=b c
TOLD_BLANKS=  key of the log  \t
TOLD_QUOTED="in quotes"
TOLD_SINGLE='it is'
TOLD_DOLLAR=$HOME `id`
  TOLD_SPACED =  x
TOLD_BOTH='"x"'
TOLD_INNER="it's"
TOLD_BARE=a\\b\\"c
TOLD_ESCAPED="a\\b\\"c\\\\d"
TOLD_RAW='a\\b'
TOLD_LAST=no end of line"""


def test_the_settings_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text(SETTINGS.format(var=tmp_path))
    asked = "import json, os; print(json.dumps({n: v for n, v in os.environ.items() if n.startswith('TOLD_')}))"
    env = {"PATH": os.environ["PATH"], "SETTINGS_FILE": str(file), "SERVICE_ACCOUNT": getpass.getuser()}
    command = ["sh", ROOT / "deploy" / "manage.sh", "shell", "--no-imports", "-c", asked]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "TOLD_PLAIN": "a=b c",
        "TOLD_BLANKS": "key of the log",
        "TOLD_QUOTED": "in quotes",
        "TOLD_SINGLE": "it is",
        "TOLD_DOLLAR": "$HOME `id`",
        "TOLD_SPACED": "x",
        "TOLD_BOTH": '"x"',
        "TOLD_INNER": "it's",
        "TOLD_BARE": 'ab"c',
        "TOLD_ESCAPED": r'a\b"c\d',
        "TOLD_RAW": r"a\b",
        "TOLD_LAST": "no end of line",
    }


# What is asked at a terminal, as flags.
ANSWERS = {"setup": "--username first --name 甲 --security-username second --security-name 乙 --random-passwords"}
STEP = re.compile(r"^   deploy/manage\.sh (.+)$", re.MULTILINE)


@pytest.mark.thorough
def test_the_steps_of_the_page_prepare_the_system_of_the_settings(tmp_path: Path) -> None:
    """And no other one beside the code: each as it stands there, on an empty machine."""
    page = (ROOT / "docs" / "operations.md").read_text().partition("\n## What is refused")[0]
    steps = [step.split() for step in STEP.findall(page)]
    assert [name for name, *_ in steps] == ["check", "prepare", "collectstatic", "setup", "check_audit"]
    settings = shipped(tmp_path, BACKUP_DIR=str(tmp_path / "backup"), BACKUP_KEYS=str(tmp_path / "keys"))
    file = tmp_path / "settings.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items() if name != "PATH"))
    env = {"PATH": os.environ["PATH"], "SETTINGS_FILE": str(file), "SERVICE_ACCOUNT": getpass.getuser()}
    for name, *flags in steps:
        command = ["sh", ROOT / "deploy" / "manage.sh", name, *flags, *ANSWERS.get(name, "").split()]
        done = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    assert "起点" in done.stdout
    assert (tmp_path / "db.sqlite3").exists()
    assert any((tmp_path / "static").iterdir())
