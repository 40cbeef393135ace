"""Who sees papers: whoever sees their case; the check is public; the register is the keepers' and the bureau's."""

from typing import Any

from luojiang_ce.jobs.services import run
from luojiang_ce.papers.services import request_paper
from luojiang_ce.papers.together import ask_together
from luojiang_ce.proof.tasks import publish_head
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import (
    AUDIT_ADMIN,
    BUREAU,
    CLERKS,
    DISTRICT_UNITS,
    DISTRICT_WIDE,
    EVERYONE,
    KEEPER,
    OWN_UNIT,
    REVIEWERS,
    Row,
)
from tests.luojiang_ce.papers.samples import PAGE, issued_letter, issued_page, register_samples

# The sample's case is a unit, which its own clerks, the bureau and the officers see.
SEES_THE_UNIT = OWN_UNIT | DISTRICT_UNITS


def issued(district: District) -> dict[str, Any]:
    return {"uid": issued_letter(district).uid}


def code(district: District) -> dict[str, Any]:
    return {"code": issued_letter(district).code}


def proved(district: District) -> dict[str, Any]:
    """Of a paper that is in a published head."""
    paper = issued_letter(district)
    publish_head()
    return {"code": paper.code}


def failed(district: District) -> dict[str, Any]:
    register_samples()
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    type(paper).objects.filter(pk=paper.pk).update(state="failed")
    return {"uid": paper.uid}


def issued_pages(district: District) -> dict[str, Any]:
    """What asks for the pages of a case in one file."""
    return {"kind": PAGE.key, "case": issued_page(district, person_in(district.unit)).case_id}


def put_together(district: District) -> dict[str, Any]:
    """What the own clerk asked for and the worker made."""
    job = ask_together(PAGE.key, issued_page(district, person_in(district.unit)).case_id, "one", district.owner)
    assert job
    run(job.pk)
    return {"uid": job.uid}


ROWS = [
    Row("papers:check", EVERYONE, public=True),
    Row("papers:check_code", EVERYONE, code, public=True),
    Row("papers:proof", EVERYONE, proved, public=True),
    Row("papers:list", EVERYONE),
    Row("papers:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("papers:register", BUREAU | KEEPER | AUDIT_ADMIN),
    Row("papers:register_workbook", BUREAU | KEEPER | AUDIT_ADMIN),
    Row("papers:paper", SEES_THE_UNIT, issued),
    Row("papers:download", SEES_THE_UNIT, issued),
    Row("papers:state", SEES_THE_UNIT, issued, status=286),
    Row("papers:together", SEES_THE_UNIT, issued_pages, method="post", status=302, data={"sides": "both"}),
    Row("papers:together_file", frozenset({"owner"}), put_together),
    Row("papers:retry", BUREAU | KEEPER, failed, method="post", status=302),
]
