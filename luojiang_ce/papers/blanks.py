"""No blanks around a figure and its measure word on any paper: 公共科目30学时. Screens and public facts have them, so
whoever compares both is told that blanks do not count.

Any other blank is printed as it was typed (Python 3 入门, a telephone), and so is one beside a tag or a line's end: a
name in a tag of its own stays apart from a figure."""

from __future__ import annotations

import re

# As a class of characters: letters of every plane, marks, full-width forms, “quotes”.
CHINESE = r"\u2018-\u201d\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60\U00020000-\U0003ffff"
_MEASURE = "(?:学时|学分|学年|课时|小时|[年月日天期届批次节门级个人名位家项条份件张页号分元万])"
_FIGURE = r"\d(?:[\d.,]*\d)?"
_IN_TEXT = r"(?![^<>]*>)"  # not within a tag
_BEFORE = re.compile(rf"(?<=[{CHINESE}]) (?={_FIGURE} ?{_MEASURE}){_IN_TEXT}")
# Not of a longer number: 0595-2263 0000 人事科, 2026-10-20 日程, 15:00 人工窗口.
_BEHIND = re.compile(rf"(?<![\dA-Za-z.,:/-])(?<![\d-] )({_FIGURE}) (?={_MEASURE}){_IN_TEXT}")


def closed_up_figures(text: str) -> str:
    """A text, or the body of a paper's HTML, with its figures and their measure words beside what they belong to."""
    head, body, text = text.rpartition("<body")
    return head + body + _BEHIND.sub(r"\1", _BEFORE.sub("", text))
