"""No blanks between Chinese characters and figures on any paper: 公共科目30学时. Screens have them.

A figure that is part of a longer number (a telephone, a time of day, 2026-JH-001) keeps its blank."""

from __future__ import annotations

import re

_CHINESE = r"\u3001-\u303f\u4e00-\u9fff\uff01-\uff60"
_FIGURE = r"\d[\d.,]*"
_IN_TEXT = r"(?=[^<>]*<)"  # not within a tag
_BEFORE = re.compile(rf"(?<=[{_CHINESE}]) (?={_FIGURE} ?[{_CHINESE}]){_IN_TEXT}")
_BEHIND = re.compile(rf"(?<![A-Za-z\d.:-])({_FIGURE}) (?=[{_CHINESE}]){_IN_TEXT}")


def closed_up_figures(html: str) -> str:
    """A paper's HTML with the figures in the text of its body beside the words that they belong to."""
    head, body, text = html.partition("<body")
    return head + body + _BEHIND.sub(r"\1", _BEFORE.sub("", text))
