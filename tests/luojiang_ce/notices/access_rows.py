"""Who gets into the inbox: everybody into the own one."""

from luojiang_ce.notices.models import Notice
from tests.conftest import District
from tests.luojiang_ce.access.matrix import EVERYONE, SYSTEM_ADMIN, Row


def a_notice_to_the_owner(district: District) -> list[int]:
    return [Notice.objects.create(recipient=district.owner, title="开班申请已退回补正", key="sample").pk]


ROWS = [
    Row("notices:preferences", EVERYONE),
    Row("notices:outbox", SYSTEM_ADMIN),
    Row("notices:resend", SYSTEM_ADMIN, method="post", status=302),
    Row("notices:inbox", EVERYONE),
    Row("notices:read_all", EVERYONE, method="post", status=302),
    Row("notices:open", frozenset({"owner"}), a_notice_to_the_owner, status=302),
]
