"""The public check: what a code opens, and whether a file is the one that was issued (product.md V11)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.safestring import SafeString

from luojiang_ce import clock

from .dates import chinese_day
from .kinds import papers_in_review
from .models import Paper, Seal, SealUse
from .seals import seal_svg, shape_of


@dataclass(frozen=True)
class Verdict:
    """What the check page says first: a meaning class of the design, a word, a sentence."""

    meaning: str
    word: str
    sentence: str
    icon: str


def find(**known: str | None) -> Paper | None:
    """The issued (or revoked) paper behind a `code` or the `sha256` of a file."""
    rows = Paper.objects.in_force().select_related("seal", "second_seal").prefetch_related("seal_uses", "signatures")
    return rows.filter(**known).first()


def sha256_of(upload: UploadedFile[Any]) -> str:
    """The fingerprint of an upload, read piece by piece; nothing is kept."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def verdict_of(paper: Paper) -> Verdict:
    """Valid, or replaced or revoked, when and why. A code says which paper it is, not that the sheet in hand is that
    paper: only a compared file does."""
    if paper.state == Paper.State.REVOKED:
        day = chinese_day(clock.local(paper.revoked_at).date()) if paper.revoked_at else ""
        if newer := paper.replacement:
            said = f"{day}起以 {newer.number} 为准：{paper.revoke_reason}"
            return Verdict("is-late", f"已被 {newer.number} 替代，不能使用", said, "shield-x")
        return Verdict("is-late", "已撤销，不能使用", f"{day}撤销：{paper.revoke_reason}", "shield-x")
    now = clock.now()
    if is_in_review(paper):
        sentence = f"{chinese_day(now.date())} {now:%H:%M} 查询：本系统签发过这份文书，所载学时有变动，签发机关正在复核"
        return Verdict("is-soon", "复核中，以复核结论为准", f"{sentence}。复核前请勿只凭它办理", "shield-alert")
    sentence = (
        f"{chinese_day(now.date())} {now:%H:%M} 查询：本系统签发过这份文书，现在有效。"
        "下面是签发时的内容，请逐项与手上的文书对照（空格不算）"
    )
    return Verdict("is-done", "有效", sentence, "shield-check")


def is_in_review(paper: Paper) -> bool:
    """Has what it rests on changed, and nobody decided yet what follows?"""
    return paper.pk in papers_in_review([paper])


def seals_on_screen(paper: Paper) -> tuple[SafeString | None, SafeString | None]:
    """Its seal, and that of the other organ, as the page shows them; None where none is drawn: stamped by hand,
    revoked, without a seal.

    The picture of a seal is never public.
    """
    if paper.state != Paper.State.ISSUED:
        return None, None
    drawn = {use.seal_id for use in paper.seal_uses.all() if use.way in (SealUse.Way.DRAWN, SealUse.Way.SIGNED)}
    return _shown(paper.seal, paper.picture_id, drawn), _shown(paper.second_seal, paper.second_picture_id, drawn)


def _shown(seal: Seal | None, picture_id: int | None, drawn: set[int]) -> SafeString | None:
    return seal_svg(shape_of(seal)) if seal and not picture_id and seal.pk in drawn else None
