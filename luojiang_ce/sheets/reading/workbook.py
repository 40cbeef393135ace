"""The kind of a file, told by its content and never by its name."""

import os
from typing import BinaryIO

from luojiang_ce.uploads import compound, packages

from ..cells import Table
from ..problems import TooLarge, Unreadable
from . import html, text, xls, xlsx
from .package import Limits

MAX_FILE_BYTES = 20 * 1024 * 1024

# A workbook stream without its container, as some programs write it.
_BARE_BIFF = b"\x09\x08\x10\x00\x00\x06"
_OTHER_KINDS = (
    ((b"%PDF",), "这是 PDF 文件，不是表格。请上传 .xlsx、.xls 或 .csv 文件。"),
    (
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*"),
        "这是图片，不是表格。请上传 .xlsx、.xls 或 .csv 文件。",
    ),
    ((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b"), "这是压缩包，不是表格。请解压后上传里面的表格文件。"),
    ((b"{\\rtf",), "这是 RTF 文档，不是表格。请把名单复制到 Excel 或 WPS 表格中，存为 .xlsx 再上传。"),
    ((b"MIME-Version:",), "这是单个网页文件（.mht），无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"),
)
_EMPTY = "文件是空的（0 字节）。请检查文件是否保存成功。"
_XML = "这是 XML 文件，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"


def open_tables(file: BinaryIO, limits: Limits | None = None) -> list[Table]:
    """The tables of a seekable file in tab order, as a stream of rows each.

    Raises TooLarge or Unreadable, here or while rows are read, with a message for the user; TakesLonger where a file
    that is packed comes to more than these limits.
    """
    size = file.seek(0, os.SEEK_END)
    if size > MAX_FILE_BYTES:
        raise TooLarge(
            f"文件有 {size / 1024 / 1024:.1f} MB，超过 20 MB 的上限。请删去图片和多余的工作表，或拆成几个文件。"
        )
    file.seek(0)
    if file.read(4) in packages.BEGINS:
        file.seek(0)
        return xlsx.tables(file, limits)
    file.seek(0)
    return _tables_in_bytes(file.read())


def _tables_in_bytes(data: bytes) -> list[Table]:
    if not data:
        raise Unreadable(_EMPTY)
    if data.startswith((compound.BEGINS, _BARE_BIFF)):
        return xls.tables(data)
    for beginnings, message in _OTHER_KINDS:
        if data.startswith(beginnings):
            raise Unreadable(message)
    return _tables_in_text(text.decode(data))


def _tables_in_text(content: str) -> list[Table]:
    beginning = content[:2048].lstrip("\ufeff \t\r\n").lower()
    if not beginning.startswith("<"):
        return text.tables(content)
    if beginning.startswith("<?xml") and "<html" not in beginning:
        raise Unreadable(_XML)
    return html.tables(content)
