"""manage.py import_roster FILE --unit CODE [--confirm] [--format text|json]"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from luojiang_ce.sheets.masking import mask_text
from luojiang_ce.sheets.problems import FileProblem, Unreadable
from luojiang_ce.workflow.engine import SYSTEM
from units.models import Unit
from units.roster.report import problem_json, report_json
from units.roster.services import import_roster, plan_against_current, read_roster

_OUTCOMES = {"new": "新增", "changed": "变动", "unchanged": "无变化", "wrong": "有误"}


class Command(BaseCommand):
    help = "读取一份人员花名册，列出新增、变动、无变化和有误的行；加 --confirm 才写入"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="花名册文件（.xlsx、.xls、WPS 表格、.csv、网页表格）")
        parser.add_argument("--unit", required=True, help="单位代码或统一社会信用代码")
        parser.add_argument("--confirm", action="store_true", help="写入新增和变动的行")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, file: Path, unit: str, confirm: bool, format: str, **options: Any) -> None:
        into = self._unit(unit)
        try:
            answer = self._import(file, into, confirm)
        except FileProblem as problem:
            answer = problem_json(problem)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if format == "json" else as_text(answer))
        if answer["file"]["problem"]:
            sys.exit(1)

    def _unit(self, code: str) -> Unit:
        unit = Unit.objects.filter(Q(code=code) | Q(uscc=code, uscc__gt="")).first()
        if unit is None:
            raise CommandError(f"没有代码为 {mask_text(code)} 的单位", returncode=2)
        return unit

    def _import(self, path: Path, unit: Unit, confirm: bool) -> dict[str, Any]:
        try:
            file = path.open("rb")
        except OSError as error:
            raise Unreadable("文件打不开：不存在，或没有读取权限。请检查路径。") from error
        with file:
            roster = read_roster(file)
        if confirm:
            return report_json(roster.sheet, import_roster(roster=roster, unit=unit, actor=SYSTEM))
        return report_json(roster.sheet, plan_against_current(roster.checked(), unit))


def as_text(answer: dict[str, Any]) -> str:
    """The same answer for people: what was read, the counts, and every problem with its cell."""
    file, counts = answer["file"], answer["counts"]
    if file["problem"]:
        return f"不能导入（{file['problem']}）：{file['message']}"
    where = f"表“{file['sheet']}”，" if file["sheet"] else ""
    lines = [f"{where}表头在第 {file['header_row']} 行，共 {counts['rows']} 人"]
    lines.append("，".join(f"{label} {counts[outcome]}" for outcome, label in _OUTCOMES.items()))
    for row in answer["rows"]:
        name = row["name"] or "（无姓名）"
        lines += [f"{p['cell']}　{name}　{p['column']}：{p['message']}（{p['code']}）" for p in row["problems"]]
    return "\n".join(lines)
