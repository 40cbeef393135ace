"""What can be wrong with a whole file, said so that its owner can mend it."""

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
