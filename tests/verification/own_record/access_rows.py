"""Who gets into the pages of slips and objections; what a slip opens needs no account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, CLERKS, EVERYONE, NOBODY, OWN_UNIT, Row
from tests.verification.own_record.cases import an_objection
from tests.verification.own_record.slips import slip_of, token_of
from verification.own_record.printing import JOB, enqueue_slips, print_slips


def a_person(district: District) -> list[Any]:
    return [person_in(district.unit).pk]


def an_address(district: District) -> list[Any]:
    return [token_of(slip_of(person_in(district.unit), district.owner))]


def no_address(district: District) -> list[Any]:
    return ["7K3QWD82MX4P0000"]


def an_own_objection(district: District) -> list[Any]:
    return [*an_address(district), an_objection(district).pk]


def an_own_paper(district: District) -> list[Any]:
    return [*an_address(district), uuid4()]


def put(district: District) -> list[Any]:
    return [an_objection(district).pk]


def answered(district: District) -> list[Any]:
    return [an_objection(district, "answered").pk]


def printed(district: District) -> list[Any]:
    people = [person_in(district.unit)]
    job = enqueue_slips(people=people, last_day=clock.today() + timedelta(days=1), owner=district.owner)
    message, url = print_slips(job, lambda done, of: None)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, message=message, result_url=url)
    assert job.kind == JOB
    return [job.uid]


READERS = CLERKS | BUREAU | AUDIT_ADMIN
ROWS = [
    Row("own_record:list", READERS),
    Row("own_record:export", READERS),
    Row("own_record:objection", OWN_UNIT | BUREAU | AUDIT_ADMIN, put),
    Row("own_record:objection", OWN_UNIT | BUREAU | AUDIT_ADMIN, answered),
    Row("own_record:slips", CLERKS | BUREAU),
    Row("own_record:many", CLERKS),
    Row("own_record:everybody", CLERKS),
    Row("own_record:person", OWN_UNIT | BUREAU, a_person),
    Row("own_record:withdraw", OWN_UNIT | BUREAU, a_person, method="post", status=302),
    Row("own_record:printed", frozenset({"owner"}), printed),
    Row("own_record:printed", NOBODY, lambda district: [uuid4()]),
    Row("own:door", EVERYONE, an_address, public=True),
    Row("own:door", EVERYONE, no_address, public=True),
    Row("own:door", EVERYONE, an_address, method="post", status=422, public=True),
    Row("own:record", EVERYONE, an_address, status=302, public=True),
    Row("own:objection", EVERYONE, an_address, public=True),
    Row("own:objection", EVERYONE, an_address, method="post", status=422, public=True),
    Row("own:withdraw", EVERYONE, an_own_objection, method="post", status=302, public=True),
    Row("own:ask_bureau", EVERYONE, an_own_objection, method="post", status=302, public=True),
    Row("own:paper", EVERYONE, an_own_paper, status=302, public=True),
    Row("own:carried_record", EVERYONE, an_own_paper, status=302, public=True),
    Row("own:carried_badge", EVERYONE, an_own_paper, status=302, public=True),
    Row("own:close", EVERYONE, an_address, method="post", status=302, public=True),
]
