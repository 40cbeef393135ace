"""Copies of everything, and the way back: made in use, restored into an empty place, looked through."""

from __future__ import annotations

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

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from time_machine import travel

from luojiang_ce import clock
from luojiang_ce.backup import copying, databases, restoring, tasks
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.heartbeat import standings
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.heads import beginning, head_hmac
from luojiang_ce.workflow.models import Event, LogHead
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
    if not beginning():  # emptied with the tables
        start = LogHead(position=0, hash="ab" * 32, published_at=clock.now())
        start.hmac = head_hmac(start)
        start.save()
    record(district.unit, "edited", actor=district.owner, note="改了名称")
    chain.seal()
    name = default_storage.save("evidence/证明.pdf", ContentFile(b"%PDF-1.7 evidence"))
    case = {"case_type": district.unit._meta.label_lower, "case_id": district.unit.pk, "material": "proof"}
    yield Attachment.objects.create(file=name, name="证明.pdf", size=17, content_type="application/pdf", **case)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@contextmanager
def empty_place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a process with an empty database of the kind in use and an empty VAR_DIR."""
    var = tmp_path / f"new-{secrets.token_hex(3)}"
    var.mkdir()
    with restoring._beside(var) as url:
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

    def test_sessions_stay_behind(self, root, client, filled, district):
        client.force_login(district.owner)
        copy = backed_up(root)
        assert "django_session" not in copy.manifest["database"]["counts"]
        assert client.session.session_key.encode() not in copy.database.read_bytes()

    @pytest.mark.thorough
    def test_the_drill_restores_beside_and_leaves_nothing(self, root, filled, settings):
        backed_up(root)
        before = sorted(Path(settings.VAR_DIR).iterdir())
        settings.BACKUP_DIR = str(root)
        assert "与备份一致" in tasks.rehearse()
        assert sorted(Path(settings.VAR_DIR).iterdir()) == before


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
        assert restoring.faults_after(rewritten) == ["manifest.json 被改过"]

    def test_what_is_not_as_it_was_is_named(self, root, filled, district):
        copy = backed_up(root)
        record(district.unit, "edited", actor=district.owner)
        Path(settings.MEDIA_ROOT, filled.file.name).write_bytes(b"other")
        count = copy.manifest["database"]["counts"]["workflow_event"]
        assert restoring.faults_after(copy) == [
            f"workflow_event：备份时 {count} 行，现在 {count + 1} 行",
            f"files/{filled.file.name}：没有恢复，或内容不同",
        ]

    def test_a_list_that_leads_out_of_the_folder(self, root, filled):
        copy = backed_up(root)
        (copy.folder / copying.FILES).write_text('["../../etc/passwd", "00", 1, 1]\n')
        with pytest.raises(databases.CannotCopy, match="被改过"):
            list(copy.files())
        with pytest.raises(databases.CannotCopy, match="不在数据文件夹内"):
            list(copying.read_list(copy.folder / copying.FILES))

    def test_a_file_that_the_rows_name_and_nobody_has(self, root, filled):
        default_storage.delete(filled.file.name)
        with pytest.raises(CommandError, match=r"1 个文件不在 files 里.*evidence"):
            call_command("backup", str(root))
        assert not copying.copies(root)
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
        with copying._alone(root), pytest.raises(CommandError, match="另有一次备份"):
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

    def on(self, root: Path, day: int) -> copying.Copy:
        with travel(clock.now() + timedelta(days=day), tick=True):
            return copying.make(root, None)


class TestTheNight:
    def test_without_a_folder_nothing_is_done(self, settings):
        settings.BACKUP_DIR = ""
        assert tasks.back_up() == tasks.rehearse() == ""

    def test_it_says_what_it_kept_and_the_page_when(self, root, filled, settings):
        settings.BACKUP_DIR, settings.BACKUP_KEYS = str(root), str(root.parent / "keys")
        assert tasks.back_up().startswith("已备份 20")
        assert oct((root.parent / "keys" / "keys.env").stat().st_mode)[-3:] == "600"
        words = {each.name: each.schedule for each in standings()}
        assert words["备份"] == "每日 1:20"
        assert words["恢复演练"] == "每周日 3:20"
