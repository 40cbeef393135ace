"""manage.py register_witness: a body that countersigns heads, by the public key that it has handed over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce import clock
from luojiang_ce.proof.models import Witness
from luojiang_ce.proof.notes import BadNote, read_verifier


class Command(BaseCommand):
    help = "登记会签树根的单位（卫健、教育、纪检）的公钥；--end 停用一把。不带参数时列出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("label", nargs="?", help="单位名称，例如 洛江区教育局")
        parser.add_argument("vkey", nargs="?", help="manage.py cosign --new-key 给出的公钥：名称+编号+公钥")
        parser.add_argument("--end", metavar="公钥名称", help="停用这把公钥，收到过的会签不变")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["vkey"]:
            self._register(options["label"], options["vkey"])
        name = options["end"]
        if name and not Witness.objects.filter(name=name, ended_at=None).update(ended_at=clock.now()):
            raise CommandError(f"没有在用的公钥叫 {name}")
        for each in Witness.objects.all():
            ended = "　已停用" if each.ended_at else ""
            self.stdout.write(f"{each.label}　{each.verifier}{ended}")

    def _register(self, label: str, vkey: str) -> None:
        try:
            verifier = read_verifier(vkey)
        except BadNote as wrong:
            raise CommandError("这不是会签用的公钥：应是“名称+编号+公钥”一整串，请对方重新复制一次") from wrong
        facts = {"label": label, "public": verifier.public}
        witness, new = Witness.objects.get_or_create(name=verifier.name, defaults=facts)
        if not new and bytes(witness.public) != verifier.public:
            raise CommandError(f"{verifier.name} 已登记另一把公钥。换钥请让对方用新的名称，旧的用 --end 停用")
