"""What the QR code of a paper states: taken from the public facts that are frozen with it, and from nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from luojiang_ce import clock
from luojiang_ce.proof import keyring
from luojiang_ce.proof.keyring import Purpose
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.proof.statement import Claims, Unreadable, read, signed
from luojiang_ce.proof.years import coded

from .codes import plain
from .kinds import kind_of
from .models import Paper
from .public import Facts

# Which public fact is which claim: the labels under which the kinds of papers give them (`PaperKind.public_facts`).
LABELS = {
    "name": ("姓名", "授课教师"),
    "digits": ("证件尾号",),
    "unit": ("单位", "工作单位", "施教机构", "被检查单位"),
    "year": ("验证年度", "计入年度", "年度"),
    "hours": ("合计", "每人学时", "学时", "核准学时", "经认定的授课"),
    "result": ("验证结果", "结果", "认定结论", "处理"),
    "subject": ("培训班", "培训名称", "事项", "公布项目", "批次"),
}
YEARS = "各年达标情况"  # a claim of its own: in letters, never cut
_YEAR = re.compile(r"\d{4}")
_WAITED = timedelta(days=1)  # less than verdict.INCLUDED_AFTER


def signing_key() -> SigningKey:
    """With which statements are signed now."""
    return keyring.current(Purpose.STATEMENTS)


def statement_of(paper: Paper, facts: Facts, key: SigningKey) -> bytes:
    """The signed statement of a numbered paper. One that it has already and that says the same is kept, so that what
    was begun before is finished alike; one that waited longer is not: it would seem to be late in the tree."""
    claims = claims_of(paper, facts)
    made = signed(claims, kid=key.kid, algorithm=key.algorithm, sign=lambda part: keyring.sign(key, part))
    before = bytes(paper.statement)
    return before if before and _say_the_same(before, made) else made


def claims_of(paper: Paper, facts: Facts) -> Claims:
    """What is stated of a paper."""
    known = dict(facts)
    told = {claim: next((known[each] for each in labels if each in known), "") for claim, labels in LABELS.items()}
    year = _YEAR.search(told.pop("year"))
    return Claims(
        number=paper.number or "",
        title=kind_of(paper).title,
        year=int(year[0]) if year else 0,
        dated=paper.dated,
        code=plain(paper.code),
        signed=clock.today(),
        years=coded(known.get(YEARS, "")),
        **told,
    )


def _say_the_same(before: bytes, made: bytes) -> bool:
    """By the same key, and not so long ago that it would be missed in the tree."""
    try:
        (earlier, claimed), (now, claims) = read(before), read(made)
    except Unreadable:
        return False
    lately = bool(claimed.signed and claims.signed and claims.signed - claimed.signed <= _WAITED)
    return earlier.kid == now.kid and lately and replace(claimed, signed=claims.signed) == claims
