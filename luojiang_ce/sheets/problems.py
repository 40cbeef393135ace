"""What can be wrong with a cell or with a whole file, said so that the file's owner can mend it."""

from dataclasses import dataclass
from typing import Literal

FileProblemCode = Literal["unreadable", "no-header", "no-rows", "too-large"]


class FileProblem(Exception):
    """The file as a whole cannot be used; the message is for the user, in Chinese."""

    code: FileProblemCode = "unreadable"

    def __init__(self, message: str, *, sheet: str = "", header_row: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.sheet = sheet
        self.header_row = header_row


class Unreadable(FileProblem):
    """Not a spreadsheet, corrupt, cut off, or locked by a password."""


class NoHeader(FileProblem):
    """No row with all required titles in the first rows of any sheet."""

    code = "no-header"


class NoRows(FileProblem):
    """A header, but nothing below it."""

    code = "no-rows"


class TooLarge(FileProblem):
    """More bytes or rows than the limits allow."""

    code = "too-large"


class TakesLonger(Exception):
    """There is more to read than was to be read now; nothing is wrong with the file so far."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong in one cell: the column's key, what is wrong, how to mend it; `code` where machines read it."""

    key: str
    what: str
    remedy: str
    code: str = ""
    # Where it stands and what stands there, masked: filled in from the sheet (`rows.Reading`).
    cell: str = ""
    column: str = ""
    value: str = ""

    @property
    def message(self) -> str:
        """What is wrong and what to do, in two sentences."""
        return f"{self.what}。{self.remedy}。"


class UnreadableCellError(ValueError):
    """A cell that cannot be read: what is wrong, and how to mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy
