"""manage.py log_parts: have readings that are older than AUDIT_KEEP_MONTHS leave the log now, as signed files."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from luojiang_ce.workflow import log_parts


class Command(BaseCommand):
    help = "把过了保存期限的登录、导出、下载等记录转成签名文件，存到 AUDIT_PARTS_DIR；文件核对无误才转出"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AUDIT_PARTS_DIR:
            raise CommandError("没有设定 AUDIT_PARTS_DIR，不转出")
        try:
            parts = log_parts.move_out()
        except (OSError, log_parts.PartNotWritten) as wrong:
            raise CommandError(f"没有转出：{wrong}") from wrong
        for part in parts:
            self.stdout.write(f"{part.file}　{part.count} 条　SHA-256 {part.sha256}")
        self.stdout.write(f"共转出 {sum(part.count for part in parts)} 条")
