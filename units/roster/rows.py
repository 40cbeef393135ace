"""A row of a roster as typed values: what the checkers and the planning look at."""

from dataclasses import dataclass
from datetime import date

from luojiang_ce.sheets.cells import Value, is_number
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.masking import SCIENTIFIC
from luojiang_ce.sheets.months import YearMonth, read_month
from units import id_numbers

from .columns import ROSTER

# A cell may hold pages; nothing longer than this is ever kept of one.
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A person's row: texts as cleaned, months as read; a month is None where the cell is empty or unreadable."""

    number: int
    name: str
    id_number: str
    id_is_number: bool
    sex: str
    birth_text: str
    birth: YearMonth | None
    category: str
    title: str
    level: str
    since_text: str
    since: YearMonth | None
    certificate: str
    department: str
    note: str

    def has_sound_id(self, today: date) -> bool:
        """18 characters with a right check digit, and a birth date that is a day not after today."""
        if self.id_is_number or not id_numbers.has_sound_check_digit(self.id_number):
            return False
        born = id_numbers.birth_date(self.id_number)
        return born is not None and born <= today


def roster_rows(sheet: Sheet) -> list[RosterRow]:
    """The rows of a sheet that was read as a roster, in order."""
    return [_roster_row(entry, sheet.epoch_1904) for entry in sheet.entries]


def _roster_row(entry: Entry, epoch_1904: bool) -> RosterRow:
    texts = {}
    for column in ROSTER.columns:
        text = entry.text(column)
        # Of a column with choices the choice meant, where the text means one.
        texts[column.key] = column.choice(text) or text[:_MOST_TEXT]
    id_cell = entry.values.get("id_number")
    return RosterRow(
        number=entry.row,
        name=texts["name"],
        id_number=texts["id_number"],
        id_is_number=is_number(id_cell) or bool(SCIENTIFIC.fullmatch(texts["id_number"])),
        sex=texts["sex"],
        birth_text=texts["birth"],
        birth=_month(entry.values.get("birth"), epoch_1904),
        category=texts["category"],
        title=texts["title"],
        level=texts["level"],
        since_text=texts["since"],
        since=_month(entry.values.get("since"), epoch_1904),
        certificate=texts["certificate"],
        department=texts["department"],
        note=texts["note"],
    )


def _month(value: Value | None, epoch_1904: bool) -> YearMonth | None:
    return None if value is None else read_month(value, epoch_1904=epoch_1904)
