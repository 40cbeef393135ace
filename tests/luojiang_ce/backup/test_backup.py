"""Copies of everything, and the way back: made in use, restored into an empty place, looked through."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from unittest.mock import patch

import environ
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from time_machine import travel

from luojiang_ce import clock
from luojiang_ce.backup import copying, databases, restoring, tasks
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.heartbeat import standings
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from tests.documents import PDF
from tests.luojiang_ce.authentication.signing_in import Browser
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.processes import environment
from units.models import Account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def filled(district) -> Iterator[Attachment]:
    """A district with a log from its beginning, a published head and a stored file; the files go away at the end."""
    shutil.rmtree(Path(settings.VAR_DIR, "audit"), ignore_errors=True)  # heads of other tests' databases
    put_on_record(district)
    record(district.unit, "edited", actor=district.owner, note="改了名称")
    facts = {"material": "proof", "actor": district.owner, "may_change": lambda *_: True}
    kept = attach(case=district.unit, upload=SimpleUploadedFile("证明.pdf", PDF), **facts)
    chain.seal()
    yield kept
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@contextmanager
def empty_place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a process with an empty database of the kind in use and an empty VAR_DIR."""
    var = tmp_path / f"new-{secrets.token_hex(3)}"
    var.mkdir()
    with restoring.beside(var) as url:
        yield {**environment(connection, var), "DATABASE_URL": url}


def restored(root: Path, env: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "restore", str(root), *options]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)


def backed_up(root: Path) -> copying.Copy:
    call_command("backup", str(root), stdout=StringIO())
    return copying.newest(root)


