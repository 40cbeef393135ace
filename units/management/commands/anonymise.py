"""manage.py anonymise: take away who people were that left longer ago than ANONYMISE_AFTER_YEARS.

Without `--go` it only says whom it would concern, by number and last day. What was begun can be broken off at any time
and is gone on with by the next call. It cannot be undone but from a backup.
"""

import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.text import full
from units.models import Account
from units.services.anonymising import anonymise, due, left_before

BATCH = 500
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "离开满设定年数（ANONYMISE_AFTER_YEARS）、没有未办结事项的人员，隐去姓名、证件号码和材料；不带 --go 只列出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--go", action="store_true", help="实际执行；不能撤销，请先备份")
        parser.add_argument("--most", type=int, default=BATCH, metavar="人数", help=f"一次最多多少人，默认 {BATCH}")

    def handle(self, *args: Any, **options: Any) -> None:
        day = left_before()
        if day is None:
            raise CommandError("没有设定 ANONYMISE_AFTER_YEARS（离开满几年），不处理任何人")
        if not options["go"]:
            for pk, left_on in due().values_list("pk", "left_on")[: options["most"]]:
                self.stdout.write(f"人员 {pk}　{full(left_on)} 离开")
            self.stdout.write(f"{full(day)} 以前离开的共 {due().count()} 人，有未办结事项的到时跳过；实际执行请加 --go")
            return
        stuck: list[int] = []
        done = sum(islice(filter(None, self._each(list(due().values_list("pk", flat=True)), stuck)), options["most"]))
        self.stdout.write(f"已隐去 {done} 人，还有 {due().count()} 人")
        if stuck:
            raise CommandError(f"没有办成的 {len(stuck)} 人（上面有编号），什么都没有改；原因见服务器日志")

    def _each(self, pks: list[int], stuck: list[int]) -> Iterator[bool]:
        """Was this one done? One that cannot be keeps nobody behind it from being done."""
        for pk in pks:
            try:
                yield _told(pk)
            except Exception:
                log.exception("person %s could not be anonymised", pk)
                stuck.append(pk)
                self.stderr.write(f"人员 {pk}：没有办成")


@transaction.atomic
def _told(pk: int) -> bool:
    """The audit officers, who see it in the log too, are told of a day's first with that one."""
    if not anonymise(pk):
        return False
    text = "在服务器上执行 manage.py anonymise，隐去离开满年数的人员的姓名、证件号码和材料。不是预期的，请马上查问"
    officers = Account.objects.holding(Role.AUDIT_ADMIN)
    notify(officers, "人员匿名化", key=f"anonymised-{clock.today()}", text=text, url=reverse("audit:events"))
    return True
