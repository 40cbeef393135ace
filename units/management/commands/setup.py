"""manage.py setup: the bureau and the first 系统管理员 and 安全管理员 of an empty system.

Asks for what the flags do not say; without a terminal every flag is needed. A password is asked for without echo; an
empty answer, or --random-passwords, makes a one-time password that is printed once. All are changed at first sign-in.
Exit status: 0 done, 1 already set up, 2 bad input. Why two officers at once: units/services/bootstrap.py.
"""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible
from units.models import Unit
from units.services.accounts import Opened
from units.services.bootstrap import BUREAU_CODE, BUREAU_NAME, FirstOfficer, missing_offices, set_up

FLAGS = {Role.SYSTEM_ADMIN: ("username", "name"), Role.SECURITY_ADMIN: ("security_username", "security_name")}
DONE, BAD_INPUT = 1, 2
FIELDS = {"username": "登录名", "name": "姓名", "password": "密码", "role": "角色", "code": "单位代码"}


class Command(BaseCommand):
    help = "初始化：建立区人社局和首任系统管理员、安全管理员（两个人）；没有默认密码"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit-name", help=f"区人社局全称，默认 {BUREAU_NAME}")
        parser.add_argument("--unit-code", help=f"区人社局的单位代码，默认 {BUREAU_CODE}")
        parser.add_argument("--username", help="系统管理员的登录名")
        parser.add_argument("--name", help="系统管理员的姓名")
        parser.add_argument("--security-username", help="安全管理员的登录名")
        parser.add_argument("--security-name", help="安全管理员的姓名")
        parser.add_argument("--random-passwords", action="store_true", help="不询问密码，各生成一个一次性密码")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = missing_offices()
        if not missing:
            raise CommandError("系统已初始化：系统管理员和安全管理员都有人担任，未做任何改动", returncode=DONE)
        self.asks = sys.stdin.isatty()
        bureau = self._bureau(options)
        absent = [flag for role in missing for flag in FLAGS[role] if not options[flag]]
        if absent and not self.asks:
            named = "、".join("--" + flag.replace("_", "-") for flag in absent)
            raise CommandError(f"没有终端可以询问，请补上参数：{named}", returncode=BAD_INPUT)
        officers = {role: self._officer(role, options) for role in missing}
        try:
            opened = set_up(officers=officers, **bureau)
        except NotPossible as wrong:
            raise CommandError("\n".join(_sentences(wrong)), returncode=BAD_INPUT) from wrong
        self._report(officers, opened)

    def _bureau(self, options: dict[str, Any]) -> dict[str, str]:
        if there := Unit.objects.bureau():
            self.stdout.write(f"区人社局已登记：{there.name}（{there.code}）")
            return {}
        name = options["unit_name"] or (self._ask(f"区人社局全称 [{BUREAU_NAME}]: ") if self.asks else "")
        return {"bureau_name": name or BUREAU_NAME, "bureau_code": options["unit_code"] or BUREAU_CODE}

    def _officer(self, role: Role, options: dict[str, Any]) -> FirstOfficer:
        username, name = (
            options[flag] or self._ask(f"{role.label}的{label}: ")
            for flag, label in zip(FLAGS[role], ("登录名", "姓名"), strict=True)
        )
        asks_password = self.asks and not options["random_passwords"]
        return FirstOfficer(username, name, self._password(role) if asks_password else "")

    def _password(self, role: Role) -> str:
        """Typed twice alike; empty leaves it to a one-time password."""
        while True:
            first = getpass(f"{role.label}的密码（直接回车则生成一次性密码）: ")
            if not first or first == getpass("再输入一次: "):
                return first
            self.stderr.write("两次输入的密码不一样，请重新输入")

    def _ask(self, question: str) -> str:
        try:
            return input(question).strip()
        except EOFError:
            return ""

    def _report(self, officers: dict[Role, FirstOfficer], opened: list[Opened]) -> None:
        for (role, officer), one in zip(officers.items(), opened, strict=True):
            shown = "密码为您刚才输入的" if officer.password else f"一次性密码 {one.password}（只显示这一次）"
            self.stdout.write(f"{role.label} {one.account.name}：登录名 {one.account.username}，{shown}")
        self.stdout.write(
            "首次登录须更换密码。接下来：系统管理员在“账号与角色”中建立账号，安全管理员任命审计管理员和业务角色。"
        )


def _sentences(wrong: NotPossible) -> list[str]:
    """Each problem with the office and field it is about."""
    lines = []
    for key, texts in wrong.by_field.items():
        office, _, field = key.partition(".")
        label = Role(office).label + FIELDS.get(field, "") if office in Role.values else FIELDS.get(key, "")
        lines += [f"{label}：{text}" if label else text for text in texts]
    return lines
