"""A forward-only pass over XML parts, in bounded memory, that refuses what a hostile part could do."""

from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from ..problems import Unreadable

CHUNK = 1 << 16
DAMAGED = "文件内部结构损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
# Expat scans an unfinished tag or comment anew with every chunk; no honest one is this long.
_LONGEST_TOKEN = 1 << 20
# A cell of Excel holds 32,767 characters.
_LONGEST_TEXT = 32_768

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)

Attributes = dict[str, str]


class Source(Protocol):
    """What an XML part is read from."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; empty at the end."""
        ...


def tag_table(*tags: str) -> dict[str, str]:
    """Expat's full names of these tags, in the Transitional and the Strict vocabulary, to their short ones."""
    return {f"{namespace} {tag}": tag for namespace in MAIN_NAMESPACES for tag in tags}


class XmlPass:
    """Reads one part; a subclass handles the starts of elements and asks for text where it wants it."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        # Without a document type there are no entities: none to expand a billion times, none to fetch.
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._text: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        raise NotImplementedError

    def feed(self, source: Source) -> Iterator[None]:
        """Reads the part chunk by chunk, yielding after each; Unreadable where it is no sound XML."""
        fed = 0
        try:
            while chunk := source.read(CHUNK):
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise Unreadable(DAMAGED)
                yield
            self._parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError) as error:
            raise Unreadable(DAMAGED) from error
        yield

    def capture(self) -> None:
        """Collects the text up to the end of the element that begins now."""
        self._parser.CharacterDataHandler = self._collect
        self._parser.EndElementHandler = self._captured

    def skip(self) -> None:
        """Ignores everything up to the end of the element that begins now."""
        self._depth = 1
        self._parser.StartElementHandler = self._deeper
        self._parser.EndElementHandler = self._shallower

    def take_text(self) -> str:
        """The text collected since it was last taken."""
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        return text

    def _collect(self, data: str) -> None:
        if self._length < _LONGEST_TEXT:
            self._text.append(data)
            self._length += len(data)

    def _captured(self, name: str) -> None:
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None

    def _deeper(self, name: str, attributes: Attributes) -> None:
        self._depth += 1

    def _shallower(self, name: str) -> None:
        self._depth -= 1
        if not self._depth:
            self._parser.StartElementHandler = self.start
            self._parser.EndElementHandler = None

    def _refuse_doctype(self, *args: object) -> None:
        raise Unreadable("文件内部带有不安全的 XML 声明，已拒绝读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")
