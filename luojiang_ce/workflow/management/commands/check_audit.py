"""manage.py check_audit: has anyone altered the event log, or anything behind its back? Exit 1 when something is found;
a clock that once ran backwards is named and no alteration.

`--head` takes heads that left the house: the mail, a line of the published file, a printed code. Without one a log that
was made anew as a whole, with its keys, is taken for true. `--part` takes parts of the log that left, and checks what
they say across the cut.
"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce import clock
from luojiang_ce.workflow import audited, heads, log_parts
from luojiang_ce.workflow.models import LogHead, LogPart

EVERY = 10_000  # rows between two lines of how far it is


class Command(BaseCommand):
    help = (
        "核对办理记录及其哈希链，并与状态、学时、用印登记、文书、材料、角色、密码逐一比对；--head 与外面保存的链头比对"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", metavar="文件", type=Path, action="append", default=[], help="外面保存的链头")
        parser.add_argument("--part", metavar="文件", type=Path, action="append", default=[], help="转出的操作记录")

    def handle(self, *args: Any, **options: Any) -> None:
        kept = [(path.name, _read(path)) for path in options["head"]]
        audit = audited.check(self._tell)
        problems = [*audit.problems, *(f"{name}：{each}" for name, text in kept for each in heads.check_kept(text))]
        problems += [f"{path.name}：{each}" for path in options["part"] for each in _check_part(path)]
        for line in [*problems, *audit.notes, *_not_given(options["part"]), *audit.backwards]:
            self.stdout.write(line)
        if start := heads.beginning():
            self.stdout.write(f"起点 {heads.code_of(start)}（{clock.local(start.published_at):%Y-%m-%d %H:%M:%S}）")
        if last := LogHead.objects.order_by("-position").first():
            self.stdout.write(f"最近公布的链头 {heads.code_of(last)}")
        self.stdout.write(f"已封存 {audit.sealed} 条，未封存 {audit.unsealed} 条")
        if audit.oldest_unsealed:
            self.stdout.write(f"最早的未封存记录写于 {clock.local(audit.oldest_unsealed):%Y-%m-%d %H:%M:%S}")
        if problems:
            sys.exit(1)
        self.stdout.write("未发现改动" if kept else "未发现改动（没有与外面保存的链头比对，可用 --head）")

    _told = 0

    def _tell(self, done: int, total: int) -> None:
        if done - self._told >= EVERY:
            self._told = done
            self.stderr.write(f"已核对 {done} / {total}")


def _check_part(path: Path) -> list[str]:
    try:
        return log_parts.check_file(path)
    except OSError as wrong:
        raise CommandError(f"{path} 读不出来，请核对文件名") from wrong


def _not_given(paths: list[Path]) -> list[str]:
    """Which parts left of which only the chain was checked."""
    names = {path.name for path in paths}
    left = LogPart.objects.exclude(file__in=names).values_list("file", flat=True)
    return [f"{name}：文件没有给出（--part），只核对了链，没有核对内容" for name in left]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as wrong:
        raise CommandError(f"{path} 读不出来，请核对文件名") from wrong
