"""The rules of deadlines as they ship, and variations of them, without a database."""

from dataclasses import replace
from datetime import date
from typing import Any

from luojiang_ce.reference import shipped_rows
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import DeadlineSettings, OpeningMode, Rules, deadline_kind

PLAN, VERIFICATION, OPENING, RECOGNITION, REPLY, MENDING = map(
    deadline_kind, ("plan", "verification", "opening", "recognition", "reply", "mending")
)


def shipped_settings() -> DeadlineSettings:
    (row,) = shipped_rows("deadline_settings")
    typed = {"valid_from": date.fromisoformat(row["valid_from"]), "opening_mode": OpeningMode(row["opening_mode"])}
    return DeadlineSettings(**{**row, **typed})


def rules(calendar: Calendar | None = None, **changes: Any) -> Rules:
    return Rules(calendar or Calendar(), (replace(shipped_settings(), **changes),))
