"""manage.py signing_keys: the keys that sign papers and heads; another in place of one, one withdrawn."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce import clock
from luojiang_ce.proof import keyring
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.refusals import NotPossible


class Command(BaseCommand):
    help = "查看签名密钥；--rotate 换用新的（旧的签过的仍有效）；--withdraw 作废一把（签过的都不再认）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rotate", choices=SigningKey.Purpose.values, help="为这种用途换用新密钥")
        parser.add_argument("--withdraw", metavar="编号", help="作废这把密钥")
        parser.add_argument("--reason", default="", help="作废的原因，向公众显示")

    def handle(self, *args: Any, **options: Any) -> None:
        if purpose := options["rotate"]:
            self.stdout.write(f"已换用 {keyring.rotate(SigningKey.Purpose(purpose))}")
        if kid := options["withdraw"]:
            try:
                keyring.withdraw(kid, reason=options["reason"])
            except NotPossible as refused:
                raise CommandError("；".join(refused.reasons)) from refused
            self.stdout.write(f"已作废 {kid}")
        keyring.ensure_keys()
        for key in SigningKey.objects.all():
            self.stdout.write(_line(key))


def _line(key: SigningKey) -> str:
    since = f"{clock.local(key.started_at):%Y-%m-%d} 起"
    until = f"，{clock.local(key.ended_at):%Y-%m-%d} 换用新的" if key.ended_at else ""
    withdrawn = f"，{clock.local(key.withdrawn_at):%Y-%m-%d} 作废：{key.withdrawn_reason}" if key.withdrawn_at else ""
    return f"{key.kid:<16} {key.get_algorithm_display()} {key.get_purpose_display()}，{since}{until}{withdrawn}"
