"""The portable record: a JSON file that one district signs and another believes (docs/portable-record.md).

Pure: values, keys and bytes in; values and bytes out. The file is a JSON Web Signature (RFC 7515 §7.2.2): what was
signed is carried as the bytes that were signed, so that nothing depends on how JSON is written. Its `typ` says what it
is; the key has this purpose alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from luojiang_ce.checked_json import Fields, as_day
from luojiang_ce.papers.codes import plain
from luojiang_ce.proof.signing import ES256
from verification.choices import SUBJECTS_OF, Form, Measure, Subject
from verification.requirements.assess import Outcome

SCHEMA, TYP = "continuing-education-record/1", "ce-record+json"
MOST_BYTES = 2_000_000  # 40 trainings a year over 20 years come to 500 KB
MOST_ENTRIES, MOST_YEARS = 2000, 40
MOST_ORIGINS = 10  # districts through which an entry has come
MOST_KID = 100
MOST_ADDRESS = 200
MOST_AMOUNT = Decimal("9999.99")
FIRST_YEAR = 1990
DEEPEST = 12
OUTCOMES = tuple(each.value for each in Outcome)
SCRYPT = {"n": 2**15, "r": 8, "p": 1}
_MEMORY = 64 * 1024 * 1024
_WRONG = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
# A text, or what was begun as one to the end: each character is looked at once, whatever the file holds.
_TEXTS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
# What moves a cursor or turns the direction of a line.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MOST_PROBLEMS = 50  # that are told of one file
ISSUER = re.compile(r"[0-9A-Za-z.:/_-]{1,200}")
NO_ISSUER = "应为不带 https:// 的网址，只含字母、数字和 . : / _ -，最多 200 个字符"
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class Unusable(ValueError):
    """The file cannot be taken; `problems` says everything that is wrong with it, in Chinese."""

    def __init__(self, *problems: str) -> None:
        more = len(problems) - MOST_PROBLEMS
        self.problems = (*problems[:MOST_PROBLEMS], f"……另有 {more} 处") if more > 0 else problems
        super().__init__("；".join(self.problems))


@dataclass(frozen=True)
class Signed:
    """A file as it was read: by which key, over what; not yet whether that is true. `parts`: those of it that are
    signed or sign, to be kept; whatever else stood in the file is nobody's word."""

    kid: str
    payload: bytes
    signed_part: bytes
    signature: bytes
    parts: Mapping[str, str]

    def is_by(self, verify: Verify) -> bool:
        """Was exactly this signed with the key?"""
        return verify(self.signed_part, self.signature)


@dataclass(frozen=True)
class Origin:
    """A district through which an entry has come, and the paper by which it left it."""

    issuer: str
    district: str
    paper: str


@dataclass(frozen=True)
class Entry:
    """An entry of the record; `amount` in 学时 or 学分 as `measure` says; `origins`: newest first, the last is where it
    was first entered; none where the issuer has recognised it itself."""

    year: int
    measure: str
    subject: str
    amount: Decimal
    form: str
    title: str
    organiser: str
    date_from: date | None
    date_to: date | None
    intensive: bool
    course: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class Record:
    """What a file says."""

    issuer: str
    paper_number: str
    paper_dated: date
    exported: date
    name: str
    binding: Mapping[str, Any]
    entries: tuple[Entry, ...]


# --- writing ----------------------------------------------------------------------------------------------------------


def sealed(content: Mapping[str, Any], *, kid: str, sign: Sign) -> bytes:
    """The file of this content."""
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    header = json.dumps({"alg": ES256, "kid": kid, "typ": TYP}, separators=(",", ":")).encode()
    parts = {"payload": b64(payload), "protected": b64(header)}
    parts["signature"] = b64(sign(_signed_part(parts)))
    return json.dumps(parts, indent=1).encode()


def compact(claims: Mapping[str, Any], *, kid: str, typ: str, sign: Sign) -> str:
    """The same as compact JWS, as JWT are written."""
    header = {"alg": ES256, "kid": kid, "typ": typ}
    parts = [b64(json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode()) for each in (header, claims)]
    return ".".join([*parts, b64(sign(".".join(parts).encode()))])


def bound_to(number: str, code: str, salt: str) -> dict[str, Any]:
    """What tells the receiver, who knows the ID number and has the paper, that the record is this person's.

    An ID number alone can be guessed from a digest, however slow: birthday, place and sex leave some thousands. So the
    paper's check code (60 random bits, not in the file) goes into it: the file alone gives nothing to guess against.
    """
    return {"method": "scrypt", **SCRYPT, "salt": salt, "digest": _digest(number, code, salt)}


def is_bound_to(record: Record, number: str, code: str) -> bool:
    """Is it the record of whoever has this ID number, by the paper with this check code?"""
    told = str(record.binding["digest"])
    return hmac.compare_digest(told, _digest(number, code, str(record.binding["salt"])))


