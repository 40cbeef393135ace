"""Who fetches an exported list: whoever asked for it."""

from typing import Any

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from tests.conftest import District
from tests.luojiang_ce.access.matrix import NOBODY, Row


def an_export_of_the_owner(district: District) -> dict[str, Any]:
    job = Job.objects.create(kind="export", title="导出", owner=district.owner, args={"list": "people", "query": ""})
    run(job.pk)
    return {"uid": job.uid}


def another_job_of_the_owner(district: District) -> dict[str, Any]:
    return {"uid": Job.objects.create(kind="check_audit", title="查验", owner=district.owner).uid}


ROWS = [
    Row("sheets:export", frozenset({"owner"}), an_export_of_the_owner),
    Row("sheets:export", NOBODY, another_job_of_the_owner),
]
