"""发文字号 as GB/T 9704-2012 7.2.5 writes them: 泉洛政人社〔2026〕15号, the year that of the document's date.

The papers are the register: a number that a paper has, revoked or not, is used; numbers follow the dates. The bureau
sends documents outside of this system too, so numbers may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from luojiang_ce.proof.statement import MOST_NUMBER
from luojiang_ce.words import first_of

from .dates import chinese_day
from .models import Paper

# Brackets and digits as keyboards have them; the standard's own are 〔〕 and half-width digits.
_AS_WRITTEN = str.maketrans("[]［］()（）【】「」〖〗{}" + "０１２３４５６７８９", "〔〕" * 8 + "0123456789")
_SHAPE = re.compile(r"(?P<code>[\u4e00-\u9fff]+)〔(?P<year>\d{4})〕(?P<nth>第?)(?P<seq>\d{1,6})号")
MOST_GAPS = 6  # runs of free numbers that a sentence names
EXAMPLE = "泉洛政人社〔2026〕15号"


@dataclass(frozen=True)
class DocumentNumber:
    """The code of the issuing body, the year, and which of the year it is."""

    code: str
    year: int
    seq: int

    def __str__(self) -> str:
        return f"{self.code}〔{self.year}〕{self.seq}号"


def written(typed: str) -> str:
    """What was typed with the standard's brackets and digits, without blanks."""
    return re.sub(r"\s", "", typed).translate(_AS_WRITTEN)


def parse(text: str) -> DocumentNumber | None:
    """The number in a text that is one; None otherwise."""
    found = _SHAPE.fullmatch(text)
    return DocumentNumber(found["code"], int(found["year"]), int(found["seq"])) if found else None


def problems(typed: str, dated: date | None) -> Iterator[str]:
    """Everything that is wrong with a number typed for a document of that date: form, year, used already, order."""
    text = written(typed)
    number = parse(text)
    if said := too_long(text):
        yield said
        return
    if number is None:
        yield f"“{text}”不是完整的文号，应为机关代字、〔年份〕、序号和“号”，例如 {EXAMPLE}"
        return
    if str(number) != text:
        yield f"序号前不加“第”，也不补零（GB/T 9704），应写作 {number}"
    if dated and number.year != dated.year:
        free = free_says(number.code, dated.year)
        yield f"文号的年份是 {number.year}，发文日期在 {dated.year} 年，两者须一致；{dated.year} 年{free}"
    if used := Paper.objects.filter(number=str(number)).first():
        yield f"文号 {number} 已用于“{used.title}”，请核对发文登记；{free_says(number.code, number.year)}"
    elif dated:
        yield from _out_of_order(number, dated)


def too_long(text: str) -> str | None:
    """Why a number has too many letters, None where it has not: a paper states it whole in its QR code."""
    if len(text) <= MOST_NUMBER:
        return None
    return (
        f"文号有 {len(text)} 个字，最多 {MOST_NUMBER} 个字（二维码里要写全文号），请核对是否多写了内容，例如 {EXAMPLE}"
    )


def next_free(code: str, year: int) -> DocumentNumber:
    """The number after the last one of that code and year which a paper has."""
    return DocumentNumber(code, year, max((known.seq for known, _ in _known(code, year)), default=0) + 1)


def last_code(year: int, *, default: str) -> str:
    """The code in use: that of the latest document with a number, up to that year."""
    from .kinds import paper_kinds

    with_series = [kind.key for kind in paper_kinds().values() if kind.number_format]
    numbers = Paper.objects.filter(number__contains="〔", year__lte=year).order_by("-dated", "-pk")
    typed = numbers.exclude(kind__in=with_series).values_list("number", flat=True)
    return next((found.code for number in typed if (found := parse(number or ""))), default)


def gaps(code: str, year: int) -> list[tuple[int, int]]:
    """The first and last of each run of numbers below the last one that no paper has: left out, or used for what was
    sent outside of this system."""
    used = sorted({0, *(known.seq for known, _ in _known(code, year))})
    return [(before + 1, after - 1) for before, after in pairwise(used) if after - before > 1]


def gaps_said(code: str, year: int) -> str:
    """Those numbers in words: 3号、5至8号; empty where none was left out."""
    runs = [f"{first}号" if first == last else f"{first}至{last}号" for first, last in gaps(code, year)]
    return first_of(runs, MOST_GAPS, "段")


def free_says(code: str, year: int) -> str:
    """Which numbers of a code and year are free, for whoever typed another."""
    left_out = gaps_said(code, year)
    return f"下一个未用的是 {next_free(code, year)}" + (f"，中间没有用过的有 {left_out}" if left_out else "")


def _known(code: str, year: int) -> Iterator[tuple[DocumentNumber, date]]:
    rows = Paper.objects.filter(number__startswith=f"{code}〔{year}〕").values_list("number", "dated")
    for text, dated in rows:
        if found := parse(text or ""):
            yield found, dated


def _out_of_order(number: DocumentNumber, dated: date) -> Iterator[str]:
    """A later number never bears an earlier date."""
    known = sorted(_known(number.code, number.year), key=lambda each: each[0].seq)
    before = [each for each in known if each[0].seq < number.seq and each[1] > dated]
    after = [each for each in known if each[0].seq > number.seq and each[1] < dated]
    for last, day in before[-1:]:
        yield f"{last} 的发文日期是 {chinese_day(day)}，在它之后的文号不能早于这一天"
    for first, day in after[:1]:
        free = free_says(number.code, number.year)
        yield f"{first} 的发文日期是 {chinese_day(day)}，在它之前的文号不能晚于这一天；{free}"
