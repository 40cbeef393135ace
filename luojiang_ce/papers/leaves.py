"""Papers in the tree of luojiang_ce/proof: each as it was issued, each revocation; and the list of those revoked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from luojiang_ce import clock
from luojiang_ce.proof.sources import (
    Answer,
    LeafSource,
    Revoked,
    Standing,
    paper_leaf,
    register_answers,
    register_revocations,
    register_source,
    revocation_leaf,
)
from luojiang_ce.proof.statement import read
from luojiang_ce.proof.tree import inclusion_of
from luojiang_ce.proof.words import LABELS
from luojiang_ce.proof.years import without_amounts
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.workflow.events import history, sha256
from luojiang_ce.workflow.models import Event

from .check import find, is_in_review
from .claims import claims_of
from .codes import normalise, plain
from .models import Paper, PaperQuerySet
from .public import FINGERPRINT, fingerprint

ISSUED, REVOKED = "paper", "revocation"
# Claims that pages show too, with their labels.
SHOWN = LABELS | {"number": "编号", "name": "姓名", "code": "核验码"}


def register() -> None:
    """Called when the app is ready."""
    register_source(LeafSource(ISSUED, "文书", _issued, _issued_leaf, _issued_problems))
    register_source(LeafSource(REVOKED, "文书的撤销", _revoked, _revoked_leaf, _revoked_problems))
    register_revocations(revoked_papers)
    register_answers(answer_for)


def revoked_papers() -> Iterator[Revoked]:
    """Every paper that was issued and is not valid any more, with the number of the valid one in its place. One query,
    for the columns that are needed."""
    rows: Any = _revoked().with_successors()  # of an annotation the types know nothing
    for code, revoked_at, number in rows.values_list("code", "revoked_at", "successor").iterator():
        day = clock.day_of(revoked_at)
        assert day  # the table of states writes it
        yield Revoked(plain(code), day, number or "")


def answer_for(code: str) -> Answer:
    """How the paper behind a code stands, and its proof of inclusion. What `find` and `inclusion_of` ask."""
    paper = find(code=normalise(code))
    if paper is None:
        return Answer(Standing.UNKNOWN)
    inclusion, stated = inclusion_of(ISSUED, paper), bytes(paper.statement)
    signed = hashlib.sha256(stated).hexdigest() if stated else ""
    return Answer(_standing(paper), paper.number or "", inclusion, paper.sha256, signed)


def _standing(paper: Paper) -> Standing:
    if paper.state == Paper.State.REVOKED:
        return Standing.REVOKED
    return Standing.REVIEW if is_in_review(paper) else Standing.VALID


def _issued() -> PaperQuerySet:
    return Paper.objects.filter(issued_at__isnull=False)


def _revoked() -> PaperQuerySet:
    return Paper.objects.filter(issued_at__isnull=False, state=Paper.State.REVOKED)


def _issued_leaf(paper: Any) -> bytes:
    return paper_leaf(code=plain(paper.code), statement=bytes(paper.statement), sha256=paper.sha256)


def _issued_problems(paper: Any) -> Iterator[str]:
    """Its leaf holds what was signed and the fingerprint of the file: what the pages show of it, and the file itself,
    are held against those; and all that the pages show against what the event of its issue says of it."""
    if wrong := list(_altered(paper)):
        yield f"页面显示的{'、'.join(wrong)}与签名声明不一致：被改动"
    elif not _shown_as_issued(paper):
        yield "页面显示的标题或公开内容与签发时的指纹不一致：被改动"
    yield from _file_problems(paper)


def _shown_as_issued(paper: Paper) -> bool:
    event, now = _event_of(paper, "issue"), fingerprint(paper.title, paper.facts)
    return event is None or event.data.get(FINGERPRINT, now) == now


def _event_of(paper: Paper, name: str) -> Event | None:
    return history(paper).filter(name=name).first()


def _revoked_problems(paper: Any) -> Iterator[str]:
    """Why it was revoked is shown as well: the event of that holds the fingerprint of the words."""
    event = _event_of(paper, "revoke")
    if event and event.note_sha256 != sha256(paper.revoke_reason):
        yield "页面显示的撤销原因与撤销时写的不一致：被改动"


def _altered(paper: Paper) -> Iterator[str]:
    """Which of the claims in its statement are shown otherwise, by their labels."""
    if not paper.statement:
        return
    _, stated = read(bytes(paper.statement))
    shown = claims_of(paper, paper.facts)
    for name, label in SHOWN.items():
        if (claim := getattr(stated, name)) and not _is_said(claim, getattr(shown, name)):
            yield label


def _is_said(claim: Any, shown: Any) -> bool:
    """Is it the same, but for the middle that a long text, and the amounts that many years lost in the statement?"""
    head, cut, tail = str(claim).partition("…")
    if claim in (shown, without_amounts(str(shown))):
        return True
    return bool(cut) and str(shown).startswith(head) and str(shown).endswith(tail)


def _file_problems(paper: Paper) -> Iterator[str]:
    try:
        with paper.file.open() as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == paper.sha256
    except CannotOpen:
        yield f"的文件 {paper.file.name} 打不开：密文被改动、截断，或换成了别的文件"
    except (OSError, ValueError):  # ValueError: the row names no file
        yield f"的文件 {paper.file.name or ''} 不在了，请从备份恢复"
    else:
        if not same:
            yield f"的文件 {paper.file.name} 与登记的指纹不符：被改动"


def _revoked_leaf(paper: Any) -> bytes:
    return revocation_leaf(code=plain(paper.code), revoked_at=int(paper.revoked_at.timestamp()))
