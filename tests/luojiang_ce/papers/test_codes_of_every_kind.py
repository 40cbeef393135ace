"""Of every kind of paper, as the demo has one: its code is read as a laser prints it, and states what was signed."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.core.management import call_command
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.papers import issuing
from luojiang_ce.papers.content import check_on
from luojiang_ce.papers.models import Paper, paper_kinds
from luojiang_ce.proof.statement import in_text, read
from luojiang_ce.proof.verdict import Shown, judge
from tests.luojiang_ce.proof.papers import as_printed, trust_now

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]


def issued(paper: Paper) -> Paper:
    """The paper as it goes out; the demo leaves most of its papers to the worker."""
    if paper.state == Paper.State.PENDING:
        left = issuing.Left()
        issuing._issue(issuing.reserve([paper.pk]), lambda done, total: None, left)
        assert not left.broken, (paper.kind, left.why)
    paper.refresh_from_db()
    return paper


def test_the_code_of_every_kind_is_read_from_paper_and_its_statement_holds(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.MEDIA_ROOT, settings.VAR_DIR = True, tmp_path, tmp_path
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"
    with clock.at(datetime.fromisoformat("2026-11-30T09:30:00+08:00")):
        for command in ("load_reference", "load_demo"):
            call_command(command, verbosity=0, stdout=io.StringIO())
        there = {paper.kind: paper for paper in Paper.objects.standing().order_by("pk")}
        assert set(there) == {key for key in paper_kinds() if "sample" not in key}
        papers = [issued(paper) for paper in there.values()]
        trust = trust_now()
        for paper in papers:
            picture = Image.open(io.BytesIO(as_printed(paper)))
            found = zxingcpp.read_barcode(picture, formats=zxingcpp.BarcodeFormat.QRCode)
            assert found is not None, paper.kind
            assert found.text == check_on(paper).address, paper.kind
            statement = in_text(found.text)
            assert read(statement)[1].number == paper.number, paper.kind
            outcome = judge(Shown(statement, paper.number or "", "", None), trust)
            assert {each.key for each in outcome.findings} >= {"signed", "same_paper", "not_revoked"}, paper.kind
