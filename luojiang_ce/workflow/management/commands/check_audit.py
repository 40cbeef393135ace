"""manage.py check_audit: has anyone altered the event log? Exit 1 when something was found."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from luojiang_ce import clock
from luojiang_ce.workflow import chain


class Command(BaseCommand):
    help = "核对办理记录及其哈希链，报告改动、删除、插入和调换"

    def handle(self, *args: Any, **options: Any) -> None:
        audit = chain.check()
        for problem in audit.problems:
            self.stdout.write(problem)
        self.stdout.write(f"已封存 {audit.sealed} 条，未封存 {audit.unsealed} 条")
        if audit.oldest_unsealed:
            self.stdout.write(f"最早的未封存记录写于 {clock.local(audit.oldest_unsealed):%Y-%m-%d %H:%M:%S}")
        if audit.problems:
            sys.exit(1)
        self.stdout.write("未发现改动")
