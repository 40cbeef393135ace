"""What the public check says of the signatures in a file that was handed in: whose they are, and whether they hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce import clock
from luojiang_ce.files.apart import Apart
from luojiang_ce.locks import alone
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.seal_records import PaperSignature
from luojiang_ce.uploads.reader import Budget

from .credentials import BadSigner, certificate_of

READING = "signatures.lock"  # in VAR_DIR
MARK = b"/ByteRange"  # what every signed PDF holds in plain bytes


class _Reader(Apart):
    function = "luojiang_ce.papers.signing.reading:signatures_of"
    # The reader itself takes a third of the memory, the largest paper a tenth.
    budget = Budget(cpu=5, memory=1 << 28)


@dataclass(frozen=True)
class Told:
    """One signature in words. `meaning`: a meaning class of the design."""

    meaning: str
    title: str
    text: str


@dataclass(frozen=True)
class Proof:
    """The signatures of a file. `ours`: one of them was made by a certificate of this installation. `grown_from`: the
    issued paper with which the file begins, where something was added to it."""

    signatures: Sequence[Told] = ()
    ours: bool = False
    holds: bool = False
    grown_from: Paper | None = None

    @property
    def is_unread(self) -> bool:
        """There may be signatures, which nobody has read: readers cost, and strangers may ask for them."""
        return self is UNREAD


UNREAD = Proof()


def proof_of(upload: UploadedFile[Any]) -> Proof | None:
    """The signatures of an upload, which is not kept; None where it has none that can be read, UNREAD while the one
    reader of all processes reads another file."""
    upload.seek(0)
    if not any(MARK in chunk for chunk in upload.chunks()):
        return None
    with alone(settings.VAR_DIR / READING) as may:
        if not may:
            return UNREAD
        found = _read(upload)
    return _told_of(found) if found else None


def _told_of(found: Sequence[dict[str, Any]]) -> Proof:
    known = _known([each["sha256"] for each in found])
    ours = [each for each in found if each["sha256"] in known]
    # What a stranger has signed behind our last signature is not covered by us, whatever that one covers.
    whole = bool(ours) and ours[-1]["whole_file"] and all(each["alone"] for each in ours)
    beginnings = [each["until_here"] for each in found if not each["whole_file"]]  # behind which more stands
    return Proof(
        [_told(each, known.get(each["sha256"]), whole=whole) for each in found],
        ours=bool(ours),
        holds=whole and all(each["holds"] for each in found),
        grown_from=Paper.objects.in_force().filter(sha256__in=beginnings).order_by("-pk").first(),
    )


def _read(upload: UploadedFile[Any]) -> list[dict[str, Any]]:
    upload.seek(0)
    with _Reader() as reader:
        answer = reader.ask(upload.read())
    return (answer and answer.said) or []


def _known(prints: Sequence[str]) -> dict[str, str]:
    """Whose certificate it is, by fingerprint: of those that have signed a paper here, and of those that may now."""
    signed = PaperSignature.objects.filter(certificate_sha256__in=prints).select_related("seal")
    known = {row.certificate_sha256: row.seal.name for row in signed}
    for seal in Seal.objects.filter(provider=Seal.Provider.SIGNED).exclude(signer=""):
        with suppress(BadSigner):
            known.setdefault(certificate_of(seal.signer).sha256, seal.name)
    return known


def _told(each: dict[str, Any], seal: str | None, *, whole: bool) -> Told:
    when = _said(each["signed_at"])
    if seal is None:
        text = f"证书写的名称是“{each['subject']}”，任何人都可以自制这样的证书，不能凭它认定出自本系统"
        return Told("is-soon", "不是本系统的签名", text)
    if not each["holds"]:
        return Told("is-late", f"“{seal}”的签名已失效", "签名所覆盖的内容被改动过，不能使用")
    stamped = f"，时间戳 {_said(each['stamped_at'])}（{each['stamped_by']}）" if each["stamp_holds"] else "，没有时间戳"
    text = f"{each['subject']}，{when} 签名{stamped}"
    if not whole:
        return Told("is-soon", f"“{seal}”的签名只覆盖文件的开头部分", f"{text}；后来追加的内容不在签名之内")
    return Told("is-done", f"“{seal}”的签名有效", f"{text}；签名后内容没有改动")


def _said(moment: str) -> str:
    if not moment:
        return ""
    local = clock.local(datetime.fromisoformat(moment))
    return f"{chinese_day(local.date())} {local:%H:%M}"
