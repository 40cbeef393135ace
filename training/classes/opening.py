"""By when a class is applied for and, if it was returned, mended (notice 一(五)2, 三2): before its first day."""

from __future__ import annotations

from datetime import datetime, timedelta

from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, no_later_than, working_days_before
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.events import returned_at
from training.classes.models import ClassApplication
from units.filed_case import FilingTerm, mended_by
from units.terms import Terms

OPENING = DeadlineKind(
    "opening",
    "开班申请",
    "通知 一(五)2",
    working_days_before("开班", lambda settings: settings.opening_days),
    in_working_days=True,
    extendable=True,
    advice="请改晚开班日期；",
    until=lambda opens_on: opens_on - timedelta(days=1),
    over="其后已经开班，请改晚开班日期",
)
first_filing = FilingTerm(OPENING, lambda case: case.opens_on)  # None while no opening day is set


def mending_of(case: ClassApplication, terms: Terms) -> Deadline | None:
    """Of a class that stands returned; None of any other."""
    sent_back = returned_at(case)
    return mended_before_opening(case, terms, sent_back) if sent_back else None


def mended_before_opening(case: ClassApplication, terms: Terms, sent_back: datetime) -> Deadline | None:
    """A class that was returned then may be mended within the mending period, and before its opening day (通知 三2)."""
    deadline = mended_by(case, terms, sent_back, first_filing)
    if deadline is None or case.opens_on is None:
        return deadline
    said = f"开班日期是 {month_day(case.opens_on)}，须在开班日之前重新提交并获得批准。"
    return no_later_than(deadline, case.opens_on - timedelta(days=1), said)
