"""manage.py prepare: everything between an empty folder and a running system, idempotent."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from luojiang_ce.home.sign_in import demo_accounts


class Command(BaseCommand):
    help = "迁移数据库、载入基础数据，演示时第一次运行另载入演示区"

    def handle(self, *args: Any, **options: Any) -> None:
        marker = Path(settings.VAR_DIR) / "demo"
        if marker.exists() and not settings.DEMO:
            raise CommandError(
                f"{settings.VAR_DIR} 里是演示数据，不能当正式系统用。请换一个数据文件夹，"
                "例如 make run DEMO=0 VAR_DIR=$PWD/var-live，或先删除它（make clean）"
            )
        call_command("migrate", verbosity=0)
        call_command("load_reference", stdout=self.stderr if options["verbosity"] > 1 else _Quiet())
        if settings.DEMO:
            self._load_demo(marker)
        else:
            # Names the data folder where it is not the usual one.
            usual = Path(settings.VAR_DIR) == Path(settings.BASE_DIR) / "var"
            folder = "" if usual else f"VAR_DIR={shlex.quote(str(settings.VAR_DIR))} "
            setup = f"{folder}.venv/bin/python manage.py setup"
            self.stdout.write(f"空系统已备好。第一次使用请运行 {setup} 建立系统管理员和安全管理员")

    def _load_demo(self, marker: Path) -> None:
        if not marker.exists():
            self.stdout.write("第一次启动，正在建立演示区（约一分钟）……")
            call_command("load_demo", stdout=self.stdout)
            marker.touch()
        self.stdout.write("演示账号（登录页可一键登录）：")
        for account in demo_accounts():
            self.stdout.write(f"  {account.username:<12} {account.label}　{account.note}")


class _Quiet:
    """Where a step's lines go when nobody asked for them."""

    def write(self, text: str) -> int:
        return len(text)