def _digest(number: str, code: str, salt: str) -> str:
    secret = f"{number.strip().upper()}|{plain(code)}".encode()
    return b64(hashlib.scrypt(secret, salt=_unb64(salt), maxmem=_MEMORY, dklen=32, **SCRYPT))


# --- reading ----------------------------------------------------------------------------------------------------------


def opened(content: bytes) -> Signed:
    """The parts of a file. Raises Unusable; the signature is still to be asked (`is_by`)."""
    if len(content) > MOST_BYTES:
        raise Unusable(f"文件超过 {MOST_BYTES // 1_000_000} MB，不是继续教育电子记录；请选择对方系统下载的原文件")
    try:
        parts = loaded(content.decode("utf-8-sig"))
        header = loaded(_unb64(parts["protected"]).decode())
        typ, algorithm, kid = header["typ"], header["alg"], header["kid"]
        kept = {name: parts[name] for name in ("payload", "protected", "signature")}
        found = Signed(kid, _unb64(parts["payload"]), _signed_part(parts), _unb64(parts["signature"]), kept)
    except _WRONG as wrong:
        raise Unusable("文件不是继续教育电子记录，或没有存完整；请选择对方系统下载的原文件") from wrong
    if typ != TYP:
        raise Unusable("文件有签名，但不是继续教育电子记录（可能是同时下载的 Open Badges 文件），请选择电子记录文件")
    if "crit" in header:  # RFC 7515 4.1.11: what must be understood and is not
        raise Unusable("签名里要求接收方懂得的内容（crit），本系统不认识，请对方重新出具")
    if algorithm != ES256:
        raise Unusable(f"签名算法不认识：只认 {ES256}，请对方重新出具")
    if not isinstance(kid, str) or not is_plain(kid, MOST_KID):
        raise Unusable(f"密钥编号应为不超过 {MOST_KID} 个字的文字，请对方重新出具")
    return found


def issuer_in(signed: Signed) -> str:
    """Whose it says it is: by whose keys the signature is to be asked. Raises Unusable."""
    try:
        issuer = loaded(signed.payload.decode())["issuer"]["id"]
    except _WRONG as wrong:
        raise Unusable("电子记录里没有出具地区，请对方重新出具") from wrong
    if not isinstance(issuer, str) or not ISSUER.fullmatch(issuer):
        raise Unusable("电子记录里的出具地区不是一个地址，请对方重新出具")
    return issuer


def read(signed: Signed, *, today: date) -> Record:
    """What a signed file says. Raises Unusable with everything that is wrong."""
    try:
        content = loaded(signed.payload.decode())
    except _WRONG as wrong:
        raise Unusable("电子记录的内容读不出来，请对方重新出具") from wrong
    problems: list[str] = []
    whole = Fields(content, "", problems)
    if whole.value.get("schema") != SCHEMA:
        raise Unusable(f"电子记录的格式版本不认识：只认 {SCHEMA}，请对方升级或重新出具")
    issuer, paper, person = whole.nested("issuer"), whole.nested("paper"), whole.nested("person")
    _optional(paper, "check", MOST_ADDRESS)
    record = Record(
        issuer=issuer.text("id"),
        paper_number=short(paper, "number", 60),
        paper_dated=paper.day("dated"),
        exported=whole.day("exported"),
        name=short(person, "name", 50),
        binding=_binding(person.nested("binding")),
        entries=tuple(_entries(whole, today)),
    )
    if problems:
        raise Unusable(*problems)
    return record


def _binding(told: Fields) -> Mapping[str, Any]:
    """Only the method and costs that are known: nobody makes the receiver work for a day."""
    if {name: told.value.get(name) for name in ("method", *SCRYPT)} != {"method": "scrypt", **SCRYPT}:
        told.note("method", f"只认 scrypt {SCRYPT}")
    found = {name: told.text(name) for name in ("salt", "digest")}
    for name, value in found.items():
        try:
            _unb64(value)
        except _WRONG:
            told.note(name, "应为 base64url 文字")
    return found


def _entries(whole: Fields, today: date) -> Iterator[Entry]:
    if _many(whole.value.get("years")) > MOST_YEARS:
        whole.note("years", f"应为 1 到 {MOST_YEARS} 个不同的年度")
        return
    years = list(whole.objects("years"))
    if sum(_many(each.value.get("entries")) for each in years) > MOST_ENTRIES:
        whole.note("years", f"学时记录超过 {MOST_ENTRIES} 条")
        return
    known = [each.year("year") for each in years]
    if not 0 < len(known) <= MOST_YEARS or len(set(known)) < len(known):
        whole.note("years", f"应为 1 到 {MOST_YEARS} 个不同的年度")
        return
    for year, told in zip(known, years, strict=True):
        if not FIRST_YEAR <= year <= today.year:
            told.note("year", f"年度应在 {FIRST_YEAR} 到 {today.year} 之间")
        _must_be_a_year(told)
        for each in told.objects("entries"):
            yield _entry(each, year, today)


