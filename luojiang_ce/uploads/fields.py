"""Fields of Word documents: what is written in one may be split over runs, spelled by references, or in UTF-16."""

from __future__ import annotations

import re
from xml.parsers import expat

from luojiang_ce.uploads.dangers import DAMAGED, Refused

UNSAFE_XML = "内部带有不安全的 XML 声明，没有收下。请用 Office 或 WPS 打开后另存，再上传"
POINTS_ELSEWHERE = (
    "打开时会到别处取内容或启动别的程序（外部模板、DDE 等），没有收下。请断开这些链接后另存，或导出为 PDF 再上传"
)
_STARTS = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
_FETCHES = re.compile(r"\b(?:INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK)\b[^\x1f]*?(?:\\\\|file:)", re.IGNORECASE)
_BETWEEN = "\x1f"  # fields


class Fields:
    """The XML of one part as it comes; `end` says what its fields would do. Raises Refused."""

    def __init__(self) -> None:
        self._said: list[str] = []
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
        said = "".join(self._said)
        if _STARTS.search(said) or _FETCHES.search(said):
            raise Refused(POINTS_ELSEWHERE)

    def _parse(self, chunk: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as broken:
            raise Refused(DAMAGED) from broken

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._in_text = local == "instrText"
        if local == "fldChar":
            self._said.append(_BETWEEN)
        for key, value in attributes.items():
            if key.rpartition(" ")[2] == "instr":
                self._said += [_BETWEEN, value, _BETWEEN]

    def _close(self, name: str) -> None:
        self._in_text = False

    def _hear(self, text: str) -> None:
        if self._in_text:
            self._said.append(text)

    def _refuse(self, *_: object) -> None:
        raise Refused(UNSAFE_XML)
