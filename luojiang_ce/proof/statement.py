"""What a paper states about itself, signed: CBOR claims in a COSE_Sign1 (RFC 9052), small enough for its QR code.

Pure: bytes and keys in, claims out; the format is told in docs/statement.md. static/js/proof/statement.js reads the
same without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import cbor2

from . import base41
from .typed import without_blanks
from .years import without_amounts

ES256 = "ES256"
_COSE_NUMBER = {ES256: -7}
_ALG, _CONTENT, _KID = 1, 3, 4  # of COSE's protected header
_SIGNED = 64  # bytes of a signature
_EPOCH = date(1970, 1, 1)
MOST_BYTES = 330  # with an address of 60 letters in a QR code of version 15 that mends a sixth of itself
MOST_READ = 4096  # no statement is longer: what is longer is not looked into
# Characters kept of what may be long; the middle goes, because names of one district begin alike and end alike.
_SHORTENED = {"unit": 24, "subject": 20, "hours": 24, "result": 16, "title": 20, "name": 16}
_SHORTEST = 6
MOST_NUMBER = 30  # letters of a paper's number, which is never shortened: beside so many all else fits, cut or whole
_TAG, _OPEN, _STRINGS, _LENGTH_BYTES = 6, 31, (2, 3), {24: 1, 25: 2, 26: 4, 27: 8}  # in the head of a CBOR item
_WRONG = (
    cbor2.CBORError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    StopIteration,
    OverflowError,
    RecursionError,
)
Kind = TypeVar("Kind")
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class Unreadable(ValueError):
    """Not a statement: other text, other bytes, cut off or mistyped."""


@dataclass(frozen=True)
class Claims:
    """What is stated. Empty where the paper does not say it. The order is that of the CBOR map's keys, from 1."""

    number: str = ""
    title: str = ""
    name: str = ""  # masked
    digits: str = ""  # the last of the ID number
    unit: str = ""
    year: int = 0
    hours: str = ""
    result: str = ""
    dated: date | None = None
    code: str = ""
    signed: date | None = None
    subject: str = ""  # the class, the training
    years: str = ""  # outcome and hours of each by the letters of years.py, in place of year, hours, result; never cut


@dataclass(frozen=True)
class Message:
    """A signed message as it was read: by which key, over what; not yet whether that is true."""

    kid: str
    algorithm: str
    payload: bytes
    signed_part: bytes
    signature: bytes
    content: str = ""  # what it is, where it is no statement

    def is_by(self, verify: Verify) -> bool:
        """Was exactly this signed with the key?"""
        return verify(self.signed_part, self.signature)


_FIELDS = [each.name for each in fields(Claims)]


class TooLong(ValueError):
    """Claims that do not fit into a QR code, however much is left out."""


def signed(claims: Claims, *, kid: str, algorithm: str, sign: Sign) -> bytes:
    """The statement of these claims, as they are fitted. Raises TooLong."""
    fit = fitted(claims, kid=kid, algorithm=algorithm)
    return sealed(_dumped(_as_map(fit)), kid=kid, algorithm=algorithm, sign=sign)


def fitted(claims: Claims, *, kid: str, algorithm: str) -> Claims:
    """The claims as a statement holds them: what is long is shortened as far as it must be, and where that is not
    enough many years keep their outcomes alone. Raises TooLong."""
    claims = shortened(claims)
    texts: dict[str, Any] = {name: cut(getattr(claims, name), _SHORTEST) for name in _SHORTENED}
    if _length(replace(claims, **texts), kid, algorithm) > MOST_BYTES:
        claims = replace(claims, years=without_amounts(claims.years))
    while _length(claims, kid, algorithm) > MOST_BYTES:
        claims = _shorter(claims)
    return claims


def _length(claims: Claims, kid: str, algorithm: str) -> int:
    return len(sealed(_dumped(_as_map(claims)), kid=kid, algorithm=algorithm, sign=lambda part: bytes(_SIGNED)))


def sealed(payload: bytes, *, kid: str, algorithm: str, sign: Sign, content: str = "") -> bytes:
    """A payload as COSE_Sign1, without the tag. What is no statement says in its signed header what it is (`content`),
    so that one is never taken for the other; statements do not, their QR codes are small."""
    named = {_CONTENT: content} if content else {}
    protected = _dumped({_ALG: _COSE_NUMBER[algorithm], _KID: kid.encode()} | named)
    return _dumped([protected, {}, payload, sign(_to_be_signed(protected, payload))])


