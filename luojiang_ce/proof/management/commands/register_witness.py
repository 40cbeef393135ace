"""manage.py register_witness: a body that countersigns heads, by the public key that it has handed over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.proof.models import Witness
from luojiang_ce.proof.witnesses import end_witness, register_witness
from luojiang_ce.refusals import NotPossible


class Command(BaseCommand):
    help = "登记会签树根的单位（卫健、教育、纪检）的公钥；--end 停用一把。不带参数时列出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("label", nargs="?", help="单位名称，例如 洛江区教育局")
        parser.add_argument("vkey", nargs="?", help="manage.py cosign --new-key 给出的公钥：名称+编号+公钥")
        parser.add_argument("--end", metavar="公钥名称", help="停用这把公钥，收到过的会签不变")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["vkey"]:
                register_witness(label=options["label"], vkey=options["vkey"])
            if options["end"]:
                end_witness(name=options["end"])
        except NotPossible as refused:
            raise CommandError("；".join(refused.reasons)) from refused
        for each in Witness.objects.all():
            ended = "　已停用" if each.ended_at else ""
            self.stdout.write(f"{each.label}　{each.verifier}{ended}")
