"""Numbers that no line of a paper parts: those of documents (泉洛政人社〔2017〕27号) and of cases (2026-C-0010).

They are looked for as they stand."""

from __future__ import annotations

import re

_IN_TEXT = r"(?=[^<>]*<)"  # not within a tag
# Where these part from a number they stand alone: in a narrow cell beside the box, outside.
_BEFORE, _AFTER = "[（《“]*", "[）》”，。；、]*"
_OF_CASE = re.compile(rf"{_BEFORE}\d{{4}}-[A-Z]+-\d+{_AFTER}{_IN_TEXT}")
_OF_DOCUMENT = re.compile(rf"({_BEFORE})([\u4e00-\u9fff]{{0,12}})(〔\d{{4}}〕第?\d+号{_AFTER}){_IN_TEXT}")
# What a sentence says before the code of the issuing body. Nothing that a code may hold itself, such as 和 and 经.
_LED_BY = re.compile(r".*(?:依据|根据|按照|依照|参照|关于|印发|以及|执行|适用|符合|违反|贯彻|落实|转发|[见按与由的在])")
LONGEST_CODE = 8


def kept_whole(html: str) -> str:
    """A paper's HTML, each number in the text of its body in a box that no line end parts (common.css); that of a
    document within it in two, its code and what follows, between which the text of a document may go on
    (official.css)."""
    head, body, text = html.partition("<body")
    text = _OF_CASE.sub(r'<span class="docno"><span>\g<0></span></span>', text)
    return head + body + _OF_DOCUMENT.sub(_of_document, text)


def _of_document(found: re.Match[str]) -> str:
    opening, before, number = found.groups()
    code = _LED_BY.sub("", before)[-LONGEST_CODE:]
    outside, first = ("", opening + code) if before == code else (opening + before.removesuffix(code), code)
    return f'{outside}<span class="docno"><span>{first}</span><span>{number}</span></span>'
