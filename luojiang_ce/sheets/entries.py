"""From the tables of a file to the entries of a form: which sheet, where its header, which rows, which cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice, product
from typing import BinaryIO

from .cells import Row, Table, Value, as_text, cell_name, clean_id, clean_name, clean_text, clean_title, without_blanks
from .definitions import Column, SheetForm
from .problems import NoHeader, NoRows, TooLarge
from .reading import open_tables

HEADER_ROWS = 20
_NO_ORDER = "没有表头，列数也和表格对不上。请连表头一起复制；不带表头的，请选中整行，按表格的列顺序从第一列复制起：{}。"

Titles = dict[int, str]
_CLEANERS = {"id": clean_id, "name": clean_name, "choice": without_blanks}


@dataclass(frozen=True)
class Header:
    """Where the header begins and ends, and in which column (A is 1) each of the form's columns stands."""

    first_row: int
    last_row: int
    columns: dict[str, int]
    lines: tuple[Titles, ...]

    def title(self, column: int) -> str:
        """What stands over a column, of two lines the lower one; empty over one without a title."""
        return next((line[column] for line in reversed(self.lines) if column in line), "")

    def repeated_by(self, row: Row, form: SheetForm) -> bool:
        """Whether the row is the header again, or one line of it, as at the top of a printed page."""
        known = {column: row.cells[column] for column in self.columns.values() if column in row.cells}
        titles = _titles(known)
        if all(titles.get(self.columns[column.key]) in column.titles for column in form.required):
            return True
        return bool(titles) and any(titles.items() <= line.items() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its row as Excel shows it, and the values of the form's columns that the sheet has; `minded`: cells of
    other columns (by number) that the form minds, as text."""

    row: int
    values: dict[str, Value]
    minded: Mapping[int, str] = field(default_factory=dict)

    def text(self, column: Column) -> str:
        """The cell's text, cleaned as its column asks for; empty if there is none."""
        return cleaned(self.values.get(column.key), column)


@dataclass(frozen=True)
class Sheet:
    """What was read: the sheet's name, where its header stands, and its entries in order."""

    name: str
    header: Header
    entries: list[Entry]
    epoch_1904: bool
    form: SheetForm
    # To read its rows again as they were given.
    table: Table

    def cell(self, row: int, key: str) -> str:
        """The name of the cell in that column, empty if the sheet has no such column."""
        column = self.header.columns.get(key)
        return cell_name(row, column) if column else ""


def cleaned(value: Value | None, column: Column) -> str:
    """A cell as text, cleaned as its column asks for."""
    return _CLEANERS.get(column.kind, clean_text)(as_text(value))


def read_sheet(file: BinaryIO, form: SheetForm, *, max_entries: int, order: Sequence[str] = ()) -> Sheet:
    """The form's entries in a file of our own, read in this process; else as `sheet_among`."""
    return sheet_among(open_tables(file), form, max_entries=max_entries, order=order)


def sheet_among(tables: Sequence[Table], form: SheetForm, *, max_entries: int, order: Sequence[str] = ()) -> Sheet:
    """The form's entries in these tables: the first visible one with its header, a hidden one only if there is no
    other.

    `order`: in which order its columns stand where nothing has a header. Raises FileProblem (unreadable, no-header,
    no-rows, too-large) with a message for the user, and what the tables raise.
    """
    # A stable sort: tab order among the visible, then among the hidden.
    looked_at = sorted(tables, key=lambda table: not table.visible)
    finders = [partial(find_header, form=form)]
    if order:
        finders.append(partial(_header_by_order, form=form, order=order))
    for find, table in product(finders, looked_at):
        rows = table.rows()
        top = _top(rows)
        if header := find(top):
            entries = _bounded(_entries(chain(top, rows), header, form), table, header, form, max_entries)
            return Sheet(table.name, header, entries, table.epoch_1904, form, table)
    if order:
        raise NoHeader(_NO_ORDER.format("、".join(form.column(key).title for key in order)))
    wanted = "、".join(f"“{column.title}”" for column in form.required)
    raise NoHeader(
        f"没有找到表头：每张表的前 {HEADER_ROWS} 行里，都没有同时写着{wanted}的一行。请检查列名，或下载模板填写。"
    )


def _header_by_order(rows: Sequence[Row], form: SheetForm, order: Sequence[str]) -> Header | None:
    """The header that rows without one would have, their columns being in that order, running numbers before them or
    not; None where they have far fewer columns, or more."""
    first = [as_text(row.cells[1]).strip() for row in rows if 1 in row.cells]
    numbered = 2 * sum(text.isdigit() for text in first) > len(first)  # sums and signatures may stand below
    widest = max((max(row.cells) for row in rows if row.cells), default=0) - numbered
    if not len(order) // 2 <= widest <= len(order):
        return None
    columns = {key: place for place, key in enumerate(order, 1 + numbered)}
    return Header(0, 0, columns, ({place: form.column(key).titles[0] for key, place in columns.items()},))


def _top(rows: Iterator[Row]) -> Sequence[Row]:
    """The rows that may hold a header, and the first one below them."""
    top: list[Row] = []
    for row in rows:
        top.append(row)
        if row.number > HEADER_ROWS + 1:
            break
    return top


def _entries(rows: Iterator[Row], header: Header, form: SheetForm) -> Iterator[Entry]:
    by_key = [(column, header.columns[column.key]) for column in form.columns if column.key in header.columns]
    for row in rows:
        if row.number <= header.last_row:
            continue
        values = {column.key: row.cells[place] for column, place in by_key if place in row.cells}
        filled = any(cleaned(values[column.key], column) for column, _ in by_key if column.key in values)
        if filled and not _is_foot(row, header, form) and not header.repeated_by(row, form):
            yield Entry(row.number, values, _minded(row, header, form))


def _minded(row: Row, header: Header, form: SheetForm) -> dict[int, str]:
    known = set(header.columns.values())
    others = {place: without_blanks(as_text(value)) for place, value in row.cells.items() if place not in known}
    return {place: text for place, text in others.items() if form.minds(header.title(place), text)}


def _is_foot(row: Row, header: Header, form: SheetForm) -> bool:
    """Sums, signatures and remarks: told by how the row's first filled cell begins, known column or not."""
    texts = (without_blanks(as_text(row.cells[column])) for column in sorted(row.cells))
    first = next((text for text in texts if text), "")
    if not first.startswith(form.foot_words):
        return False
    return not form.is_entry({key: row.cells[place] for key, place in header.columns.items() if place in row.cells})


def _bounded(entries: Iterator[Entry], table: Table, header: Header, form: SheetForm, most: int) -> list[Entry]:
    found = list(islice(entries, most + 1))
    if len(found) > most:
        raise TooLarge(f"表格超过 {most:,} 行，无法一次导入。请拆成几个文件，分别导入。")
    if not found:
        raise NoRows(
            f"找到了表头（第 {header.first_row} 行），但下面没有数据。请检查数据是否填在这张表里。",
            sheet=table.name,
            header_row=header.first_row,
        )
    return found


def find_header(rows: Sequence[Row], form: SheetForm) -> Header | None:
    """The first row with all required titles; else the first two adjacent rows that have them together."""
    by_number = {row.number: _titles(row.cells) for row in rows if row.number <= HEADER_ROWS + 1}
    numbers = sorted(number for number in by_number if number <= HEADER_ROWS)
    single = (_single(number, by_number, form) for number in numbers)
    double = (_double(number, by_number, form) for number in numbers if number + 1 in numbers)
    return next((header for header in chain(single, double) if header), None)


def _titles(cells: Mapping[int, Value]) -> Titles:
    cleaned = {column: clean_title(as_text(value)) for column, value in cells.items()}
    return {column: title for column, title in cleaned.items() if title}


def _single(number: int, by_number: dict[int, Titles], form: SheetForm) -> Header | None:
    upper = by_number[number]
    columns = _columns(upper, form)
    if not _complete(columns, form):
        return None
    lower = by_number.get(number + 1, {})
    # The required titles are merged downwards where nothing stands below them, but another title does.
    below_required = any(columns[column.key] in lower for column in form.required)
    if below_required or not any(title in form.by_title for title in lower.values()):
        return Header(number, number, columns, (upper,))
    return Header(number, number + 1, _columns(_merged(upper, lower, form), form), (upper, lower))


def _double(number: int, by_number: dict[int, Titles], form: SheetForm) -> Header | None:
    upper, lower = by_number[number], by_number[number + 1]
    columns = _columns(_merged(upper, lower, form), form)
    return Header(number, number + 1, columns, (upper, lower)) if _complete(columns, form) else None


def _merged(upper: Titles, lower: Titles, form: SheetForm) -> Titles:
    """A column's title is the lower one if the form knows it, else the upper; or both, where the form joins them."""
    merged = upper | {column: title for column, title in lower.items() if title in form.by_title}
    over = ""
    for column in range(1, max(lower, default=0) + 1) if form.joins_titles else ():
        over = upper.get(column, over)
        if column in lower and over + lower[column] in form.by_title:
            merged[column] = over + lower[column]
    return merged


def _columns(titles: Titles, form: SheetForm) -> dict[str, int]:
    """The leftmost column for each of the form's columns that has one."""
    found: dict[str, int] = {}
    for column in sorted(titles):
        if known := form.by_title.get(titles[column]):
            found.setdefault(known.key, column)
    for key, parts in form.parts.items():
        place = found.get(key, 0)
        following = min((column for column in titles if column > place), default=0)
        if place and following - place == len(parts) and not (found.keys() - {key}).intersection(parts):
            del found[key]
            found |= {part: place + nth for nth, part in enumerate(parts)}
    return found


def _complete(columns: dict[str, int], form: SheetForm) -> bool:
    return all(column.key in columns for column in form.required)
