"""manage.py rotate_keys: everything that is sealed goes under the key in force. Exit 1 where something does not."""

from __future__ import annotations

import getpass
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.sealing import rotation
from luojiang_ce.sealing.ring import in_force
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from units.models import Unit

SHOWN = 20


class Command(BaseCommand):
    help = "把证件号码、二次验证和文件改由现用的 ID_ENCRYPTION_KEY 加密；中断后再运行即接着办。--check 只清点"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只清点各密钥下还有多少，不改动")

    def handle(self, *args: Any, **options: Any) -> None:
        report = rotation.Report()
        if not options["check"]:
            report = rotation.rotate(self._tell)
            _put_on_record(report)
        left = self._count()
        if report.problems:
            more = f"\n……共 {len(report.problems)} 处" if len(report.problems) > SHOWN else ""
            raise CommandError("没有全部完成，以下各处打不开：\n" + "\n".join(report.problems[:SHOWN]) + more)
        if not options["check"] and left:
            why = "可能有进程还用旧密钥在写。请先用新密钥重新启动各进程，再运行一次"
            raise CommandError(f"还有 {left} 处不在现用密钥下：{why}")
        if not left:
            self.stdout.write("全部在现用密钥下；旧密钥可以在备份都更新之后撤下（docs/operations.md）")
            if settings.OLDER_SEALS:
                self.stdout.write("没有旧格式了：请设 OLDER_SEALS=0 再重新启动各进程，否则换进来的未加密文件仍会被打开")

    def _tell(self, label: str, done: int, total: int) -> None:
        self.stdout.write(f"{label}：{done} / {total}")
        self.stdout.flush()

    def _count(self) -> int:
        """Says what lies under which key; how many places lie not under the one in force."""
        left = 0
        for label, found in rotation.counted().items():
            said = "，".join(f"{rotation.called(named)} {number} 处" for named, number in sorted(found.items()))
            self.stdout.write(f"{label}：{said or '没有'}")
            left += found.total() - found[in_force().id.hex()]
        return left


def _put_on_record(report: rotation.Report) -> None:
    """In the history of the bureau: by whom of the machine, to which key, how many of what. A run that was broken off
    left none; what it did shows in the run that ends it, which has less to do."""
    bureau = Unit.objects.filter(is_bureau=True).first()
    if bureau and report.done.total():
        done: Counter[str] = +report.done
        facts = {"key": in_force().id.hex(), "resealed": dict(done), "unopened": len(report.problems)}
        record(bureau, "keys_rotated", actor=SYSTEM, note=f"由系统用户 {getpass.getuser()} 在服务器上运行", data=facts)
