"""manage.py redraw NUMBER: repeat a draw from its frozen list and seed, and compare. Exit 1 when it differs, 2 when
there is nothing to repeat."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from training.inspections.draws.models import Draw
from training.inspections.draws.repeating import differences

NOTHING = 2


class Command(BaseCommand):
    help = "按冻结的名单和种子重做一次抽取，与记录比较"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="抽查编号，如 2026-CQ-0001，或其序号")

    def handle(self, *, number: str, **options: Any) -> None:
        case = _draw_called(number)
        if not case.seed:
            raise CommandError(f"{case.number} {case.get_state_display()}，没有抽取过，不能重做", returncode=NOTHING)
        found = list(differences(case))
        self.stdout.write(f"{case.number}　名单 {case.size}，抽取 {case.count}，种子 {case.seed}")
        for each in found:
            self.stdout.write(each)
        if found:
            sys.exit(1)
        self.stdout.write("名单与公布的摘要一致，重做的结果与记录一致")


def _draw_called(number: str) -> Draw:
    by_key = Q(pk=int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else Q()
    case = Draw.objects.filter(by_key or Q(number=number.strip().upper())).first()
    if case is None:
        raise CommandError(f"没有编号为 {number} 的抽查，请核对编号，例如 2026-CQ-0001", returncode=NOTHING)
    return case
