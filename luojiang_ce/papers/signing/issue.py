"""What issuing does with seals that sign: which signatures a paper gets, and what is kept and told of them.

pyHanko is loaded with the first paper that is signed, and never where no seal signs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.rendering import Rendered
from luojiang_ce.papers.seal_records import PaperSignature

from .credentials import BadSigner, problem_with

if TYPE_CHECKING:
    from .sign import Made, Mark, Timestamps

log = logging.getLogger(__name__)
FIELDS = ("Seal1", "Seal2")  # the paper's own seal, the other organ's


@dataclass(frozen=True)
class Signed:
    """A finished file and its signatures, none where no seal of the paper signs."""

    content: bytes
    made: Sequence[Made] = ()


@dataclass
class Signing:
    """The signing of some papers: which of them wait for the timestamp server, and why others could not be signed."""

    waiting: set[int] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _timestamps: Timestamps | None = field(default=None, init=False)

    def sign(self, paper: Paper, rendered: Rendered) -> Signed | None:
        """The paper with its signatures; None where one cannot be made: a paper is never issued with half of them."""
        seals = [
            (seal, name) for seal, name in zip((paper.seal, paper.second_seal), FIELDS, strict=True) if signs(seal)
        ]
        if not seals:
            return Signed(rendered.content)
        from .sign import Mark, TimestampAway, Timestamps, sign

        self._timestamps = self._timestamps or Timestamps()
        try:
            marks = [_mark(Mark, paper, seal, name) for seal, name in seals if seal]
            content, made = sign(rendered.content, marks, self._timestamps)
        except TimestampAway:
            self.waiting.add(paper.pk)
        except BadSigner as bad:
            self.refused.append(str(bad))
        except Exception:
            log.exception("paper %s (%s) cannot be signed", paper.pk, paper.kind)
        else:
            return Signed(content, made)
        return None


def signs(seal: Seal | None) -> bool:
    """Is there a seal, and does it sign?"""
    return seal is not None and seal.provider == Seal.Provider.SIGNED


def _mark(mark: type[Mark], paper: Paper, seal: Seal, name: str) -> Mark:
    """Raises BadSigner where the certificate has ended since the paper was asked for."""
    if problem := problem_with(seal.signer, clock.now()):
        raise BadSigner(f"印章“{seal.name}”设为数字签名，但{problem}")
    return mark(seal.signer, name, seal.name, f"{paper.title}（{paper.number}）")


def note_of(name: str, signed: Signed) -> str:
    """What the register remarks of the signature in this field; nothing where there is none."""
    made = next((each for each in signed.made if each.mark.field == name), None)
    if made is None:
        return ""
    if made.timestamped_at:
        return f"数字签名（{made.level}），有时间戳"
    away = "，时间戳服务器没有应答" if settings.TIMESTAMP_URL else ""
    return f"数字签名（{made.level}），没有时间戳{away}"


def row_of(paper: Paper, made: Made) -> PaperSignature:
    """The signature as it is kept beside the paper."""
    certificate = made.certificate
    seal = paper.seal if made.mark.field == FIELDS[0] else paper.second_seal
    assert seal is not None  # it has signed
    return PaperSignature(
        paper=paper,
        seal=seal,
        field=made.mark.field,
        signer=made.mark.signer,
        subject=certificate.subject,
        issuer=certificate.issuer,
        serial=certificate.serial,
        certificate_sha256=certificate.sha256,
        valid_to=certificate.ends,
        digest=made.digest,
        algorithm=made.algorithm,
        level=made.level,
        signed_at=made.signed_at,
        timestamped_at=made.timestamped_at,
        timestamped_by=made.timestamped_by[:300],
    )