def opened(content: bytes) -> Message:
    """The parts of a COSE_Sign1. Raises Unreadable; the signature is still to be asked (`is_by`)."""
    try:
        protected, _, payload, signature = loaded(content, list)
        header = loaded(protected, dict)
        algorithm = next(name for name, number in _COSE_NUMBER.items() if number == header[_ALG])
        if not isinstance(payload, bytes) or not isinstance(signature, bytes):
            raise Unreadable("no bytes")
        signed_part, what = _to_be_signed(protected, payload), header.get(_CONTENT, "")
        return Message(header[_KID].decode(), algorithm, payload, signed_part, signature, what)
    except _WRONG as wrong:
        raise Unreadable(str(wrong)) from wrong


def read(content: bytes) -> tuple[Message, Claims]:
    """A statement and what it says. Raises Unreadable; the signature is still to be asked."""
    if len(content) > MOST_READ:
        raise Unreadable("too long")
    message = opened(content)
    if message.content:
        raise Unreadable("something else that was signed")
    try:
        return message, _claims(loaded(message.payload, dict))
    except _WRONG as wrong:
        raise Unreadable(str(wrong)) from wrong


def address(check_url: str, statement: bytes) -> str:
    """The text of the QR code: the address of the check, the statement behind the # that never reaches a server."""
    return f"{check_url}#{base41.encode(statement)}" if statement else check_url


def in_text(text: str) -> bytes:
    """The statement in what was scanned or pasted: a whole address, or what stands behind its #. Raises Unreadable."""
    told = without_blanks(text).rpartition("#")[2]
    try:
        content = base41.decode(told)
    except ValueError as wrong:
        raise Unreadable(str(wrong)) from wrong
    if not content:
        raise Unreadable("empty")
    return content


def loaded(content: Any, kind: type[Kind]) -> Kind:
    """One CBOR item of this kind and nothing behind it; no tags and no open lengths in it, because ours have none and
    the page reads none (static/js/proof/cbor.js). Raises Unreadable."""
    if not isinstance(content, bytes) or not _is_plain(content):
        raise Unreadable("no CBOR of ours")
    try:
        found = cbor2.loads(content)
    except _WRONG as wrong:
        raise Unreadable(str(wrong)) from wrong
    if not isinstance(found, kind):
        raise Unreadable("another kind of item")
    return found


def shortened(claims: Claims) -> Claims:
    """The claims with their long texts at their usual length, the middle left out."""
    texts: dict[str, Any] = {name: cut(getattr(claims, name), most) for name, most in _SHORTENED.items()}
    return replace(claims, **texts)


def cut(text: str, most: int) -> str:
    """At most so many characters: 泉州市洛江区青麓农业…培训服务中心."""
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def _shorter(claims: Claims) -> Claims:
    """With its longest text shorter by a character."""
    name = max(_SHORTENED, key=lambda each: len(getattr(claims, each)))
    text = getattr(claims, name)
    if len(text) <= _SHORTEST:
        raise TooLong(f"the claims of {claims.number} do not fit into a QR code")
    shorter: dict[str, Any] = {name: cut(text, len(text) - 1)}
    return replace(claims, **shorter)


def _as_map(claims: Claims) -> dict[int, Any]:
    values = {key: getattr(claims, name) for key, name in enumerate(_FIELDS, 1)}
    return {key: (value - _EPOCH).days if isinstance(value, date) else value for key, value in values.items() if value}


def _claims(told: Mapping[int, Any]) -> Claims:
    known = {name: told[key] for key, name in enumerate(_FIELDS, 1) if key in told}
    for name in ("dated", "signed"):
        if name in known:
            known[name] = _EPOCH + timedelta(days=known[name])
    for name, value in known.items():
        if type(value) is not (int if name == "year" else date if name in ("dated", "signed") else str):
            raise Unreadable("a claim of another type")
    return Claims(**known)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _dumped(["Signature1", protected, b"", payload])


def _dumped(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _is_plain(content: bytes) -> bool:
    """Do the items' heads, one behind the other, name no tag and no open length?"""
    at = 0
    while at < len(content):
        kind, info = content[at] >> 5, content[at] & 31
        if kind == _TAG or info == _OPEN:
            return False
        more = _LENGTH_BYTES.get(info, 0)
        length = int.from_bytes(content[at + 1 : at + 1 + more]) if more else info
        at += 1 + more + (length if kind in _STRINGS else 0)
    return True
