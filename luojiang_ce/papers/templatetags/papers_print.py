"""What printed papers compute from their own text: sizes and places that CSS cannot know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from luojiang_ce.papers.blanks import CHINESE
from luojiang_ce.papers.dates import chinese_day as _chinese_day
from luojiang_ce.papers.title_words import cut, title_lines, width_of

register = template.Library()

TEXT_WIDTH_PT = 156 / 25.4 * 72
HEAD_TALLEST_PT = 22 / 25.4 * 72
HEAD_NARROWEST = 15 / 22  # a head is at most 22 mm high and then 15 mm wide a character
_BLANK = re.compile(rf"(?<=[{CHINESE}]) +(?=[{CHINESE}\d])|(?:(?<=\d)|(?<=\d\.)) +(?=[{CHINESE}])")
# Marks as keyboards have them, beside a Chinese character; brackets behind one or around one.
_HALF_WIDTH = re.compile(rf"(?<=[{CHINESE}])[,;:?!]|[,;:?!](?=[{CHINESE}])")
_FULL_WIDTH = str.maketrans(",;:?!", "，；：？！")
_BRACKETS = re.compile(rf"(?:(?<=[{CHINESE}])|(?<=[{CHINESE}] ))\(([^()]*)\)|\(([^()]*[{CHINESE}][^()]*)\)")
# Of sums and heads alone: 301,302室 are two rooms.
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:,\d{3})*(?:\.\d+)? ?[元人万])")
_DOUBLED = re.compile(r"(?<=[^（《、])（([^（）]{2,})））")
_DAY = r"((?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)"
_PERIOD = re.compile(rf"{_DAY}( ?至 ?){_DAY}")
_LEVEL = re.compile(r"(?P<hei>[一二三四五六七八九十]+、)|(?P<kai>（[一二三四五六七八九十]+）)")
_HEADING = re.compile(r"[^：。；，]{1,24}[：。]")
_NOT_IN_CSS = re.compile(r"""["'\\<>&\r\n]""")
DATE_INDENT = 4.0  # GB/T 9704: the date stands four characters in from the right


@dataclass(frozen=True)
class RedHead:
    """The issuer's name in red: size and how far in it begins in points, its width as a share of the usual."""

    text: str
    size: float
    narrow: float
    indent: float


@dataclass(frozen=True)
class Signature:
    """Date and issuer at the end of a document; the issuer's width as a share of the usual."""

    date: str
    narrow: float


register.filter("chinese_day", _chinese_day)


@register.simple_tag
def red_head(text: str) -> RedHead:
    """The head of a document, the issuer and 文件: across the text area, condensed rather than small."""
    full = text if text.endswith("文件") else f"{text}文件"
    usual = TEXT_WIDTH_PT / width_of(full)  # the size at which it fits as wide as it is
    size = round(min(HEAD_TALLEST_PT, usual / HEAD_NARROWEST), 1)
    narrow = min(1.0, usual / size)
    return RedHead(full, size, round(narrow, 4), round((TEXT_WIDTH_PT - width_of(full) * size * narrow) / 2, 1))


@register.simple_tag
def signature(issuer: str, dated: date) -> Signature:
    """The date four characters in from the right, the issuer centred over it: condensed where it would else leave the
    text area (GB/T 9704 7.3.5.1)."""
    day = _chinese_day(dated)
    return Signature(day, round(min(1.0, (2 * DATE_INDENT + width_of(day)) / width_of(issuer)), 3) if issuer else 1.0)


@register.filter
def hours(value: Decimal | int | str | None) -> str:
    """Hours or credits on paper: as many decimals as are needed, two at most (36, 12.25); empty for None."""
    return "" if value is None or value == "" else f"{round(Decimal(value), 2).normalize():f}"


@register.filter
def closed_up(text: str) -> str:
    """A text as documents write it: no blanks beside Chinese characters and the digits between them, none after the
    number of an item (1.); Chinese marks beside Chinese characters, no marks within a figure; a bracket that ends with
    another one is said with a comma."""
    bracketed = _BRACKETS.sub(lambda found: f"（{found[1] or found[2] or ''}）", _THOUSANDS.sub("", text))
    written = _HALF_WIDTH.sub(lambda found: found[0].translate(_FULL_WIDTH), bracketed)
    return _DOUBLED.sub(r"，\1）", _BLANK.sub("", written))


@register.filter
def levelled(paragraph: str) -> SafeString:
    """A paragraph whose number says its level (GB/T 9704 7.3.3): 一、 in 黑体, （一） in 楷体, with its heading where
    one stands before a text; an item that is one sentence has none."""
    found = _LEVEL.match(paragraph)
    if found is None:
        return format_html("{}", paragraph)
    heading = _HEADING.match(paragraph)
    end = heading.end() - 1 if heading and heading.end() < len(paragraph) else found.end()
    return format_html('<span class="{}">{}</span>{}', found.lastgroup, paragraph[:end], paragraph[end:])


@register.filter
def whole_days(text: str) -> str:
    """A cell that says from which day to which: its line ends between the days, not within one."""
    period = _PERIOD.fullmatch(text)
    return format_html('<span class="day">{}</span>{}<span class="day">{}</span>', *period.groups()) if period else text


@register.filter
def by_sense(title: str) -> SafeString:
    """A title in lines that end between words."""
    return _in_lines(title_lines(title))


@register.filter
def parted_as(title: str, kept: str) -> SafeString:
    """A title in the lines that were looked at before it was issued; by sense where they are of another title."""
    return _in_lines(cut(title, kept.splitlines()) or title_lines(title))


def _in_lines(lines: Iterable[str]) -> SafeString:
    return format_html_join("", '<span class="line">{}</span>', ((line,) for line in lines))


@register.filter
def css_text(text: str) -> SafeString:
    """A text as a string of a style sheet, without what could end it there."""
    return format_html('"{}"', _NOT_IN_CSS.sub("", text))
