"""The numbers of a periodical or an article as they are typed: ISSN, CN, DOI. Pure."""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile(r"[‐-―−﹣－—]")
_DOI = re.compile(r"10\.\d{4,9}/[^\s;；,，、]+", re.IGNORECASE)
_CN = re.compile(r"CN\s*:?\s*(\d{2})\s*-\s*(\d{4})(?:\s*/\s*([A-Z]{1,2}[0-9]*))?", re.IGNORECASE)
_ISSN = re.compile(r"(?<![\d-])(\d{4})\s*-?\s*(\d{3})([\dX])(?![\d-])", re.IGNORECASE)
_WORDS = re.compile(
    r"https?://(?:dx\.)?doi\.org/|e?-?ISSN|DOI|CN|国际标准(?:连续出版物|刊)号|国内统一(?:连续出版物|刊)号|刊号|[\s:：;；,，、/.()]",
    re.IGNORECASE,
)
EXAMPLES = "ISSN（如 0000-0000）、国内统一刊号（如 CN 00-0000/S）或 DOI（如 10.0000/xxxx）"


def read_serial(typed: str) -> str:
    """What was typed, in one way of writing: “ISSN 1000-0003；CN 35-0001/S”. Raises ValueError with what is wrong."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", typed)).strip()
    found: list[str] = []
    rest = _DOI.sub(lambda match: found.append(f"DOI {match[0].rstrip('.')}") or "", text)  # type: ignore[func-returns-value]
    rest = _CN.sub(lambda match: found.append(_cn(match)) or "", rest)  # type: ignore[func-returns-value]
    rest = _ISSN.sub(lambda match: found.append(_issn(match)) or "", rest)  # type: ignore[func-returns-value]
    if left := _WORDS.sub("", rest):
        raise ValueError(f"认不出“{left[:40]}”。请对照刊物版权页填 {EXAMPLES}；有几种的用分号隔开")
    if not found:
        raise ValueError(f"请填 {EXAMPLES}")
    return "；".join(dict.fromkeys(sorted(found, key=lambda said: said.split()[0] != "ISSN")))


def _cn(match: re.Match[str]) -> str:
    return f"CN {match[1]}-{match[2]}" + (f"/{match[3].upper()}" if match[3] else "")


def _issn(match: re.Match[str]) -> str:
    """ISO 3297: the last character checks the seven digits before it."""
    digits, last = match[1] + match[2], match[3].upper()
    check = -sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    said = f"{match[1]}-{match[2]}{last}"
    if ("X" if check == 10 else str(check)) != last:
        raise ValueError(f"ISSN {said} 的最后一位与前七位不符，可能抄错了一位，请对照刊物版权页")
    return f"ISSN {said}"
