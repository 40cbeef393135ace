"""A deadline in words, badge and strip: what workdays/explain.html shows, live or as a page is first drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workdays import badges, strip
from luojiang_ce.workdays.deadlines import Deadline, Rules, is_in_time


def explanation(deadline: Deadline, rules: Rules, filed: datetime | None = None) -> dict[str, Any]:
    """How the deadline was counted, and what it means to file now; or, where it was `filed` before, that it was."""
    now = filed or clock.now()
    in_time = is_in_time(deadline, now)
    # What is counted back from an event that the filer sets can still be met: by a later event.
    movable = deadline.start > deadline.due and not in_time
    return {
        "deadline": deadline,
        "badge": badges.filed_badge(deadline, filed) if filed else badges.open_badge(deadline, rules.calendar, now),
        "filed": filed,
        "in_time": in_time,
        "earliest": rules.earliest(deadline.kind, now) if movable and not filed else None,
        "strip": strip.build(deadline, rules.calendar, clock.today(), filed),
    }
