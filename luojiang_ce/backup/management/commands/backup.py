"""manage.py backup DIR: a copy of database and files in use; the keys apart. Exit 1 if it failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.backup.copying import copies, make, newest, prune, said_of_missing
from luojiang_ce.backup.databases import CannotCopy
from luojiang_ce.backup.restoring import drill, read_manifest


class Command(BaseCommand):
    help = "备份数据库和文件（使用中也可以）；密钥用 --keys 另存一处。--drill 把最近一份恢复到旁边核对一遍"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="文件夹", type=Path)
        parser.add_argument("--keys", metavar="文件夹", type=Path, help="密钥另存到这里，不能在备份文件夹里面")
        parser.add_argument("--list", action="store_true", help="只列出已有的备份")
        parser.add_argument("--drill", action="store_true", help="不备份，把最近一份恢复到临时的地方并核对")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["folder"]
        try:
            if options["list"]:
                self.stdout.write("\n".join(map(read_manifest, copies(root))) or "一份也没有")
            elif options["drill"]:
                self._drill(root)
            else:
                self._make(root, options["keys"])
        except CannotCopy as wrong:
            raise CommandError(str(wrong)) from wrong

    def _make(self, root: Path, keys: Path | None) -> None:
        copy = make(root, keys)
        self.stdout.write(f"已备份 {read_manifest(copy)}")
        if gone := prune(root, settings.BACKUP_KEEP_DAYS):
            self.stdout.write(f"清理了 {gone} 份过期的")
        if copy.missing:
            raise CannotCopy(f"备份已完成{said_of_missing(copy)}")
        if not keys:
            self.stdout.write("密钥不在备份里：没有密钥，备份读不出来。请用 --keys 另存一处，或确认已经保存")

    def _drill(self, root: Path) -> None:
        copy = newest(root)
        if copy is None:
            raise CannotCopy(f"{root} 里还没有完整的备份")
        self.stdout.write(f"演练：{drill(root, copy)}")
