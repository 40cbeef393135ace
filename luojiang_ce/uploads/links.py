"""XML parts of workbooks and slides: which of them fetch or start something when the document is opened. Read by an XML
reader, for a name may be written with any prefix and in any alphabet."""

from __future__ import annotations

from xml.parsers import expat

from luojiang_ce.uploads.dangers import DAMAGED, Refused
from luojiang_ce.uploads.fields import POINTS_ELSEWHERE, UNSAFE_XML
from luojiang_ce.uploads.shares import is_on_a_share

_ROOTS = ("externalLink", "connections")  # of the parts that say what lies elsewhere; others are read no further
_FETCHES = frozenset(("ddeLink", "dbPr", "olapPr", "webPr", "oledbPr", "dataFeedPr"))
_SLICE = 4_000  # bytes within which most roots begin


class Links:
    """The XML of one part as it comes. Raises Refused for what it would fetch or start."""

    def __init__(self) -> None:
        self._root = ""
        self._has_doctype = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begin
        self._parser.StartDoctypeDeclHandler = self._note_doctype

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        for at in range(0, len(chunk), _SLICE):
            if self._root and self._root not in _ROOTS:
                return
            self._parse(chunk[at : at + _SLICE])

    def end(self) -> None:
        """All has come. What has no root is no XML to anybody."""

    def _parse(self, some: bytes) -> None:
        try:
            self._parser.Parse(some, False)
        except expat.ExpatError as broken:
            # What is read no further may be broken further on.
            if not self._root or self._root in _ROOTS:
                raise Refused(DAMAGED) from broken

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._root:
            self._root = local
            if self._has_doctype and local != "svg":  # drawing programs write one, and none of its names is read here
                raise Refused(UNSAFE_XML)
        if self._root not in _ROOTS:
            return
        if local in _FETCHES or is_on_a_share(attributes.get("sourceFile", "")):
            raise Refused(POINTS_ELSEWHERE)

    def _note_doctype(self, *_: object) -> None:
        self._has_doctype = True
