"""From what a person typed to a deadline: the one reader behind `manage.py deadline` and `workdays:explain`."""

import re
from datetime import date

from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR, UnknownYearError
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, Rules, deadline_kinds


class NotUnderstoodError(ValueError):
    """What was typed is no kind, year or date; the message says what is wrong and what to type."""


def read_kind(text: str) -> DeadlineKind:
    """Raises NotUnderstoodError."""
    public = [kind for kind in deadline_kinds() if kind.public]
    for kind in public:
        if text == kind.code:
            return kind
    known = "，".join(f"{kind}（{kind.label}）" for kind in public)
    raise NotUnderstoodError(f"不认识的期限种类“{text}”。可用：{known}。")


def read_year(text: str) -> int:
    """Raises NotUnderstoodError."""
    if not re.fullmatch("[0-9]{4}", text):
        raise NotUnderstoodError(f"“{text}”不是年份。请写四位数字，例如 2026。")
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotUnderstoodError(f"{text}年不在工作日历的范围内（{FIRST_YEAR}年至{LAST_YEAR}年），无法推算。")
    return year


def read_day(text: str) -> date:
    """Raises NotUnderstoodError, UnknownYearError."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise NotUnderstoodError(f"“{text}”不是日期。请按“年-月-日”写，例如 2026-03-02。")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotUnderstoodError(f"没有 {text} 这一天。请核对月份和日子。") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnknownYearError(day)
    return day


def deadline_from_text(rules: Rules, kind_text: str, from_text: str) -> Deadline:
    """The deadline of a kind, counted from a year (plan, verification) or a date. Raises NotUnderstoodError,
    UnknownYearError, NoSettingsError: each with a message for people."""
    kind = read_kind(kind_text)
    return rules.due(kind, read_year(from_text) if kind.yearly else read_day(from_text))
