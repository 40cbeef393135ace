"""manage.py restore DIR: fill an empty VAR_DIR and DATABASE_URL from a copy. Exit 1 if it failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.backup.databases import CannotCopy
from luojiang_ce.backup.restoring import checked_apart, chosen, faults_after, read_manifest, restore


class Command(BaseCommand):
    help = "把备份恢复到空的数据文件夹和空的数据库，并核对行数、文件、操作记录链和文书树"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="文件夹", type=Path)
        parser.add_argument("--at", metavar="名称", default="", help="恢复哪一份，默认最近一份")
        parser.add_argument("--keys", metavar="文件夹", type=Path, help="备份时保存密钥的文件夹")
        parser.add_argument("--check", action="store_true", help="不恢复，只核对现在的数据与备份是否一致")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            copy = chosen(options["folder"], options["at"])
            if options["check"]:
                self._check(faults_after(copy))
                return
            restore(copy, options["keys"])
            self.stdout.write(f"已恢复 {read_manifest(copy)}。{checked_apart(options['folder'], copy)}")
        except CannotCopy as wrong:
            raise CommandError(str(wrong)) from wrong

    def _check(self, faults: list[str]) -> None:
        if faults:
            raise CommandError(f"与备份不一致，共 {len(faults)} 处：\n" + "\n".join(faults[:50]))
        self.stdout.write("行数、文件、操作记录链、文书树与备份一致")
