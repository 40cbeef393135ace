"""Who gets into the site's own pages."""

from typing import Any

from luojiang_ce.workflow.models import ReturnPhrase
from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, EVERYONE, HANDLER, NOBODY, Row


def a_phrase(district: District) -> list[Any]:
    return [ReturnPhrase.objects.create(wrong="缺盖章").pk]


ROWS = [
    Row("home:start", EVERYONE),
    Row("home:calendar", EVERYONE),
    Row("home:calendar_year", EVERYONE, lambda district: [2026]),
    Row("home:more", EVERYONE),
    Row("home:search", EVERYONE),
    Row("home:phrases", BUREAU),
    Row("home:phrase_new", HANDLER),
    Row("home:phrase_switch", HANDLER, a_phrase, method="post", status=302),
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
