"""Of every kind of paper: its code is read as a laser prints it on that sheet, and states what was signed. What the
sheets say is made up, and as long as a statement bears it: the denser a code, the harder to read."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.papers.codes import new_code, plain
from luojiang_ce.papers.content import check_on
from luojiang_ce.papers.kinds import PaperKind, paper_kinds
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import render
from luojiang_ce.proof import keyring, years
from luojiang_ce.proof.management.commands.verify_paper import said
from luojiang_ce.proof.statement import MOST_BYTES, Claims, in_text, signed
from luojiang_ce.proof.verdict import Shown, judge
from tests.luojiang_ce.papers.test_sheets import STAMP, publication
from tests.luojiang_ce.proof.papers import printed_code, trust_now
from verification.record.papers import PAPER as ATTESTATION

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]
YEARS = "2007" + "U24M30" * 10  # twenty years: as many as one paper tells of, with their amounts
PERSON = {"name": "欧阳𬭎", "facts": [("证书编号", "LJ201600018")], "verdict": [], "statement": "验证合格。"}


def statement_of(kind: PaperKind, number: str, code: str) -> bytes:
    key = keyring.current(keyring.Purpose.STATEMENTS)
    of_years = kind.key == ATTESTATION.key
    long = ("unit", "subject") if of_years else ("unit", "hours", "result", "subject")
    texts: dict[str, Any] = dict.fromkeys(long, "设施蔬菜生产技术推广" * 6)
    texts |= {"years": YEARS} if of_years else {"year": 2025}
    days = {"dated": clock.today(), "signed": clock.today()}
    claims = Claims(number=number, title=kind.title, name="欧*𬭎", digits="34", code=plain(code), **texts, **days)
    return signed(claims, kid=key.kid, algorithm=key.algorithm, sign=lambda part: keyring.sign(key, part))


def paper_of(kind: PaperKind) -> Any:
    number = "泉洛政人社〔2026〕15号"
    code = new_code()
    statement = statement_of(kind, number, code)
    return SimpleNamespace(number=number, title=kind.title, dated=clock.today(), code=code, statement=statement)


def sheet_of(kind: PaperKind, paper: Any) -> bytes:
    """The paper on the template of its kind, with what all templates ask for together."""
    told = {**publication(3).context, **PERSON, kind.fitted: []}
    context = {**told, "paper": paper, "stamp": STAMP, "check": check_on(paper)}
    return render(Printable(kind.template, context, kind.style, kind.title, kind.fitted)).content


def test_the_code_of_every_kind_is_read_from_paper_and_its_statement_holds(settings: Any) -> None:
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"
    kinds = [kind for key, kind in paper_kinds().items() if "sample" not in key]
    assert len(kinds) >= 18
    papers = {kind.key: paper_of(kind) for kind in kinds}
    trust = trust_now()
    for kind in kinds:
        paper = papers[kind.key]
        assert len(paper.statement) > MOST_BYTES - 6  # as dense as they come
        picture = Image.open(io.BytesIO(printed_code(sheet_of(kind, paper), paper.code)))
        found = zxingcpp.read_barcode(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found is not None, kind.key
        assert found.text == check_on(paper).address, kind.key
        outcome = judge(Shown(in_text(found.text), paper.number, "", None), trust)
        assert {"signed", "same_paper", "not_revoked"} <= {each.key for each in outcome.findings}, kind.key
        if kind.key == ATTESTATION.key:
            assert ("各年度结论", years.said(YEARS)) in said(outcome)
