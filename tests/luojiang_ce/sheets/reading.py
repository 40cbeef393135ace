"""What the tests of this folder read files with."""

import io

from luojiang_ce.sheets.cells import Value
from luojiang_ce.sheets.reading import open_tables

Cells = dict[int, dict[int, Value]]


def cells(data: bytes, place: int = 0) -> Cells:
    """The filled cells of one table of the file: {row: {column: value}}."""
    return {row.number: dict(row.cells) for row in open_tables(io.BytesIO(data))[place].rows()}
