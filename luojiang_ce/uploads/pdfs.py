"""PDFs: what in one runs, sends, or hides another file. Read with qpdf, which mends what is slightly broken."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf

from luojiang_ce.uploads.dangers import DAMAGED, EICAR, HOLDS_FILES, LOCKED, Refused

MOST_PAGES = 5_000  # a year's papers of a large unit have some hundred
# As names are written once qpdf has undone every other way to write them. What is never reached it leaves out.
_RUNS = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|RichMedia|XFA|GoToE|Rendition)(?=[\s/<>\[\]()]|$)")
_FILES = re.compile(rb"/(?:EmbeddedFiles?|FileAttachment|EF)(?=[\s/<>\[\]()]|$)")
_BY_ITSELF = re.compile(rb"/AA(?=[\s/<>\[\]()]|$)")
_TURNS = (
    "/NextPage",
    "/PrevPage",
    "/FirstPage",
    "/LastPage",
)  # of what has a name nothing else is done without a click
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
    if _FILES.search(written) and not _are_invoices(book):
        raise Refused(HOLDS_FILES)


def _are_invoices(book: pikepdf.Pdf) -> bool:
    """Electronic invoices and receipts carry their figures as XML (电子凭证会计数据标准); that runs nothing."""
    files = list(book.attachments.values())
    listed = {stream.objgen for file in files for stream in _values(file.obj.get("/EF"))}
    hung = {stream.objgen for each in _dictionaries(book) if "/EF" in each for stream in _values(each["/EF"])}
    return 0 < len(files) <= _MOST_FILES and hung <= listed and all(map(_is_xml, files))


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


def _is_xml(file: pikepdf.AttachedFileSpec) -> bool:
    if not str(file.filename).lower().endswith(".xml"):
        return False
    content = file.get_file().read_bytes()
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return len(content) <= _MOST_BYTES and head.startswith(b"<?xml") and EICAR not in content
