"""What printed papers compute from their own text: sizes and places that CSS cannot know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from luojiang_ce.papers.dates import chinese_day as _chinese_day

register = template.Library()

TEXT_WIDTH_PT = 156 / 25.4 * 72
DIGIT = 0.52  # width of a digit in a Song font, in characters
_CHINESE = r"\u3001-\u303f\u4e00-\u9fff\uff01-\uff60\u2018-\u201d"
_BLANK = re.compile(rf"(?<=[{_CHINESE}]) +(?=[{_CHINESE}\d])|(?:(?<=\d)|(?<=\d\.)) +(?=[{_CHINESE}])")
# What the lines of a title never part (GB/T 9704: 回行词意完整).
_WHOLE = re.compile(
    r"(\d+年度?|（第\d+期）|专业技术人员|继续教育|年度验证|培训项目|培训计划|培训班|研修班|关于(?:准予|公布)?|开班的通知|"
    r"的通知|监督检查的(?:处理决定|拟作处理告知))"
)
_DAY = r"((?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)"
_PERIOD = re.compile(rf"{_DAY}( ?至 ?){_DAY}")
DATE_INDENT = 4.0  # GB/T 9704: the date stands four characters in from the right


@dataclass(frozen=True)
class RedHead:
    """The issuer's name in red: as large as fits across the text area, at most 40 pt."""

    text: str
    size: float


@dataclass(frozen=True)
class Signature:
    """Issuer and date at the end of a document; distances from the right in characters."""

    date: str
    date_right: float
    issuer_right: float
    seal_right: float


register.filter("chinese_day", _chinese_day)


@register.simple_tag
def red_head(text: str) -> RedHead:
    """The head of a document: the issuer and 文件."""
    full = text if text.endswith("文件") else f"{text}文件"
    return RedHead(full, round(min(40.0, TEXT_WIDTH_PT / len(full)), 1))


@register.simple_tag
def signature(issuer: str, dated: date) -> Signature:
    """Where issuer and date stand: the date four characters in, the issuer centred over it, not beyond the margin."""
    day = _chinese_day(dated)
    middle = DATE_INDENT + width_of(day) / 2
    return Signature(day, DATE_INDENT, max(0.0, round(middle - width_of(issuer) / 2, 2)), round(middle, 2))


@register.filter
def hours(value: Decimal | int | str | None) -> str:
    """Hours or credits on paper: at least one decimal, two where they are needed (36.0, 12.25); empty for None."""
    if value is None or value == "":
        return ""
    amount = Decimal(value)
    return f"{amount:.1f}" if amount == amount.quantize(Decimal("0.1")) else f"{amount:.2f}"


@register.filter
def closed_up(text: str) -> str:
    """A text as documents write it: no blanks beside Chinese characters and the digits between them,
    none after the number of an item (1.)."""
    return _BLANK.sub("", text)


@register.filter
def whole_days(text: str) -> str:
    """A cell that says from which day to which: its line ends between the days, not within one."""
    period = _PERIOD.fullmatch(text)
    return format_html('<span class="day">{}</span>{}<span class="day">{}</span>', *period.groups()) if period else text


@register.filter
def by_sense(title: str) -> SafeString:
    """A title whose lines end between words where these are known."""
    parts = [(part, " class=whole" if nth % 2 else "") for nth, part in enumerate(_WHOLE.split(title)) if part]
    return format_html_join("", "<span{1}>{0}</span>", parts)


def width_of(text: str) -> float:
    """The width of a text in characters: digits and Latin letters are narrow."""
    return sum(DIGIT if character.isascii() else 1.0 for character in text)
