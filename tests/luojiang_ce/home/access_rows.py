"""Who gets into the site's own pages."""

from typing import Any

from luojiang_ce.authentication.models import SignIn
from luojiang_ce.jobs.models import Job
from luojiang_ce.second_factor.models import Passkey
from luojiang_ce.workflow.models import ReturnPhrase
from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, EVERYONE, HANDLER, NOBODY, Row

APPROVER = frozenset({"approver"})


def a_phrase(district: District) -> list[Any]:
    return [ReturnPhrase.objects.create(wrong="缺盖章").pk]


def approving_many(district: District) -> list[Any]:
    return ["units.leave", "approve"]


def no_step_for_many(district: District) -> list[Any]:
    return ["units.leave", "come_back"]


def steps_of_the_approver(district: District) -> list[Any]:
    args = {"case_type": "units.leave", "name": "approve", "cases": [], "back": "/"}
    return [Job.objects.create(kind="steps", title="批准（0 件）", owner=district.approver, args=args).uid]


def a_sign_in(district: District) -> list[Any]:
    return [SignIn.objects.create(account=district.owner, session_key="of-the-owner", device="火狐").pk]


def a_passkey(district: District) -> list[Any]:
    return [Passkey.objects.create(account=district.owner, name="U 盾", credential_id="x", sign_count=0).pk]


ROWS = [
    Row("home:many", APPROVER, approving_many, method="post", status=302),
    Row("home:many", NOBODY, no_step_for_many, method="post"),
    Row("home:many_done", APPROVER, steps_of_the_approver),
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
    Row("home:sessions", EVERYONE),
    Row("home:sessions_end_others", EVERYONE, method="post", status=302),
    Row("home:session_end", frozenset({"owner"}), a_sign_in, method="post", status=302),
    Row("home:second_factor", NOBODY, public=True, others=dict.fromkeys(EVERYONE, 302), status=302),
    Row("home:own_factor", EVERYONE),
    Row("home:begin_factor", EVERYONE),
    Row("home:sign_on", EVERYONE, status=404, public=True),
    Row("home:sign_on_back", EVERYONE, status=404, public=True),
    Row("home:sign_on_leave", EVERYONE, status=404, public=True),
    Row("home:passkey", NOBODY, method="post", public=True, others=dict.fromkeys(EVERYONE, 302), status=302),
    Row("home:passkey_new", EVERYONE, status=302),  # the tests have an address without a name
    Row("home:passkey_remove", frozenset({"owner"}), a_passkey),
    Row("home:passkey_remove", frozenset({"owner"}), a_passkey, method="post", status=422),
    Row("home:renew_codes", EVERYONE),
    Row("home:remove_factor", EVERYONE),
    Row("home:alive", EVERYONE, status=204),
    Row("home:sign_in", NOBODY, public=True, others=dict.fromkeys(EVERYONE, 302)),
    Row("home:sign_in_demo", EVERYONE, method="post", status=404, public=True),
    Row("home:sign_out", EVERYONE, method="post", status=302, public=True),
    Row("home:theme", EVERYONE, method="post", data={"theme": "dark"}, status=302, public=True),
    Row("home:privacy", EVERYONE, public=True),
]
