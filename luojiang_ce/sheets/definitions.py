"""One definition of a form's columns makes its screen table, workbook, template, reader and PDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Literal

from .cells import Value, clean_title

Kind = Literal["text", "name", "id", "choice", "month", "date", "number", "integer"]

# What begins a row that is no entry: sums, signatures and remarks below (or amid) the entries.
FOOT_WORDS = (
    *("合计", "总计", "小计", "共计"),
    *("填表人", "填报人", "制表人", "审核人", "复核人", "经办人", "负责人", "单位负责人"),
    *("单位意见", "申办单位意见"),
    *("联系人", "联系电话", "填报日期", "填表日期", "制表日期", "说明", "填表说明", "备注", "注：", "注:"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called here and elsewhere, what it holds, how wide it is (in characters)."""

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    kind: Kind = "text"
    width: int = 12
    group: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    # Accepted spellings of a choice, as (spelling, choice).
    choice_spellings: tuple[tuple[str, str], ...] = ()
    help: str = ""
    holds_moments: bool = False  # days with their time, which are nobody's birth
    runs_on: bool = False  # on paper equal cells below each other are one
    whole: bool = False  # on paper it stands on one line, as figures and names do
    by_hand: bool = False  # somebody writes into it on paper: it keeps its width though nothing is printed there

    @property
    def titles(self) -> tuple[str, ...]:
        """Every title by which the column is recognised, cleaned."""
        return tuple(clean_title(title) for title in (self.title, *self.synonyms))

    def choice(self, text: str) -> str | None:
        """The choice that the text means, or None if it means none."""
        if text in self.choices:
            return text
        return dict(self.choice_spellings).get(text)


@dataclass(frozen=True, slots=True)
class HeadField:
    """A line above or below the table, such as 单位负责人; its value comes with the data."""

    key: str
    title: str


@dataclass(frozen=True)
class Opinion:
    """A box for an opinion below the table, in the order in which they are given: who decides, what, who signed."""

    title: str
    text: str = ""
    signer: str = ""
    day: date | None = None


@dataclass(frozen=True)
class SheetForm:
    """A form whose rows people fill in; the columns marked required are those by which its header is found."""

    code: str
    title: str
    columns: tuple[Column, ...]
    orientation: Literal["portrait", "landscape"] = "portrait"
    head: tuple[HeadField, ...] = ()
    foot: tuple[HeadField, ...] = ()
    numbered: bool = True
    sheet_name: str = ""
    instructions: tuple[str, ...] = ()
    foot_words: tuple[str, ...] = FOOT_WORDS
    # Does a heading over several columns belong to each of their titles (上午 over 签到 and 签退)?
    joins_titles: bool = False
    # The columns that share the places of one title, where it was merged over as many of them: by that title's column.
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    # Asked of every cell of an entry in a column that the form does not know: can it change what the row means?
    minds: Callable[[str, str], bool] = field(default=lambda title, text: False)
    # Tells an entry from a foot row that begins with the same word (a person named 备注 with an ID number).
    is_entry: Callable[[Mapping[str, Value]], bool] = field(default=lambda cells: False)

    @cached_property
    def by_title(self) -> dict[str, Column]:
        """The column for each cleaned title, its synonyms included."""
        return {title: column for column in self.columns for title in column.titles}

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """The columns without which a row of titles is no header of this form."""
        return tuple(column for column in self.columns if column.required)

    @cached_property
    def _by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    def column(self, key: str) -> Column:
        """The column of that key; KeyError if the form has none."""
        return self._by_key[key]

    @property
    def lists_people(self) -> bool:
        """Whether its rows are people with their ID numbers."""
        return any(column.kind == "id" for column in self.columns)

    @property
    def has_days(self) -> bool:
        """Whether one of its columns holds days, which are then no births."""
        return any(column.kind == "date" or column.holds_moments for column in self.columns)

    @property
    def has_groups(self) -> bool:
        """Whether the header takes two lines."""
        return any(column.group for column in self.columns)

    def groups(self) -> list[tuple[str, tuple[Column, ...]]]:
        """Neighbouring columns under one heading; a column without a group stands alone under an empty one."""
        runs = groupby(enumerate(self.columns), key=lambda item: item[1].group or item[0])
        return [(key if isinstance(key, str) else "", tuple(column for _, column in run)) for key, run in runs]
