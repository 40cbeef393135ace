"""manage.py check_archive FILE: is an archive whole and as it was made? Works on any machine, without the database."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.uploads import packages
from units.archive.checking import check


class Command(BaseCommand):
    help = "检测年度归档包（四性检测），不用数据库。合格退出码为 0，不合格为 1，没有检测成为 2"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="归档包（.zip）")
        parser.add_argument("--keys", type=Path, help="另行保存的公钥文件 jwks.json（/.well-known/jwks.json）")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"没有文件 {path}，请核对路径", returncode=2)
        if not _may_be_package(path):
            raise CommandError(f"{path.name} 不是归档包（.zip），没有检测。请核对选的文件", returncode=2)
        report = check(path, _keys(options["keys"]))
        said = json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else "\n".join(report.lines())
        self.stdout.write(said)
        if not report.passed:
            sys.exit(1)


def _may_be_package(path: Path) -> bool:
    """Whatever begins or ends as a ZIP does: half a package is one that is wrong, and so is one with something before
    it."""
    with path.open("rb") as stream:
        return stream.read(8).startswith(packages.BEGINS) or zipfile.is_zipfile(path)


def _keys(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{path} 不是公钥文件，请重新下载 /.well-known/jwks.json", returncode=2) from wrong
    if not isinstance(found, dict):
        raise CommandError(f"{path} 不是公钥文件，请重新下载 /.well-known/jwks.json", returncode=2)
    return found
