"""manage.py prepare: everything between an empty folder and a running system, idempotent."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from luojiang_ce.home.sign_in import demo_accounts

LOADING = "loading"  # in the marker until all of the demo is there; then it is empty


class Command(BaseCommand):
    help = "迁移数据库、载入基础数据，演示时第一次运行另载入演示区"

    def handle(self, *args: Any, **options: Any) -> None:
        marker = Path(settings.VAR_DIR) / "demo"
        if marker.exists() and not settings.DEMO:
            raise CommandError(
                f"{settings.VAR_DIR} 里是演示数据，不能当正式系统用。请换一个数据文件夹，"
                "例如 make run DEMO=0 VAR_DIR=$PWD/var-live，或先删除它（make clean）"
            )
        if settings.DEMO and not marker.exists() and _somebody_is_here():
            raise CommandError(
                "数据库里已有账号，又不是演示数据，没有载入演示区（演示账号不用密码即可登录）。"
                "正式系统请用 make run DEMO=0；要看演示，请去掉 DATABASE_URL 并换一个数据文件夹"
            )
        self.stdout.write("正在准备数据库……")
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
        if not marker.exists() or marker.read_text() == LOADING:
            self.stdout.write("第一次启动，正在建立演示区（约一分钟，机器忙时几分钟）……")
            marker.write_text(LOADING)
            call_command("load_demo", stdout=self.stdout)
            marker.write_text("")
        self.stdout.write("演示账号（登录页可一键登录）：")
        for account in demo_accounts():
            self.stdout.write(f"  {account.username:<12} {account.label}　{account.note}")


def _somebody_is_here() -> bool:
    accounts = get_user_model()
    return accounts._meta.db_table in connection.introspection.table_names() and accounts._base_manager.exists()


class _Quiet:
    """Where a step's lines go when nobody asked for them."""

    def write(self, text: str) -> int:
        return len(text)
