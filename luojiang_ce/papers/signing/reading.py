"""Reads the signatures of a PDF, in a process of its own (luojiang_ce/files/apart.py): anybody may hand in a file here,
and the reader has to build the file's whole tree to judge it. Imports neither settings nor models.

Whom a certificate belongs to is not asked here: every signature is judged as far as the file itself goes.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from luojiang_ce.papers.signing.timestamps import timestamp_of

MOST = 8  # signatures of a file that are read: papers have two at most
RANGES = re.compile(rb"/ByteRange *\[ *(\d{1,9}) +(\d{1,9}) +(\d{1,9}) +(\d{1,9}) *\]")
BROKEN = {"holds": False, "alone": True, "stamped_at": "", "stamped_by": "", "stamp_holds": False}
NOTHING = {"field": "", "signed_at": "", "until_here": "", "whole_file": True}
ANY_USE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


def signatures_of(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """The signatures of the file, first to last; none where there is nothing that can be read as one."""
    try:
        embedded = PdfFileReader(io.BytesIO(content)).embedded_regular_signatures
        return [_told(each, content) for each in embedded[:MOST]], b""
    except Exception:  # on crafted or broken bytes the parser raises whatever it stumbles on
        return _found_by_bytes(content), b""


def _found_by_bytes(content: bytes) -> list[dict[str, Any]]:
    """The signatures of a file that is broken: whose they are can be told, and that they do not hold."""
    found = []
    for place in list(RANGES.finditer(content))[:MOST]:
        start, length, after = (int(number) for number in place.groups()[:3])
        try:
            cms = ContentInfo.load(bytes.fromhex(content[start + length + 1 : after - 1].decode()))
            certificate = cms["content"]["certificates"][0].chosen
            whose = {"sha256": hashlib.sha256(certificate.dump()).hexdigest()}
            found.append({**NOTHING, **BROKEN, **whose, "subject": _called(certificate)})
        except Exception:  # noqa: S112  what lies there is no signature: nothing is told of it
            continue
    return found


def _told(embedded: Any, content: bytes) -> dict[str, Any]:
    certificate = embedded.signer_cert
    end = _end(embedded)
    told = {
        "field": embedded.field_name,
        "sha256": hashlib.sha256(certificate.dump()).hexdigest(),
        "subject": _called(certificate),
        "signed_at": _moment(embedded.self_reported_timestamp),
        "until_here": hashlib.sha256(memoryview(content)[:end]).hexdigest(),
        "whole_file": end == len(content),
    }
    return told | _judged(embedded, certificate)


def _judged(embedded: Any, certificate: Any) -> dict[str, Any]:
    """Does it hold: is what it covers unchanged? Does it stand `alone`: is nothing behind it but what it allows? And
    its timestamp."""
    try:
        trusted = ValidationContext(trust_roots=[certificate], allow_fetching=False, moment=_within(certificate))
        status = validate_pdf_signature(embedded, trusted, ts_validation_context=trusted, key_usage_settings=ANY_USE)
        stamped = timestamp_of(embedded)
        validity = status.timestamp_validity
        covers = status.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
        return {
            "holds": bool(status.intact and status.valid and covers and _in_time(embedded, certificate)),
            "alone": status.docmdp_ok is not False,
            "stamped_at": _moment(stamped.at) if stamped else "",
            "stamped_by": stamped.by if stamped else "",
            "stamp_holds": bool(validity and validity.intact and validity.valid),
        }
    except Exception:  # a changed byte may leave nothing that can be parsed
        return BROKEN


def _in_time(embedded: Any, certificate: Any) -> bool:
    """Was it signed, as it says itself, while the certificate was in force?"""
    moment = embedded.self_reported_timestamp
    return bool(moment and certificate.not_valid_before <= moment <= certificate.not_valid_after)


def _within(certificate: Any) -> Any:
    """A moment at which the certificate was in force: whether that holds for the signature is asked by the caller."""
    return certificate.not_valid_before


def _called(certificate: Any) -> str:
    parts = certificate.subject.native
    return str(parts.get("common_name") or parts.get("organization_name") or certificate.subject.human_friendly)[:300]


def _end(embedded: Any) -> int:
    """Where in the file ends what the signature covers."""
    *_, start, length = embedded.byte_range
    return int(start) + int(length)


def _moment(moment: Any) -> str:
    return moment.isoformat() if moment else ""
