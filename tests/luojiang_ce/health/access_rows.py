"""Who sees how the system is: process watchers without a name, and who mends it."""

from tests.luojiang_ce.access.matrix import EVERYONE, Row
from tests.luojiang_ce.jobs.access_rows import WATCHERS

ROWS = [
    Row("health:live", EVERYONE, public=True),
    Row("health:ready", EVERYONE, public=True),
    Row("health:page", WATCHERS),
    # Without the token that METRICS_TOKEN sets there is no such page, for whomever.
    Row("health:metrics", EVERYONE, status=404, public=True),
]
