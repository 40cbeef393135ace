"""What an import would do with each row, given what is known: plain values in, plain values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from luojiang_ce.sheets.months import YearMonth
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Change, ReadRow

from .rows import RosterRow

# Longer texts are cut, visibly, to what is kept of them.
TEXT_LENGTHS = {"title": 50, "certificate": 40, "department": 60, "note": 200}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What the district knows of a person: where the person works, and the values that an import may change."""

    person_id: int
    name: str
    works_here: bool
    works_elsewhere: bool
    category: str = ""
    title: str = ""
    level: str = ""
    since: date | None = None
    certificates: frozenset[str] = frozenset()
    certificate: str = ""
    department: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RowPlan(ReadRow[RosterRow]):
    """What becomes of one row: new, changed, unchanged or wrong; and whom the district knows by its number."""

    known: KnownPerson | None = None

    @property
    def row(self) -> RosterRow:
        assert self.value is not None
        return self.value


def plan_rows(
    rows: Sequence[RosterRow], problems: Mapping[int, Sequence[CellProblem]], known: Mapping[str, KnownPerson]
) -> list[RowPlan]:
    """The outcome of each row; `known` holds the people of the district by their ID numbers."""
    return [_plan(row, problems.get(row.number, ()), known.get(row.id_number)) for row in rows]


def _plan(row: RosterRow, problems: Sequence[CellProblem], known: KnownPerson | None) -> RowPlan:
    found = (*problems, *_conflicts(row, known))
    here = known if known and known.works_here else None
    changes = changes_of(row, here) if here and not found else ()
    outcome = "wrong" if found else "new" if here is None else "changed" if changes else "unchanged"
    return RowPlan(row.number, row.name, outcome, row, found, changes, known)


def _conflicts(row: RosterRow, known: KnownPerson | None) -> list[CellProblem]:
    """An import never moves or renames anyone; the other unit is not named."""
    if known is None:
        return []
    conflicts = []
    if known.works_elsewhere:
        conflicts.append(
            CellProblem("id_number", "此人现在在其他单位", "请先办理调入，由原单位或区人社局放行", "employed-elsewhere")
        )
    if row.name and row.name != known.name:
        remedy = "请核对姓名和身份证号；确需改名的，请在人员页面更正"
        conflicts.append(CellProblem("name", "这个身份证号在系统里是另一个姓名", remedy, "name-conflict"))
    return conflicts


def changes_of(row: RosterRow, known: KnownPerson) -> tuple[Change, ...]:
    """Values that the file gives and that differ from what is known; empty cells change nothing."""
    changes = [
        Change(key, old, new)
        for key, old, new in (
            ("category", known.category, row.category),
            ("title", known.title, kept(row, "title")),
            ("level", known.level, row.level),
            ("department", known.department, kept(row, "department")),
            ("note", known.note, kept(row, "note")),
        )
        if new and new != old
    ]
    if row.since and not _same_since(row.since, known.since):
        changes.append(Change("since", known.since.isoformat() if known.since else "", shown_month(row.since)))
    certificate = kept(row, "certificate")
    if certificate and certificate not in known.certificates:
        changes.append(Change("certificate", known.certificate, certificate))
    return tuple(changes)


def kept(row: RosterRow, key: str) -> str:
    """The text of a free column as it is kept: cut where it is longer than there is room for."""
    text: str = getattr(row, key)
    most = TEXT_LENGTHS[key]
    return text if len(text) <= most else text[: most - 1] + "…"


def _same_since(given: YearMonth, known: date | None) -> bool:
    """A month without a day agrees with any day in it."""
    if known is None or not given.same_month(known):
        return False
    return given.day is None or given.day == known.day


def shown_month(month: YearMonth | None) -> str:
    """The month as it was read, with the day where the file gives one; empty for none."""
    if month is None:
        return ""
    return f"{month.year}-{month.month:02d}" + (f"-{month.day:02d}" if month.day else "")
