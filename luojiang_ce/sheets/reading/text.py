"""Delimited text: which encoding, and its records as rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain

from ..cells import MAX_COLUMN, MAX_ROW, Row, Table
from ..problems import TooLarge, Unreadable

_NOT_TEXT = "这不是表格文件，或文件已损坏，无法识别其内容。请上传 .xlsx、.xls 或 .csv 文件。"
_CUT_OFF = "文件末尾不完整，可能没有下载完。请重新下载或重新导出后再上传。"
_OPEN_QUOTE = "文件中有一处引号没有成对，后面的行无法分开。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
TOO_MANY_ROWS = f"文件超过 {MAX_ROW:,} 行，无法导入。请删去多余的行，或拆成几个文件。"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Control characters that no text has: what holds them is some other kind of file.
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')
# Characters that GB18030-2000 had in the private area and later editions in Unicode proper; Python keeps the old ones.
_FROM_PRIVATE = str.maketrans(
    "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
    "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb",
)
_GB18030_LABELS = {"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "cp936", "chinese"}
# Not a character of any text, so no record can be equal to it: it tells whether the last quote was closed.
_END = "\x00"


def decode(data: bytes) -> str:
    """The text of the file: by its mark, by the label of a web page, else UTF-8 if it is sound, else GB18030."""
    text = _decode_marked(data)
    if text is None:
        text = _decode_labelled(data) or _decode_unmarked(data)
    text = text.lstrip("\ufeff")
    if _BINARY.search(text):
        raise Unreadable(_NOT_TEXT)
    return text


def tables(text: str) -> list[Table]:
    """The text read with commas, and read with tabs: the one with a header is the right one."""
    return [Table("", True, partial(_records, text, delimiter)) for delimiter in (",", "\t")]


def _decode_marked(data: bytes) -> str | None:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        return None
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(_CUT_OFF) from error


def _decode_labelled(data: bytes) -> str | None:
    """A web page by its label; None without one, or where the label is wrong."""
    found = _CHARSET.search(data[:8192]) if data.lstrip().startswith(b"<") else None
    if found is None:
        return None
    label = found[1].decode("ascii").lower()
    if label in _GB18030_LABELS:
        return _decode_gb18030(data)
    try:
        return data.decode(label)
    except (LookupError, UnicodeError):
        return None


def _decode_unmarked(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Only the last character is incomplete, and others before it were sound: UTF-8 that was cut off.
        if error.start >= len(data) - 3 and not data[: error.start].isascii():
            raise Unreadable(_CUT_OFF) from error
    text = _decode_gb18030(data)
    if text is None:
        raise Unreadable(_NOT_TEXT)
    return text


def _decode_gb18030(data: bytes) -> str | None:
    try:
        return data.decode("gb18030").translate(_FROM_PRIVATE)
    except UnicodeDecodeError:
        return None


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """Each record as a row; an empty line is one too, a quoted line break starts none."""
    lines = io.StringIO(text if text.endswith(("\n", "\r")) else text + "\n", newline="")
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
    record: list[str] = []
    try:
        for number, record in enumerate(reader, 1):
            if number > MAX_ROW + 1:
                raise TooLarge(TOO_MANY_ROWS)
            cells = {
                column: value for column, field in enumerate(record[:MAX_COLUMN], 1) if (value := inside_formula(field))
            }
            if cells and record != [_END]:
                yield Row(number, cells)
    except csv.Error as error:
        raise Unreadable(_OPEN_QUOTE) from error
    if record != [_END]:
        raise Unreadable(_OPEN_QUOTE)


def inside_formula(field: str) -> str:
    """="350504…" is how exports keep Excel from making numbers of text."""
    formula = _FORMULA_TEXT.fullmatch(field.strip())
    return formula[1].replace('""', '"') if formula else field
