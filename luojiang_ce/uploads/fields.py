"""Fields of Word documents: what is written in one may be split over runs, spelled by references, or in UTF-16, and
fields lie within fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from luojiang_ce.uploads.dangers import DAMAGED, Refused
from luojiang_ce.uploads.shares import is_on_a_share

UNSAFE_XML = "内部带有不安全的 XML 声明，没有收下。请用 Office 或 WPS 打开后另存，再上传"
POINTS_ELSEWHERE = (
    "打开时会到别处取内容或启动别的程序（外部模板、网络共享里的图片、DDE 等），没有收下。"
    "请断开这些链接后另存，再上传；能交 PDF 的，也可以导出为 PDF"
)
_CLICKED = "HYPERLINK"  # whatever is written in it, nothing happens before somebody clicks
_PICTURE = "INCLUDEPICTURE"
_DOES = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|IMPORT|LINK)\b", re.IGNORECASE)
_NAMED = re.compile(r"\s*(?:=|\S+[\s\"“”])")  # a formula, or a name that has ended
_BLANKS = re.compile(r"[\s\"“”]+")


@dataclass
class Field:
    """One field while it is read: its instruction, whether its result has begun, whether others make up its text."""

    said: list[str] = field(default_factory=list)
    is_result: bool = False
    is_composed: bool = False


class Fields:
    """The XML of one part as it comes; `end` says that all has come. Raises Refused for what fields would do."""

    def __init__(self) -> None:
        self._open = [Field(is_composed=True)]  # the first is no field: what stands outside of all
        self._in_text = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._hear
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        self._parse(chunk, is_last=False)

    def end(self) -> None:
        """All has come."""
        self._parse(b"", is_last=True)
        while self._open:
            must_be_harmless(self._open.pop())

    def _parse(self, chunk: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as broken:
            raise Refused(DAMAGED) from broken

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._in_text = local == "instrText"
        told = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if local == "fldChar":
            self._turn(told.get("fldCharType", ""))
        if "instr" in told:
            must_be_harmless(Field([told["instr"]]))

    def _turn(self, to: str) -> None:
        """A field begins, its result begins, or it ends."""
        if to == "begin":
            self._open.append(Field())
        elif to == "separate":
            self._open[-1].is_result = len(self._open) > 1
        elif to == "end" and len(self._open) > 1:
            ended = self._open.pop()
            must_be_harmless(ended)
            self._pass_on(ended)

    def _pass_on(self, ended: Field) -> None:
        """A field in the instruction of another one is part of it."""
        outer = self._open[-1]
        if len(self._open) > 1 and not outer.is_result:
            if not _NAMED.match("".join(outer.said)):  # then the other field says what this one does
                raise Refused(POINTS_ELSEWHERE)
            outer.said += ended.said
            outer.is_composed = True

    def _close(self, name: str) -> None:
        self._in_text = False

    def _hear(self, text: str) -> None:
        if self._in_text:
            self._open[-1].said.append(text)

    def _refuse(self, *_: object) -> None:
        raise Refused(UNSAFE_XML)


def must_be_harmless(ended: Field) -> None:
    """Raises Refused for a field that would start or fetch something."""
    words = [each for each in _BLANKS.split("".join(ended.said)) if each]
    name = words[0].upper() if words else ""
    if name == _CLICKED and not ended.is_composed:
        return
    fetches = name == _PICTURE and (ended.is_composed or any(map(is_on_a_share, words)))
    if fetches or _DOES.search(" ".join(words)):
        raise Refused(POINTS_ELSEWHERE)
