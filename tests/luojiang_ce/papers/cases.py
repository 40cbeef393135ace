"""How the walk over all workflows builds a paper."""

from typing import Any

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_paper
from tests.conftest import District
from tests.luojiang_ce.papers.samples import register_samples
from tests.luojiang_ce.workflow.walk import Kind


def paper_in(district: District, state: str) -> Paper:
    register_samples()
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    made = {"number": "洛人社培〔2026〕1号", "issued_at": clock.now(), "sha256": "0" * 64} if state == "issued" else {}
    Paper.objects.filter(pk=paper.pk).update(state=state, **made)
    paper.refresh_from_db()
    return paper


def rendered(district: District, paper: Any) -> None:
    """What the worker writes before it issues."""
    Paper.objects.filter(pk=paper.pk).update(number="洛人社培〔2026〕1号", sha256="0" * 64)


KINDS = [Kind(Paper, paper_in, ready={"issue": rendered})]
