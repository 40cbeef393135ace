"""manage.py check_health: all that is looked at, in words. Exit 1 where something is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from luojiang_ce.health.probes import all_probes, troubles


class Command(BaseCommand):
    help = "检查数据库、迁移、磁盘、消息队列、后台程序、备份、工作日历、证书；有问题时退出码为 1"

    def handle(self, *args: Any, **options: Any) -> None:
        if found := troubles():
            raise CommandError("\n".join(f"{each.probe.label}：{each.said}" for each in found), returncode=1)
        missing = [f"{probe.label}（{why}）" for probe in all_probes() if (why := probe.left_out())]
        self.stdout.write(f"正常{'；没有启用的：' if missing else ''}{'、'.join(missing)}")
