"""How many ID numbers fit what a page says of a person: the end of the number, the birth; sex and place are known.

Whoever reads the page knows the district, so the first six digits are known; the sex stands on most pages. Every number
that fits is counted with its check digit. Fewer than LEAST, and the page gives the number away.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from units.models import Person

LEAST = 100
FIRST_BIRTH, LAST_BIRTH = date(1950, 1, 1), date(2008, 12, 31)
_WEIGHTS = [2**place % 11 for place in range(17, 0, -1)]


def given_away(text: str, people: Iterable[Person]) -> list[str]:
    """The people whose number fewer than LEAST numbers fit, with what was seen."""
    found = []
    for person in people:
        number = person.id_number
        if len(number) == 18 and (left := remaining(text, number)) < LEAST:
            found.append(f"{person}: {left} numbers fit …{end_shown(text, number)}, born {births(text, number)}")
    return found


def remaining(text: str, number: str) -> int:
    """How many numbers of this place and sex fit what the text says; counted up to LEAST, which are enough."""
    return _fitting(number[:6], int(number[16]) % 2, end_shown(text, number), births(text, number))


def end_shown(text: str, number: str) -> str:
    """The longest end of the number that stands in the text: of one or two characters only behind a mask. What stands
    in the address of a page (`/people/956/`) is the id of a row."""
    capitals = text.upper()
    for end in (number[-length:] for length in range(18, 0, -1)):
        before = r"(?<![0-9A-Za-z])(?<![a-z]/)" if len(end) > 2 else r"\*"
        if end in capitals and re.search(f"{before}{end}(?![0-9A-Za-z])", text, re.IGNORECASE):
            return end
    return ""


def births(text: str, number: str) -> tuple[date, date]:
    """Between which days the person was born as far as the text says, by date, by month, or by neither."""
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if number[6:10] not in text:  # most pages: no need to look for more
        return FIRST_BIRTH, LAST_BIRTH
    whole = rf"{year}(?:[-./年]0?{month}[-./月]0?{day}|{month:02d}{day:02d})"
    by_month = rf"{year}(?:[-./年]0?{month}|{month:02d})"
    if re.search(rf"(?<![0-9]){whole}(?![0-9])", text) or number[:14] in text:
        return (date(year, month, day),) * 2
    if re.search(rf"(?<![0-9]){by_month}(?![0-9])", text) or number[:12] in text:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return FIRST_BIRTH, LAST_BIRTH


def text_of(response: Any) -> str:
    """What a page, a workbook or an archive says: of a cell its own value, not how it is formatted; of an archive the
    names of its files, and what stands in those that are workbooks."""
    kind = response.headers.get("Content-Type", "")
    content = b"".join(response) if response.streaming else response.content
    if content[:2] == b"PK":
        return "\n".join(_packed(content))
    return content.decode() if kind.startswith(("text/", "application/json")) else ""


def _packed(content: bytes) -> Iterator[str]:
    with ZipFile(BytesIO(content)) as packed:
        if "[Content_Types].xml" in packed.namelist():
            yield from _cells(content)
            return
        for name in packed.namelist():
            yield name
            inside = packed.read(name)
            yield from _packed(inside) if inside[:2] == b"PK" else ()


def _cells(content: bytes) -> Iterator[str]:
    for sheet in load_workbook(BytesIO(content)).worksheets:
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                yield f"{value:%Y-%m-%d}" if isinstance(value, (date, datetime)) else str(value or "")


@cache
def _fitting(area: str, male: int, end: str, born: tuple[date, date]) -> int:
    known = end[:-1][-3:]  # of the sequence
    sequences = [each for n in range(1000) if n % 2 == male and (each := f"{n:03d}").endswith(known)]
    days = (born[0] + timedelta(n) for n in range((born[1] - born[0]).days + 1))
    fitting = (
        number for day in days for number in _of_a_day(area + f"{day:%Y%m%d}", sequences) if number.endswith(end)
    )
    return sum(1 for _ in islice(fitting, LEAST))


def _of_a_day(head: str, sequences: Iterable[str]) -> Iterator[str]:
    """The numbers that begin so, their check digit being what ISO 7064 (GB 11643) makes it."""
    base = sum(int(digit) * weight for digit, weight in zip(head, _WEIGHTS, strict=False))
    return (f"{head}{each}{_check(base, each)}" for each in sequences)


@cache
def _contribution(sequence: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(sequence, _WEIGHTS[14:], strict=True))


def _check(base: int, sequence: str) -> str:
    return "10X98765432"[(base + _contribution(sequence)) % 11]
