"""deploy/manage.sh hands manage.py the settings just as systemd hands them to the services."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
from pathlib import Path

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
