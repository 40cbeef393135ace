"""Signing finished papers: PAdES B-B, and B-T where a timestamp server answers (ETSI EN 319 142-1).

Loaded by the worker alone. Nothing here touches the database. The field of a signature is invisible: what the sheet
shows is the seal that was drawn, and PDF/A asks for nothing beside a field without a size.

A paper is certified (ISO 32000-1, 12.8.2.2): the first signature says what may still be added, which is the signature
of a second seal and nothing else, and after the last one nothing. Every reader of PDFs then refuses what somebody puts
over the sheet behind the signatures.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    InvisSigSettings,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from luojiang_ce import clock

from .credentials import Certificate, Key, certificate_of, credential, provider_of
from .timestamps import timestamp_of

log = logging.getLogger(__name__)

PAPER_VERSION = (1, 7)  # PDF/A-3 is a PDF 1.7: what pyHanko would write into the catalogue for itself is left out
# A signature that does not certify says in the lock of its field what may follow it (ISO 32000-2, 12.7.5.5).
ALL_FIELDS = FieldMDPSpec(FieldMDPAction.ALL)
# Off the page: PDF/A wants an invisible field to be printed, PDF/UA to be read aloud or not to be on a page at all.
OUTSIDE = InvisSigSettings(box_out_of_bounds=True)
PLAIN, TIMESTAMPED = "PAdES-B-B", "PAdES-B-T"


class TimestampAway(Exception):
    """The timestamp server did not answer, and papers shall wait for it (settings.TIMESTAMP_REQUIRED)."""


@dataclass(frozen=True)
class Mark:
    """A signature to be made: under which signer, in which field of the file, for which seal and why."""

    signer: str
    field: str
    seal_name: str
    reason: str


@dataclass(frozen=True)
class Made:
    """A signature that was made, in the words of the signature itself."""

    mark: Mark
    certificate: Certificate
    digest: str
    algorithm: str
    level: str
    signed_at: datetime
    timestamped_at: datetime | None = None
    timestamped_by: str = ""


@dataclass
class Timestamps:
    """The timestamp server as one batch of papers finds it: one that did not answer is not asked again for each."""

    away: bool = False
    _stamper: TimeStamper | None = field(default=None, init=False)

    def ask(self) -> TimeStamper | None:
        """The server, where one is set up and has not failed to answer. Raises TimestampAway."""
        if not settings.TIMESTAMP_URL:
            return None
        if self.away:
            return self._do_without()
        self._stamper = self._stamper or _server()
        return self._stamper

    def gone(self) -> TimeStamper | None:
        """It did not answer. Raises TimestampAway where papers wait for it."""
        self.away = True
        return self._do_without()

    @staticmethod
    def _do_without() -> None:
        if settings.TIMESTAMP_REQUIRED:
            raise TimestampAway


def sign(content: bytes, marks: Sequence[Mark], timestamps: Timestamps) -> tuple[bytes, list[Made]]:
    """The file with a signature for each mark, one after the other, each over all that was there before it.

    Raises BadSigner, TimestampAway.
    """
    made: list[Made] = []
    for mark in marks:
        last = mark == marks[-1]
        place = _Place(certifies=not made, allows=MDPPerm.NO_CHANGES if last else MDPPerm.FILL_FORMS)
        content, signature = _sign(content, mark, place, timestamps)
        made.append(signature)
    return content, made


def server_answers() -> bool:
    """Does the timestamp server give timestamps now (or does nobody ask for any)?"""
    if not settings.TIMESTAMP_URL:
        return True
    try:
        _outside_of_loops(lambda: asyncio.run(_server().async_dummy_response("sha256")))
    except (TimestampRequestError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class _Place:
    """Of a signature among those of its paper: does it certify the paper (the first one), what may follow it."""

    certifies: bool
    allows: MDPPerm


def _sign(content: bytes, mark: Mark, place: _Place, timestamps: Timestamps) -> tuple[bytes, Made]:
    stamper = timestamps.ask()
    try:
        signed = _signed(content, mark, place, stamper)
    except TimestampRequestError:
        log.warning("the timestamp server did not answer", exc_info=True)
        signed = _signed(content, mark, place, timestamps.gone())
    return signed, _read_back(signed, mark)


def _signed(content: bytes, mark: Mark, place: _Place, stamper: TimeStamper | None) -> bytes:
    used = credential(mark.signer)
    metadata = PdfSignatureMetadata(
        field_name=mark.field,
        md_algorithm=used.digest,
        subfilter=SigSeedSubFilter.PADES,
        reason=mark.reason,
        name=mark.seal_name,
        certify=place.certifies,
        docmdp_permissions=place.allows,
    )
    spec = SigFieldSpec(
        mark.field,
        readable_field_name=mark.seal_name,
        invis_sig_settings=OUTSIDE,
        field_mdp_spec=None if place.certifies else ALL_FIELDS,
        doc_mdp_update_value=None if place.certifies else place.allows,
    )
    signer = PdfSigner(metadata, _signer(used.key), timestamper=stamper, new_field_spec=spec)
    out: io.BytesIO = _outside_of_loops(lambda: signer.sign_pdf(_Revision(io.BytesIO(content))))
    return out.getvalue()


def _outside_of_loops(work: Callable[[], Any]) -> Any:
    """pyHanko runs an event loop for each signature, which a thread that has one already (ASGI) does not bear."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result()


class _Revision(IncrementalPdfFileWriter):
    """What is added to a paper leaves its catalogue and its own description as they are (PDF/A-3)."""

    output_version = PAPER_VERSION

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """A paper stays a PDF 1.7."""

    def _update_meta(self) -> None:
        """Title, author and producer are those of the paper, in its catalogue as in its description."""


def _read_back(content: bytes, mark: Mark) -> Made:
    """The signature as it stands in the file now."""
    embedded = PdfFileReader(io.BytesIO(content)).embedded_signatures[-1]
    info: Any = embedded.signer_info
    stamped = timestamp_of(embedded)
    return Made(
        mark,
        certificate_of(mark.signer),
        digest=info["digest_algorithm"]["algorithm"].native,
        algorithm=info["signature_algorithm"]["algorithm"].native,
        level=TIMESTAMPED if stamped else PLAIN,
        signed_at=clock.now(),
        timestamped_at=stamped.at if stamped else None,
        timestamped_by=stamped.by if stamped else "",
    )


@lru_cache(maxsize=8)
def _signer(key: Key) -> Any:
    """The signer with its key, opened once while it stays the same."""
    return provider_of(key).signer(dict(key[1]))


def _server() -> TimeStamper:
    parts = urlsplit(settings.TIMESTAMP_URL)
    host = parts.hostname or ""
    address = urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    patience = settings.TIMESTAMP_PATIENCE
    return RequestsHTTPTimeStamper(address, auth=auth, timeout=patience)  # type: ignore[no-untyped-call]
