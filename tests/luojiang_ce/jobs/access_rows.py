"""Who sees long work: whoever started it."""

from typing import Any

from luojiang_ce.jobs.models import Job
from tests.conftest import District
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, EVERYONE, NOBODY, SYSTEM_ADMIN, Row


def a_job_of_the_owner(district: District) -> dict[str, Any]:
    return {"uid": Job.objects.create(kind="sample", title="导入人员名册", owner=district.owner).uid}


WATCHERS = BUREAU | SYSTEM_ADMIN | AUDIT_ADMIN

ROWS = [
    Row("jobs:runs", WATCHERS),
    Row("jobs:task_runs", WATCHERS, lambda district: ["units.lapses.tasks.remind"]),
    Row("jobs:task_runs", NOBODY, lambda district: ["no.such.task"]),
    Row("jobs:list", EVERYONE),
    Row("jobs:progress", frozenset({"owner"}), a_job_of_the_owner),
]
