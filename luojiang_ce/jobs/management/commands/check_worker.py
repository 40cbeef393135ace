"""manage.py check_worker: does the worker live, and does it do what the schedule says? Exit 1 if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timesince import timesince

from luojiang_ce import clock
from luojiang_ce.jobs.heartbeat import is_silent, last_heartbeat, standings


class Command(BaseCommand):
    help = "检查后台程序：多久没有动静，哪些定时任务没有按时运行或出错。有问题时退出码为 1"

    def handle(self, **options: Any) -> None:
        heartbeat = last_heartbeat()
        said = f"{timesince(heartbeat, clock.now())}前" if heartbeat else "从未运行"
        troubled = [each for each in standings() if each.late or each.failed]
        if is_silent(heartbeat) or troubled:
            lines = [f"后台程序最近一次运行：{said}"]
            for each in troubled:
                wrong = (
                    f"上次出错，{each.last.error}" if each.last and each.failed else f"没有按时运行（{each.schedule}）"
                )
                lines.append(f"{each.name}：{wrong}")
            raise CommandError("\n".join(lines), returncode=1)
        self.stdout.write(f"正常。后台程序最近一次运行：{said}")
