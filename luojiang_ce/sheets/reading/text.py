"""Delimited text: which encoding, and its records as rows."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from ..cells import MAX_COLUMN, MAX_ROW, Row, Table
from ..problems import TooLarge, Unreadable

_NOT_TEXT = "这不是表格文件，或文件已损坏，无法识别其内容。请上传 .xlsx、.xls 或 .csv 文件。"
_CUT_OFF = "文件末尾不完整，可能没有下载完。请重新下载或重新导出后再上传。"
_OPEN_QUOTE = (
    "文件第 {} 行有一处引号没有成对，后面的行无法分开，也可能没有下载完。请补上或删去这个引号，或重新导出后再上传。"
)
TOO_MANY_ROWS = f"文件超过 {MAX_ROW:,} 行，无法导入。请删去多余的行，或拆成几个文件。"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Control characters that no text has, and \x1a, which old systems put at the end of one.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_LOST = "\ufffd"
# How Python's decoders call what ends within a character.
_AT_THE_END = ("unexpected end", "incomplete", "truncated")
# A stray byte here and there is a damage, one in so many characters is some other kind of file.
_ONE_IN = 20
_MOSTLY = 5
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')
# Characters that GB18030-2000 had in the private area and later editions in Unicode proper; Python keeps the old ones.
_FROM_PRIVATE = str.maketrans(
    "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
    "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb",
)
_GB18030_LABELS = {"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "cp936", "chinese"}
_LOOKED_AT = 1000  # lines that tell how many columns a record has
_MOST_LINES = 100  # of one record; whoever opens a quotation in every line would else have the file read once a line
# What the csv module says of a cell that the file ends in, and of one beyond its limit.
_UNENDED, _TOO_LONG = "unexpected end of data", "field limit"


def decode(data: bytes) -> str:
    """The text of the file: by its mark, by the label of a web page, else UTF-8 if it is sound, else GB18030.

    Bytes that are no character become �, so that they spoil their cell and not the file; control characters go.
    Raises Unreadable where either is frequent (then it is no text), and for a file that ends within a character.
    """
    text = _decode_marked(data)
    if text is None:
        text = _decode_labelled(data) or _decode_unmarked(data)
    text = text.lstrip("\ufeff")
    sound, controls = _CONTROL.subn("", text)
    if controls * _ONE_IN > len(text):
        raise Unreadable(_NOT_TEXT)
    return sound


def tables(text: str) -> list[Table]:
    """The text read with commas, and read with tabs: the one with a header is the right one."""
    return [Table("", True, partial(_records, text, delimiter)) for delimiter in (",", "\t")]


def _decode_marked(data: bytes) -> str | None:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        return None
    text = _decode(data, encoding)
    if text is None:
        raise Unreadable(_NOT_TEXT)
    return text


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
    """UTF-8 where most of what is not ASCII is sound in it, which no text in another encoding comes near to."""
    known = data.decode("utf-8", "replace")
    if known.count(_LOST) * _MOSTLY <= sum(character > "\x7f" for character in known):
        text = _decode(data, "utf-8")
        if text is not None:
            return text
    text = _decode_gb18030(data)
    if text is None:
        raise Unreadable(_NOT_TEXT)
    return text


def _decode_gb18030(data: bytes) -> str | None:
    text = _decode(data, "gb18030")
    return None if text is None else text.translate(_FROM_PRIVATE)


def _decode(data: bytes, encoding: str) -> str | None:
    """The text with � for what cannot be read; None where that is much, Unreadable where the file was cut off."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason.startswith(_AT_THE_END):
            raise Unreadable(_CUT_OFF) from error
    text = data.decode(encoding, "replace")
    return text if text.count(_LOST) * _ONE_IN <= len(text) else None


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """Each record as a row; an empty line is one too, a quoted line break starts none."""
    for number, record in enumerate(_Lines(text, delimiter).records(), 1):
        if number > MAX_ROW:
            raise TooLarge(TOO_MANY_ROWS)
        cells = {
            column: value for column, field in enumerate(record[:MAX_COLUMN], 1) if (value := inside_formula(field))
        }
        if cells:
            yield Row(number, cells)


class _Lines:
    """The lines of a text and the records in them.

    Some systems quote nothing, and a remark may begin with a quotation mark: what would then be one cell up to the next
    mark holds whole lines of other people. Such a mark is a character like others, and each line stays a record.
    """

    def __init__(self, text: str, delimiter: str) -> None:
        # Not splitlines(), which knows line ends that no table has.
        self._lines = list(io.StringIO(text, newline=""))
        self._delimiter = delimiter
        self._usual = self._columns_of_records() or self._columns_of_first()

    def records(self) -> Iterator[list[str]]:
        place = 0
        while place < len(self._lines):
            line = self._lines[place]
            record, lines = self._quoted(place) if '"' in line else (None, 1)
            yield record if record is not None else self._one_line(line)
            place += lines

    def _columns_of_records(self) -> int:
        """What lines have that are a record each and quote nothing; 0 where every line has a mark.

        Lines within a quoted cell are left out: they may have a delimiter too, and be many.
        """
        reader = csv.reader(self._lines[:_LOOKED_AT], delimiter=self._delimiter)
        counts: Counter[int] = Counter()
        start = 0
        with suppress(csv.Error):
            for record in reader:
                if reader.line_num == start + 1 and '"' not in self._lines[start] and len(record) > 1:
                    counts[len(record)] += 1
                start = reader.line_num
        return counts.most_common(1)[0][0] if counts else 0

    def _columns_of_first(self) -> int:
        """Where every line has a mark, the first record tells."""
        try:
            return len(next(csv.reader(self._lines, delimiter=self._delimiter), ""))
        except csv.Error:
            return 0

    def _quoted(self, place: int) -> tuple[list[str] | None, int]:
        """The record that begins in this line and how many lines it takes; None where its marks quote nothing."""
        ahead = self._lines[place : place + _MOST_LINES]
        reader = csv.reader(ahead, delimiter=self._delimiter, strict=True)
        try:
            record = next(reader)
        except csv.Error as error:
            self._refuse_unpaired(place, reader.line_num, str(error))
            return None, 1
        return (None, 1) if self._swallows(place, reader.line_num) else (record, reader.line_num)

    def _swallows(self, place: int, lines: int) -> bool:
        """Would these lines be one record although the first and a later one have all the columns of one?"""
        counts = [line.count(self._delimiter) + 1 for line in self._lines[place : place + lines]]
        return self._usual > 1 and counts[0] >= self._usual and any(count >= self._usual for count in counts[1:])

    def _refuse_unpaired(self, place: int, lines: int, error: str) -> None:
        """Raises Unreadable where a mark opens a cell that does not end, and no line behind it is a record."""
        at_end = place + lines >= len(self._lines) and lines > 1 and _UNENDED in error
        if _TOO_LONG in error or (self._usual > 1 and at_end and not self._swallows(place, lines)):
            raise Unreadable(_OPEN_QUOTE.format(place + 1))

    def _one_line(self, line: str) -> list[str]:
        """The line by itself: its marks pair within it, or are characters."""
        fields = line.rstrip("\r\n").split(self._delimiter)
        if len(fields) != self._usual and '"' in line:
            paired = next(csv.reader([line], delimiter=self._delimiter), fields)
            if len(paired) == self._usual:
                return paired
        return [field[1:-1] if len(field) > 1 and field[0] == field[-1] == '"' else field for field in fields]


def inside_formula(field: str) -> str:
    """="350504…" is how exports keep Excel from making numbers of text."""
    formula = _FORMULA_TEXT.fullmatch(field.strip())
    return formula[1].replace('""', '"') if formula else field
