"""manage.py check_tree: is the tree of papers and ledger still what was published? Exit 1 when something was found."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from luojiang_ce.proof import tree_check


class Command(BaseCommand):
    help = "核对文书和学时的树：叶子、节点、公布过的树根；--against 与别处保存的树根比对"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", metavar="文件", type=Path, action="append", default=[], help="保存的树根")

    def handle(self, *args: Any, **options: Any) -> None:
        audit = tree_check.check()
        kept = [
            f"{path.name}：{each}" for path in options["against"] for each in tree_check.check_against(path.read_text())
        ]
        for problem in [*audit.problems, *kept]:
            self.stdout.write(problem)
        self.stdout.write(f"叶子 {audit.leaves} 片，等待收录 {audit.waiting} 条，公布过的树根 {audit.heads} 个")
        if audit.problems or kept:
            sys.exit(1)
        self.stdout.write("未发现改动")