def _must_be_a_year(told: Fields) -> None:
    """What is shown of a year besides its entries is of the types that the format says."""
    verdict, verification = told.nested("verdict"), told.nested("verification")
    verdict.choice("outcome", *OUTCOMES)
    verification.flag("stamped")
    for of, keys in ((verdict, ("label", "remark")), (verification, ("label", "paper")), (told, ("waiver",))):
        for key in keys:
            _must_be_text(of, key)
    if told.has("basis"):
        _must_be_text(told, "basis")
    _day(verification, "dated")
    for absence in told.objects("absences"):
        absence.day("from"), absence.day("to")
    list(verdict.objects("rows"))
    if told.has("rule"):
        for key in ("code", "title", "document"):
            _must_be_text(told.nested("rule"), key)


def _must_be_text(told: Fields, key: str) -> None:
    if not isinstance(told.value.get(key), str):
        told.note(key, "应为文字")


def _many(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _entry(told: Fields, year: int, today: date) -> Entry:
    measure = told.choice("measure", *Measure.values)
    subject = told.choice("subject", *Subject.values)
    if subject not in SUBJECTS_OF[Measure(measure)]:
        told.note("subject", "科目与计量不符")
    first, last = _day(told, "from"), _day(told, "to")
    if first and last and last < first:
        told.note("to", "结束日期早于开始日期")
    for key, day in (("from", first), ("to", last)):
        if day and not FIRST_YEAR <= day.year <= today.year:
            told.note(key, f"日期应在 {FIRST_YEAR} 年到 {today.year} 年之间")
    return Entry(
        year=year,
        measure=measure,
        subject=subject,
        amount=_amount(told),
        form=told.choice("form", *Form.values),
        title=short(told, "title", 200),
        organiser=_optional(told, "organiser", 100),
        date_from=first,
        date_to=last,
        intensive=told.flag("intensive"),
        course=_optional(told, "course", 100),
        origins=tuple(_origins(told)),
    )


def _origins(told: Fields) -> Iterator[Origin]:
    found = list(told.objects("origins"))
    if len(found) > MOST_ORIGINS:
        told.note("origins", f"最多 {MOST_ORIGINS} 个地区")
    for each in found[:MOST_ORIGINS]:
        if not ISSUER.fullmatch(each.text("issuer")):
            each.note("issuer", NO_ISSUER)
        yield Origin(each.text("issuer"), short(each, "district", 100), short(each, "paper", 60))


def _amount(told: Fields) -> Decimal:
    amount = told.decimal("amount")
    if amount != amount.quantize(Decimal("0.01")) or not 0 < amount <= MOST_AMOUNT:
        told.note("amount", f"应大于 0，不超过 {MOST_AMOUNT}，最多两位小数")
        return Decimal(1)
    return amount


def _day(told: Fields, key: str) -> date | None:
    value = told.value.get(key)
    if value is not None and as_day(value) is None:
        told.note(key, "应为 年-月-日，或 null")
    return as_day(value)


def short(told: Fields, key: str, most: int) -> str:
    """A text of at most so many characters that every database keeps."""
    text = told.text(key)
    if text and not is_plain(text, most):
        told.note(key, f"最多 {most} 个字，不含控制字符")
    return text


def is_plain(text: str, most: int) -> bool:
    """Is it not longer, and without control characters?"""
    return len(text) <= most and not CONTROL.search(text)


def _optional(told: Fields, key: str, most: int) -> str:
    return "" if told.value.get(key) == "" else short(told, key, most)


# --- JSON and base64url, strictly -------------------------------------------------------------------------------------


def loaded(text: str) -> Any:
    """JSON without double keys, NaN, fractions, depths or halves of characters; ValueError and the like otherwise."""
    if _depth(text) > DEEPEST:
        raise ValueError("too deep")
    found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refused, parse_float=_refused)
    json.dumps(found, ensure_ascii=False).encode()  # refuses half a surrogate pair, which no page and no database takes
    return found


def _depth(text: str) -> int:
    """How deep it is nested at most."""
    deepest = depth = 0
    for character in _TEXTS.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _refused(text: str) -> Any:
    raise ValueError(f"no number of a record: {text}")


def _signed_part(parts: Mapping[str, str]) -> bytes:
    return f"{parts['protected']}.{parts['payload']}".encode()


def b64(content: bytes) -> str:
    """base64url without padding, as RFC 7515 writes bytes."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    """The other way, and of each bytes one text alone."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(content) != text:
        raise ValueError("no base64url")
    return content
