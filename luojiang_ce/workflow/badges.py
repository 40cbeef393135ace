"""The deadlines of a case as badges in its head: the filer's, and the bureau's own clock."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.workdays.badges import Badge, bureau_badge, filed_badge, open_badge
from luojiang_ce.workdays.deadlines import Deadline, Rules

from .guards import mending_deadline

RETURNED = "returned"  # what every case type calls the state


def case_badges(case: Any, deadline: Deadline | None, rules: Rules, *, with_bureau: bool = False) -> list[Badge]:
    """The filer's deadline, met or still open; `with_bureau`: the case waits for the bureau, so show its clock too."""
    now = clock.now()
    filed = case.first_submitted_at
    badges = []
    if case.state == RETURNED and (mending := mending_deadline(case, deadline, rules)):
        badges.append(open_badge(mending, rules.calendar, now))
    elif deadline:
        badges.append(filed_badge(deadline, filed) if filed else open_badge(deadline, rules.calendar, now))
    if with_bureau and case.submitted_at:
        reply = rules.reply(clock.local(case.submitted_at).date())
        badges.append(bureau_badge(reply, rules.calendar, now))
    return badges
