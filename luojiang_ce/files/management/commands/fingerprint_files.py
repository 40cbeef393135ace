"""manage.py fingerprint_files: what was stored before there were fingerprints; the worker does the same by and by."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from luojiang_ce.files.fingerprints import catch_up


class Command(BaseCommand):
    help = "为已存的材料建立指纹（图片特征、发票和证书号码）；可以中断，再次运行会接着办"

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        while made := catch_up():
            done += made
            self.stdout.write(f"已识别 {done} 份材料")
        self.stdout.write(f"完成，共 {done} 份")
