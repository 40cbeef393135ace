"""manage.py let_in USERNAME: whoever has the server's shell lets somebody in again whom no officer is left to help.

Gives a one-time password, printed once, and takes the second factor off; both on record as the system's acts, and told
to the account and the audit officers. Roles stay as they are. Exit status: 0 done, 2 no such account in use.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM
from units.models import Account
from units.services.accounts import reset_factor, reset_password

BAD_INPUT = 2


class Command(BaseCommand):
    help = "在服务器上为登录不了的账号重设密码和二次验证；有记录，并告知本人和审计管理员"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"].strip().lower()).first()
        if account is None:
            raise CommandError(f"没有登录名为 {options['username']} 的账号", returncode=BAD_INPUT)
        try:
            with transaction.atomic():
                had_factor = reset_factor(account=account, actor=SYSTEM)
                opened = reset_password(account=account, actor=SYSTEM)
        except NotPossible as refused:
            raise CommandError(str(refused), returncode=BAD_INPUT) from refused
        also = "，二次验证已停用" if had_factor else ""
        self.stdout.write(f"{account.name}：一次性密码 {opened.password}（只显示这一次）{also}。首次登录须更换密码。")
