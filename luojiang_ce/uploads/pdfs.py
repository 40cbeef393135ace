"""PDFs: what in one runs, sends, or hides another file. Read with qpdf, which mends what is slightly broken."""

from __future__ import annotations

import io
import re
import zipfile

import pikepdf

from luojiang_ce.uploads.dangers import DAMAGED, EICAR, HOLDS_FILES, LOCKED, Refused

MOST_PAGES = 5_000  # a year's papers of a large unit have some hundred
# As names are written once qpdf has undone every other way to write them. What is never reached it leaves out.
_RUNS = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|RichMedia|XFA|GoToE|Rendition)(?=[\s/<>\[\]()]|$)")
_FILES = re.compile(rb"/(?:EmbeddedFiles?|FileAttachment)(?=[\s/<>\[\]()]|$)")
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
    if _RUNS.search(written) or _RUNS.search(content):
        raise Refused("打开时会运行脚本、启动程序或向外发送，没有收下。请用“打印到 PDF”另存一份再上传")
    if _FILES.search(written) and not _are_invoices(book):
        raise Refused(HOLDS_FILES)


def _are_invoices(book: pikepdf.Pdf) -> bool:
    """Electronic invoices and receipts carry their figures as XML (电子凭证会计数据标准); that runs nothing."""
    files = list(book.attachments.values())
    return 0 < len(files) <= _MOST_FILES and all(map(_is_xml, files))


def _is_xml(file: pikepdf.AttachedFileSpec) -> bool:
    content = file.get_file().read_bytes()
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return len(content) <= _MOST_BYTES and head.startswith(b"<?xml") and EICAR not in content
