"""What a photograph of a sheet is read to say: proposals, which a person confirms. Plain; nothing is unpacked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """Why a picture could not be read."""

    BROKEN = "broken"  # damaged, or too much to unpack
    NO_SHEET = "no-sheet"  # neither marks nor code
    NO_PICTURE = "no-picture"  # a page of a PDF that was written, not scanned
    CORNERS = "corners"  # not all four marks
    NO_CODE = "no-code"  # marks, but no code
    BLURRED = "blurred"
    SMALL = "small"
    TOO_MANY = "too-many"  # pages in one file
    # What only the database can tell.
    FOREIGN_CODE = "foreign-code"
    OTHER_CLASS = "other-class"


class Ink(StrEnum):
    """What a cell is proposed to be."""

    SIGNED = "signed"
    EMPTY = "empty"
    DOUBTFUL = "doubtful"


class Doubt(StrEnum):
    """Why a person is asked."""

    NONE = ""
    SMALL = "small"
    FAINT = "faint"
    EDGE = "edge"
    STRUCK = "struck"
    CROSS = "cross"
    NAME = "name"
    TIME = "time"
    CORRECTED = "corrected"  # what only the database can tell

    @property
    def label(self) -> str:
        """In words, for the page."""
        return _LABELS[self]


_LABELS = {
    Doubt.NONE: "",
    Doubt.SMALL: "只有一点笔迹",
    Doubt.FAINT: "笔迹很淡",
    Doubt.EDGE: "笔迹只在格线边上，可能是邻格的",
    Doubt.STRUCK: "有划线或涂抹",
    Doubt.CROSS: "像是打叉",
    Doubt.NAME: "姓名一栏有划线或字迹",
    Doubt.TIME: "写了时间，没有签名",
    Doubt.CORRECTED: "这个半日的记录已更正过，请按更正的情况定",
}


@dataclass(frozen=True)
class Cell:
    """The proposal for a cell, why it is doubtful, and its cut-out as JPEG in base64."""

    ink: Ink
    doubt: Doubt = Doubt.NONE
    cut: str = ""


@dataclass(frozen=True)
class Reading:
    """What one picture shows. `pages`: how many the file has. `missing`: the corners that are not seen. `rows`: the
    cells of each line by column. `picture`: a page of a PDF as JPEG in base64."""

    fault: Fault | None = None
    pages: int = 1
    missing: tuple[int, ...] = ()
    code: str = ""
    turned: bool = False
    rows: tuple[Mapping[str, Cell], ...] = field(default=())
    picture: str = ""
