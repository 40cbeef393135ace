"""Who gets into the site's own pages."""

from tests.luojiang_ce.access.matrix import EVERYONE, NOBODY, Row

ROWS = [
    Row("home:start", EVERYONE),
    Row("home:calendar", EVERYONE),
    Row("home:calendar_year", EVERYONE, lambda district: [2026]),
    Row("home:more", EVERYONE),
    Row("home:search", EVERYONE),
    Row("home:account", EVERYONE),
    Row("home:password", EVERYONE),
    Row("home:password", EVERYONE, method="post", status=422),
    Row("home:alive", EVERYONE, status=204),
    Row("home:sign_in", NOBODY, public=True, others=dict.fromkeys(EVERYONE, 302)),
    Row("home:sign_in_demo", EVERYONE, method="post", status=404, public=True),
    Row("home:sign_out", EVERYONE, method="post", status=302, public=True),
    Row("home:theme", EVERYONE, method="post", data={"theme": "dark"}, status=302, public=True),
    Row("home:privacy", EVERYONE, public=True),
    Row("home:health", EVERYONE, public=True),
]
