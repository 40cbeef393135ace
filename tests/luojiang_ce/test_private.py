"""What any process of ours writes is for its owner alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

from django.conf import settings

from luojiang_ce.private import keep_private


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_open_folder_is_closed_and_a_shared_one_left_alone(tmp_path):
    """In the process of the tests, whose umask is that of the settings already."""
    open_, shared = tmp_path / "var", tmp_path / "tmp"
    for folder, bits in ((open_, 0o755), (shared, 0o1777)):
        folder.mkdir()
        folder.chmod(bits)
        keep_private(folder)
    keep_private(tmp_path / "new" / "var")
    assert [mode(each) for each in (open_, shared, tmp_path / "new" / "var")] == [0o700, 0o1777, 0o700]


def test_every_process_writes_for_its_owner_alone(tmp_path):
    """One place: the settings, which web, worker, beat and manage.py load."""
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    program = "import os, django; django.setup(); open(os.environ['VAR_DIR'] + '/written', 'w').close()"
    env = {**os.environ, "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "luojiang_ce.settings"}
    subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, env=env, check=True, umask=0o022)
    assert mode(var) == 0o700
    assert {mode(path) & 0o077 for path in var.rglob("*")} == {0}


def test_uploads_wait_inside_the_folder_of_all_data():
    assert settings.FILE_UPLOAD_TEMP_DIR.is_relative_to(settings.VAR_DIR)
    assert mode(settings.FILE_UPLOAD_TEMP_DIR) == 0o700