def altered(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


class TestThereAndBack:
    @pytest.mark.thorough
    def test_what_is_restored_is_what_was_there(self, root, tmp_path, filled):
        copy = backed_up(root)
        with empty_place(tmp_path) as env:
            done = restored(root, env)
            assert done.returncode == 0, done.stderr
            assert "与备份一致" in done.stdout
            back = Path(env["VAR_DIR"], "files", filled.file.name).read_bytes()  # sealed as it lay
            assert back == Path(filled.file.path).read_bytes() != b"%PDF-1.7 evidence"
        assert copy.manifest["database"]["counts"]["units_account"] == Account.objects.count()
        assert copy.manifest["database"]["counts"]["workflow_event"] == Event.objects.count()

    @pytest.mark.thorough
    def test_it_is_made_while_somebody_writes(self, root, tmp_path, filled, district):
        """Rows and events are of one moment: chain and counts of the copy agree, however many came meanwhile."""
        begun, over = Signal(), Signal()

        def write() -> None:
            with closing(connection):
                while not over.is_set():
                    record(district.unit, "edited", actor=district.owner)
                    chain.seal()
                    begun.set()

        writing = Thread(target=write)
        writing.start()
        begun.wait()
        backed_up(root)
        over.set()
        writing.join()
        with empty_place(tmp_path) as env:
            assert restored(root, env).returncode == 0

    def test_no_copy_holds_the_cookie_of_an_open_session(self, root, filled, district, settings):
        browser = Browser()
        browser.sign_in(district.owner.username)
        assert browser.is_in
        cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        copy = backed_up(root)
        assert "django_session" not in copy.manifest["database"]["counts"]
        assert cookie.encode() not in copy.database.read_bytes()
        assert not Session.objects.filter(pk=cookie)

    @pytest.mark.thorough
    def test_a_copy_with_older_seals_asks_for_the_setting_that_opens_them(self, root, filled, settings):
        copy = backed_up(root)
        assert copy.may_hold_older_seals
        settings.OLDER_SEALS = False
        with pytest.raises(databases.CannotCopy, match="请设 OLDER_SEALS=1 再恢复"):
            restoring.restore(copy, None)

    def test_the_drill_restores_beside_and_leaves_nothing(self, root, filled, settings):
        backed_up(root)
        before = sorted(Path(settings.VAR_DIR).iterdir())
        settings.BACKUP_DIR = str(root)
        assert "与备份一致" in tasks.rehearse()
        assert sorted(Path(settings.VAR_DIR).iterdir()) == before
        assert not list(root.glob(f"{restoring.DRILL}*"))

    @pytest.mark.thorough
    def test_what_a_killed_drill_left_behind_goes_before_the_next(self, root, filled, settings):
        backed_up(root)
        (root / f"{restoring.DRILL}killed" / "files").mkdir(parents=True)
        with restoring.beside(root):  # on PostgreSQL a database of everybody's data too
            call_command("backup", str(root), "--drill", stdout=StringIO())
        assert not list(root.glob(f"{restoring.DRILL}*"))

    @pytest.mark.thorough
    def test_a_password_of_signs_leads_to_the_drill_as_well(self, root, filled):
        """It stands in an address, where signs mean something else."""
        if connection.vendor != "postgresql":
            pytest.skip("SQLite knows no passwords")
        known = connection.settings_dict
        login = {"USER": f"drill_{secrets.token_hex(3)}", "PASSWORD": "p@s/s:w%d"}
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {login['USER']} LOGIN CREATEDB PASSWORD '{login['PASSWORD']}'")
        try:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in login.items():
                    patch.setitem(known, name, value)
                with restoring.beside(root) as url:
                    asked = environ.Env().db_url_config(url)
            assert {name: asked[name] for name in login} == login
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP ROLE {login['USER']}")


class TestRefusals:
    """Each says what is wrong, and nothing is written."""

    def test_a_place_that_is_not_empty(self, root, filled):
        backed_up(root)
        with pytest.raises(CommandError, match="数据库不是空的"):
            call_command("restore", str(root))

    def test_one_byte_of_a_file_and_of_the_database_changed(self, root, filled):
        copy = backed_up(root)
        kept = next(each for each in copy.files() if each.path.endswith(".pdf"))
        altered(copying.Store(root / "objects").path_of(kept.sha256))
        altered(copy.database)
        with pytest.raises(databases.CannotCopy, match=r"数据库的备份已改变；files/\S+pdf：.*内容已改变"):
            restoring.refuse_damage(copy)

    def test_a_content_that_is_gone(self, root, filled):
        copy = backed_up(root)
        shutil.rmtree(root / "objects")
        with pytest.raises(databases.CannotCopy, match="备份里没有它的内容"):
            restoring.refuse_damage(copy)

    def test_the_manifest_rewritten_to_fit(self, root, filled):
        copy = backed_up(root)
        assert restoring.faults_after(copy) == []
        rewritten = copying.Copy(copy.folder, {**copy.manifest, "made_at": "2020-01-01T00:00:00+08:00"})
        assert restoring.faults_after(rewritten) == ["manifest.json 被改过，或不是用这套密钥封的"]

    @pytest.mark.thorough
    def test_a_dump_put_in_its_place_is_not_run(self, root, tmp_path, filled):
        """A dump is a program: whoever can write among the copies would have it run as the database's user."""
        copy = backed_up(root)
        altered(copy.database)
        found = {**copy.manifest["database"], "sha256": copying.sha256_of(copy.database)}
        (copy.folder / copying.MANIFEST).write_text(json.dumps({**copy.manifest, "database": found}))
        with empty_place(tmp_path) as env:
            done = restored(root, env)
            assert "没有恢复任何内容：manifest.json 被改过" in done.stderr
            assert not [path for path in Path(env["VAR_DIR"]).rglob("*") if path.is_file() and path.stat().st_size]

    def test_a_database_that_cannot_be_filled_leaves_the_place_empty(self, root, filled, tmp_path, monkeypatch):
        def fails(*_: object) -> None:
            raise databases.CannotCopy("pg_restore 没有完成")

        copy = backed_up(root)
        place = tmp_path / "new"
        place.mkdir()
        monkeypatch.setattr(settings, "VAR_DIR", place)
        monkeypatch.setattr(settings, "MEDIA_ROOT", place / "files")
        monkeypatch.setattr(restoring, "is_empty", lambda: True)
        monkeypatch.setattr(type(databases.database()), "load", fails)
        with pytest.raises(databases.CannotCopy, match="没有完成"):
            restoring.restore(copy, None)
        assert not list(place.iterdir())

    def test_what_is_not_as_it_was_is_named(self, root, filled, district):
        copy = backed_up(root)
        record(district.unit, "edited", actor=district.owner)
        Path(settings.MEDIA_ROOT, filled.file.name).write_bytes(b"other")
        count = copy.manifest["database"]["counts"]["workflow_event"]
        assert restoring.faults_after(copy) == [
            f"workflow_event：备份时 {count} 行，现在 {count + 1} 行",
            f"files/{filled.file.name}：没有恢复，或内容不同",
            f"材料：{filled.pk}（units.unit:{district.unit.pk}）的文件与登记的指纹不符：被改动",
        ]

    def test_a_clock_that_was_once_wrong_is_no_fault_of_the_copy(self, root, filled, district):
        with patch.object(clock, "machine_now", return_value=clock.now() + timedelta(hours=1)):
            record(district.unit, "edited", actor=district.owner)
        record(district.unit, "edited", actor=district.owner)
        assert chain.check().backwards
        assert restoring.faults_after(backed_up(root)) == []

    def test_a_list_that_leads_out_of_the_folder(self, root, filled):
        copy = backed_up(root)
        (copy.folder / copying.FILES).write_text('["../../etc/passwd", "00", 1, 1]\n')
        with pytest.raises(databases.CannotCopy, match="被改过"):
            list(copy.files())
        with pytest.raises(databases.CannotCopy, match="不在数据文件夹内"):
            list(copying.read_list(copy.folder / copying.FILES))
        with travel(clock.now() + timedelta(days=1), tick=True):  # the next copy does not fall with it
            assert list(copying.make(root, None).files())

    def test_a_file_that_the_rows_name_and_nobody_has(self, root, filled):
        """It is told; of everything else there is a copy all the same."""
        default_storage.delete(filled.file.name)
        with pytest.raises(CommandError, match=r"备份已完成；.*1 个文件不在数据文件夹里：attachments.*请找回"):
            call_command("backup", str(root))
        assert copying.newest(root).missing == [filled.file.name]
        assert not list(root.glob(".20*"))

    def test_no_copy_yet_and_an_unknown_one(self, root, filled):
        with pytest.raises(CommandError, match="一份也没有"):
            call_command("restore", str(root))
        backed_up(root)
        with pytest.raises(CommandError, match="没有名为 2020 的"):
            call_command("restore", str(root), "--at", "2020")

    def test_keys_inside_the_copies(self, root, filled):
        with pytest.raises(CommandError, match="密钥不能放在备份文件夹里面"):
            call_command("backup", str(root), "--keys", str(root / "keys"))

    def test_two_at_once(self, root, filled):
        root.mkdir()
        with copying.alone_in(root), pytest.raises(CommandError, match="另有一次备份"):
            call_command("backup", str(root))


class TestManyCopies:
    def test_a_content_lies_there_once(self, root, filled):
        first, second = (self.on(root, day) for day in (0, 1))
        assert first.folder != second.folder
        held = [{each.sha256 for each in copy.files()} for copy in (first, second)]
        assert held[0] == held[1] == {path.name for path in (root / "objects").glob("??/*")}

    def test_old_ones_go_but_the_first_of_a_month_and_the_newest_three(self, root, filled, settings):
        settings.BACKUP_KEEP_DAYS = 5
        days = [0, 1, 2, 40, 41, 42, 43, 44]
        for day in days:
            self.on(root, day)
        with travel(clock.now() + timedelta(days=60), tick=False):
            copying.prune(root, 5)
        left = [each.folder.name for each in copying.copies(root)]
        assert len(left) == 3 + len({name[:7] for name in left[:-3]})

    def test_what_no_copy_names_goes_with_the_last_of_them(self, root, filled):
        for day in range(4):
            self.on(root, day)
            if day == 0:
                Attachment.objects.all().delete()
                default_storage.delete(filled.file.name)
        gone = copying.Store(root / "objects").path_of(next(iter(copying.copies(root)[0].files())).sha256)
        assert gone.exists()
        with travel(clock.now() + timedelta(days=800), tick=False):
            copying.prune(root, 5)
        assert len(copying.copies(root)) == 3
        kept = {each.sha256 for copy in copying.copies(root) for each in copy.files()}
        assert {path.name for path in (root / "objects").glob("??/*")} == kept

    @pytest.mark.parametrize("damage", ["unreadable", "gone", "no copy's"])
    def test_while_a_copy_cannot_be_read_nothing_goes(self, root, filled, damage):
        """It may be whole when the disk is back, and what it alone names would be gone."""
        for day in range(4):
            self.on(root, day)
        manifest = copying.copies(root)[0].folder / copying.MANIFEST
        manifest.unlink()
        if damage == "unreadable":
            manifest.mkdir()
        if damage == "no copy's":
            manifest.write_text("{}")
        objects = set((root / "objects").glob("??/*"))
        with travel(clock.now() + timedelta(days=800), tick=False), pytest.raises(databases.CannotCopy) as said:
            copying.prune(root, 5)
        assert f"{manifest.parent.name} 的 manifest.json 现在读不了" in str(said.value)
        assert len(copying.copies(root)) == 3
        assert set((root / "objects").glob("??/*")) == objects

    def test_what_has_rotted_is_told_and_taken_in_again(self, root, filled):
        copy = self.on(root, 0)
        kept = next(each for each in copy.files() if each.path.endswith(".pdf"))
        content = copying.Store(root / "objects").path_of(kept.sha256)
        altered(content)
        (root / "objects" / "tmpkilled").write_bytes(b"half")
        with pytest.raises(CommandError, match=r"1 个文件的内容已损坏，已移到 objects/damaged：files/\S+pdf"):
            call_command("backup", str(root), "--drill")
        again = self.on(root, 1)
        restoring.refuse_damage(again)
        copying.prune(root, 5)
        assert [path.name for path in (root / "objects").glob("???*")] == ["damaged"]

    def on(self, root: Path, day: int) -> copying.Copy:
        with travel(clock.now() + timedelta(days=day), tick=True):
            return copying.make(root, None)


class TestTheNight:
    def test_on_the_disk_of_the_data_it_makes_none(self, root, filled, settings):
        """So it would lie where the other disk is not mounted, and all would look well."""
        settings.BACKUP_DIR = str(root)
        with pytest.raises(databases.CannotCopy, match="与数据在同一块磁盘上"):
            tasks.back_up()
        assert not root.exists()

    def test_without_a_folder_nothing_is_done(self, settings):
        settings.BACKUP_DIR = ""
        assert tasks.back_up() == tasks.rehearse() == ""

    def test_it_says_what_it_kept_and_the_page_when(self, root, filled, settings):
        settings.BACKUP_DIR, settings.BACKUP_KEYS = str(root), str(root.parent / "keys")
        settings.BACKUP_SAME_DISK = True
        assert tasks.back_up().startswith("已备份 20")
        assert oct((root.parent / "keys" / "keys.env").stat().st_mode)[-3:] == "600"
        default_storage.delete(filled.file.name)
        with travel(clock.now() + timedelta(days=1), tick=True):
            assert f"1 个文件不在数据文件夹里：{filled.file.name}" in tasks.back_up()
        words = {each.name: each.schedule for each in standings()}
        assert words["备份"] == "每日 1:20"
        assert words["恢复演练"] == "每周日 3:20"
