"""PDFs: what in one runs, sends, or hides another file. Read with qpdf, which mends what is slightly broken."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import pikepdf

from luojiang_ce.uploads.dangers import DAMAGED, EICAR, HOLDS_FILES, LOCKED, Refused
from luojiang_ce.uploads.shares import is_on_a_share

MOST_PAGES = 5_000  # a year's papers of a large unit have some hundred
# As names are written once qpdf has undone every other way to write them. What is never reached it leaves out.
_RUNS = re.compile(
    rb"/(?:JavaScript|Launch|SubmitForm|ImportData|RichMedia|XFA|GoToE|Rendition|OnInstantiate)(?=[\s/<>\[\]()]|$)"
)
_FILES = re.compile(rb"/(?:EmbeddedFiles?|FileAttachment|EF)(?=[\s/<>\[\]()]|$)")
_BY_ITSELF = re.compile(rb"/AA(?=[\s/<>\[\]()]|$)")
# Links but to the web and to a mail, and names of files: what is written so is looked at.
_LEADS = re.compile(
    rb"(?<!/S )/URI(?=[\s/<>\[\]()])(?!\s*\((?i:https?://|mailto:))|/(?:F|UF|DOS|Unix|Base)(?:\s*[(<]|\s+\d+\s+\d+\s+R)"
)
_NAMES_OF_FILES = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
_LEADING = ("/URI", "/Base", *_NAMES_OF_FILES)
_OPENED = ("http://", "https://", "mailto:", "tel:")
_ELSEWHERE = "里面有指向别的电脑（网络共享）或程序的链接，没有收下。请用“打印到 PDF”另存一份再上传"
_TURNS = (
    "/NextPage",
    "/PrevPage",
    "/FirstPage",
    "/LastPage",
)  # of what has a name nothing else is done without a click
_BLANKS = re.compile(r"[\x00-\x20]+")
_CHINESE = re.compile(rb"<\?xml[^>]*encoding=[\"']gb", re.IGNORECASE)
_OF_BROWSERS = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/XSL/Transform")
_MOST_FILES, _MOST_BYTES = 20, 2_000_000


def look(content: bytes) -> None:
    """Raises Refused."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("后面接着一个压缩包，没有收下。请重新导出 PDF 再上传")
    try:
        with pikepdf.open(io.BytesIO(content)) as book:
            _look(book, content)
    except pikepdf.PasswordError as locked:
        raise Refused(LOCKED) from locked
    except pikepdf.PdfError as broken:
        raise Refused(DAMAGED) from broken


def _look(book: pikepdf.Pdf, content: bytes) -> None:
    pages = len(book.pages)
    if pages == 0:
        raise Refused("一页也没有，没有收下。请重新导出 PDF 再上传")
    if pages > MOST_PAGES:
        raise Refused(f"有 {pages} 页，最多 {MOST_PAGES} 页。请拆成几个文件再上传")
    plain = io.BytesIO()
    book.save(
        plain,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
    )
    written = plain.getvalue()
    # What qpdf does not follow, because it is nested too deep, another reader may.
    if any("nested" in said for said in book.get_warnings()):
        raise Refused(DAMAGED)
    acts = [book.Root["/OpenAction"]] if "/OpenAction" in book.Root else []
    if _BY_ITSELF.search(written):
        acts += [act for each in _dictionaries(book) if "/AA" in each for act in _values(each["/AA"])]
    if not all(map(_stays, acts)) or _RUNS.search(written) or _RUNS.search(content):
        raise Refused("打开时会运行脚本、启动程序或向外发送，没有收下。请用“打印到 PDF”另存一份再上传")
    if _LEADS.search(written) and _leads_elsewhere(book):
        raise Refused(_ELSEWHERE)
    if _FILES.search(written) and not _are_invoices(book):
        raise Refused(HOLDS_FILES)


def _are_invoices(book: pikepdf.Pdf) -> bool:
    """Electronic invoices and receipts carry their figures as XML (电子凭证会计数据标准); that runs nothing."""
    files = list(book.attachments.values())
    listed = {stream.objgen for file in files for stream in _values(file.obj.get("/EF"))}
    hung = {stream.objgen for each in _dictionaries(book) if "/EF" in each for stream in _values(each["/EF"])}
    return 0 < len(files) <= _MOST_FILES and hung <= listed and all(map(_is_invoice, files))


def _leads_elsewhere(book: pikepdf.Pdf) -> bool:
    """Is something of a share, or done by another program, behind a link, or are there streams in other files?"""
    if any(isinstance(each, pikepdf.Stream) and "/F" in each.stream_dict for each in book.objects):
        return True
    found = (str(each[key]) for each in _dictionaries(book) for key in _LEADING if _is_text(each.get(key)))
    return not all(map(_may_be_opened, found))


def _is_text(found: Any) -> bool:
    return isinstance(found, pikepdf.String)


def _may_be_opened(target: str) -> bool:
    """By whom clicks on it: pages, mails and files of his own; readers leave blanks out."""
    plain = _BLANKS.sub("", target).lower()
    return plain.startswith(_OPENED) or not is_on_a_share(plain)


def _stays(action: Any) -> bool:
    """Does it turn to a page of this file (an array, a name), and do nothing further?"""
    if not isinstance(action, pikepdf.Dictionary):
        return True
    turns = action.get("/S") == "/GoTo" or (action.get("/S") == "/Named" and str(action.get("/N")) in _TURNS)
    return turns and "/Next" not in action


def _values(found: Any) -> list[pikepdf.Object]:
    """What a dictionary holds; of anything else in its place, nothing: no reader looks there for it."""
    return list(found.values()) if isinstance(found, pikepdf.Dictionary) else []


def _dictionaries(book: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Every dictionary, those of streams and those within others too."""
    within: list[Any] = list(book.objects)
    while within:
        each = within.pop()
        if isinstance(each, pikepdf.Stream):
            each = each.stream_dict
        if isinstance(each, pikepdf.Dictionary):
            yield each
            within += [value for value in each.values() if not getattr(value, "is_indirect", True)]
        elif isinstance(each, pikepdf.Array):
            within += [value for value in each if not getattr(value, "is_indirect", True)]


def _is_invoice(file: pikepdf.AttachedFileSpec) -> bool:
    """Whichever of its names and streams a reader takes: each is XML, of figures alone."""
    names = [str(file.obj[key]) for key in _NAMES_OF_FILES if _is_text(file.obj.get(key))]
    streams = _values(file.obj.get("/EF"))
    are_called_so = names and all(name.lower().endswith(".xml") for name in names)
    return bool(are_called_so) and all(map(_is_data, streams))


def _is_data(stream: Any) -> bool:
    """XML that is no page of the web and names no style: that a browser would run."""
    content = stream.read_bytes() if isinstance(stream, pikepdf.Stream) else b""
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if len(content) > _MOST_BYTES or not head.startswith(b"<?xml") or EICAR in content:
        return False
    if _CHINESE.match(head):  # expat knows none of these; what it is told goes before what the text says
        content = content.decode("gb18030", "replace").encode()
        parser = expat.ParserCreate("UTF-8", " ")
    else:
        parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _must_be_figures
    parser.ProcessingInstructionHandler = parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, Refused):
        return False
    return True


def _must_be_figures(name: str, attributes: object) -> None:
    space, _, local = name.rpartition(" ")
    if space in _OF_BROWSERS or local.lower() == "script":
        raise Refused(HOLDS_FILES)


def _refuse(*_: object) -> None:
    raise Refused(HOLDS_FILES)
