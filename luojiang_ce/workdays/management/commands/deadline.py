"""manage.py deadline KIND FROM: the due day of a deadline and how it was counted."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from luojiang_ce.workdays.calendar import UnknownYearError
from luojiang_ce.workdays.deadlines import Deadline, NoSettingsError
from luojiang_ce.workdays.lookup import NotUnderstoodError, deadline_from_text
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full, full_with_weekday

BAD_INPUT = 2


class Command(BaseCommand):
    help = "推算一项期限：plan、verification 后写年份，opening、recognition、reply 后写日期（年-月-日）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help="plan, verification, opening, recognition, reply")
        parser.add_argument("start", metavar="FROM", help="2026（plan, verification）或 2026-03-02")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, kind: str, start: str, format: str, **options: Any) -> None:
        try:
            found = deadline_from_text(current_rules(), kind, start)
        except (NotUnderstoodError, UnknownYearError, NoSettingsError) as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except DatabaseError as error:
            raise CommandError(
                f"读不到期限参数，请先运行 manage.py migrate。（{error}）", returncode=BAD_INPUT
            ) from None
        self.stdout.write(as_json(found, start) if format == "json" else as_text(found))


def as_json(found: Deadline, start: str) -> str:
    """The shape that scripts read; `from` is what was asked."""
    answer = {
        "kind": found.kind.code,
        "from": start,
        "due": found.due.isoformat(),
        "provisional": found.provisional,
        "explanation": found.explanation,
        "days": [{"date": day.date.isoformat(), "counted": day.counted, "why": day.why} for day in found.days],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def as_text(found: Deadline) -> str:
    """A heading, the explanation, and a line per day."""
    provisional = "（暂定）" if found.provisional else ""
    heading = f"{found.kind.label}：{full_with_weekday(found.due)}{provisional}"
    lines = [f"  {full(day.date)} {'计入' if day.counted else '不计'}  {day.why}" for day in found.days]
    return "\n".join([heading, found.explanation, f"依据：{found.kind.clause}", *lines])
