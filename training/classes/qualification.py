"""How an application stands to the approved scope of its provider, once the handler has judged (notice 三2)."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.once import once_per_row
from training.classes.models import ClassApplication
from training.plans.qualification import OUTSIDE, UNDECIDED, WITHIN, Standing, standings_of


@once_per_row
def standing_of_class(application: ClassApplication) -> Standing:
    """On the opening day, today while none is set; what no record decides, the handler's judgement does. One query."""
    found = standings_of(application.unit)(application.project.category, application.opens_on or clock.today())
    if found.kind != UNDECIDED or not application.scope_judged:
        return found
    outside = application.scope_judged == OUTSIDE
    return Standing(OUTSIDE, "经办判断本班内容不在核定范围内") if outside else Standing(WITHIN)
