"""A row of a roster: its typed values, all that can be wrong with it, and what an import would do with it.

Plain values in, plain values out; each checker looks at one thing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from luojiang_ce.sheets.cells import Value, is_number
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.masking import SCIENTIFIC, mask_text
from luojiang_ce.sheets.months import YearMonth, read_month
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Change, ReadRow
from luojiang_ce.words import squeezed
from units.identity import id_numbers
from units.identity.names import is_same_name, is_valid_name, why_invalid
from units.roster.columns import CATEGORIES, LEVELS, ROSTER

NAME_LENGTH = 50
# A cell may hold pages; nothing longer than this is ever kept of one.
_MOST_TEXT = 300
# What is written in the column of the certificate by who has none.
NO_CERTIFICATE = frozenset(
    {"无", "暂无", "没有", "尚无", "未办", "未领", "待办", "-", "--", "—", "——", "/", "\\", "0", "空"}
)
# Longer texts are cut, visibly, to what is kept of them.
TEXT_LENGTHS = {"title": 50, "series": 30, "certificate": 40, "department": 60, "note": 200}


Years = tuple[int, int]  # first and last
SPAN = re.compile(r"(20\d\d)年?度?[-–—－~～至到]+(20\d\d)年?度?")
PERIODS = {"tenure": 0, "cycle": 5}  # how many years it has, where that is fixed (notice 一(三)3)


def years_in(text: str) -> Years | None:
    """A span of years as rosters write it: 2023-2027, 2023年至2027年; None where it is none."""
    found = SPAN.fullmatch(re.sub(r"\s", "", text))
    return (int(found[1]), int(found[2])) if found else None


def shown_years(years: Years | None) -> str:
    """2023-2027."""
    return f"{years[0]}-{years[1]}" if years else ""


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
    series: str = ""
    tenure_text: str = ""
    tenure: Years | None = None
    cycle_text: str = ""
    cycle: Years | None = None

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
    if squeezed(texts["certificate"]) in NO_CERTIFICATE:
        texts["certificate"] = ""
    return RosterRow(
        number=entry.row,
        id_is_number=is_number(entry.values.get("id_number")) or bool(SCIENTIFIC.fullmatch(texts["id_number"])),
        birth_text=texts.pop("birth"),
        birth=_month(entry.values.get("birth"), epoch_1904),
        tenure=years_in(texts["tenure"]),
        tenure_text=texts.pop("tenure"),
        cycle=years_in(texts["cycle"]),
        cycle_text=texts.pop("cycle"),
        since_text=texts.pop("since"),
        since=_month(entry.values.get("since"), epoch_1904),
        **texts,
    )


def _month(value: Value | None, epoch_1904: bool) -> YearMonth | None:
    return None if value is None else read_month(value, epoch_1904=epoch_1904)


Checker = Callable[[RosterRow, date], Iterator[CellProblem]]


def check_rows(rows: Sequence[RosterRow], today: date) -> dict[int, list[CellProblem]]:
    """All problems that the rows have by themselves and among themselves, by row number."""
    found = {row.number: [problem for check in CHECKERS for problem in check(row, today)] for row in rows}
    for row, first in _repeated(rows, today):
        text, remedy = f"身份证号与第 {first.number} 行相同", "请核对这两行，只保留正确的一行"
        found[row.number].append(CellProblem("id_number", text, remedy, "duplicate-in-file"))
    return found


def _check_name(row: RosterRow, today: date) -> Iterator[CellProblem]:
    if not row.name:
        yield CellProblem("name", "姓名没有填", "请补上姓名", "name-missing")
    elif len(row.name) > NAME_LENGTH:
        yield CellProblem("name", f"姓名超过 {NAME_LENGTH} 个字", "请核对这一格是不是姓名", "name-invalid")
    elif not is_valid_name(row.name):
        yield CellProblem("name", *why_invalid(row.name), "name-invalid")


def _check_id(row: RosterRow, today: date) -> Iterator[CellProblem]:
    """At most one problem: the first that applies."""
    if not row.id_number:
        yield CellProblem("id_number", "身份证号没有填", "请补上 18 位身份证号", "id-missing")
    elif row.id_is_number:
        yield CellProblem(
            "id_number",
            "Excel 把身份证号变成了数字，后几位已丢失",
            "请把该列设为“文本”格式，再重新录入 18 位号码",
            "id-as-number",
        )
    elif len(row.id_number) != 18:
        yield CellProblem(
            "id_number",
            f"身份证号是 {len(row.id_number)} 位，应为 18 位",
            "请填 18 位身份证号；持护照等其他证件的人员请在人员页面单独录入",
            "id-length",
        )
    elif not id_numbers.has_sound_check_digit(row.id_number):
        yield CellProblem("id_number", *id_numbers.why_unsound(row.id_number), "id-checksum")
    elif not row.has_sound_id(today):
        yield CellProblem("id_number", "身份证号里的出生日期不存在或晚于今天", "请对照证件逐位核对", "id-birthdate")


def _check_sex(row: RosterRow, today: date) -> Iterator[CellProblem]:
    if row.sex and row.has_sound_id(today) and row.sex != id_numbers.sex(row.id_number):
        yield CellProblem(
            "sex", "性别与身份证号不一致", "请核对性别（填“男”或“女”）和身份证号，改正错的一处", "sex-mismatch"
        )


def _check_birth(row: RosterRow, today: date) -> Iterator[CellProblem]:
    born = id_numbers.birth_date(row.id_number) if row.has_sound_id(today) else None
    if row.birth_text and row.birth is None:
        yield _unreadable_date("birth", row.birth_text)
    elif row.birth and born and not row.birth.same_month(born):
        yield CellProblem(
            "birth", "出生年月与身份证号不一致", "请核对出生年月和身份证号，改正错的一处", "birth-mismatch"
        )


def _check_since(row: RosterRow, today: date) -> Iterator[CellProblem]:
    if row.since_text and row.since is None:
        yield _unreadable_date("since", row.since_text)


def _check_periods(row: RosterRow, today: date) -> Iterator[CellProblem]:
    for key, length in PERIODS.items():
        text, years = getattr(row, f"{key}_text"), getattr(row, key)
        if text and years is None:
            said = f"{ROSTER.column(key).title}“{mask_text(text)}”认不出起止年度"
            yield CellProblem(key, said, "请填起止年度，如 2023-2027", "years-unreadable")
        elif years and years[1] < years[0]:
            yield CellProblem(key, "终止年度早于起始年度", "请填起止年度，如 2023-2027", "years-out-of-order")
        elif years and length and years[1] - years[0] + 1 != length:
            yield CellProblem(key, f"教师五年周期应为连续 {length} 年", "请核对起止年度，如 2023-2027", "cycle-length")


def _check_choices(row: RosterRow, today: date) -> Iterator[CellProblem]:
    if row.category and row.category not in CATEGORIES:
        yield CellProblem("category", "没有这个人员类别", f"请从 {'、'.join(CATEGORIES)} 中选", "unknown-value")
    if row.level and row.level not in LEVELS:
        remedy = f"请从 {'、'.join(LEVELS)} 中选；员级、助理级填初级"
        yield CellProblem("level", "没有这个级别", remedy, "unknown-value")


CHECKERS: tuple[Checker, ...] = (
    _check_name, _check_sex, _check_birth, _check_id, _check_choices, _check_since, _check_periods
)  # fmt: skip


def _repeated(rows: Sequence[RosterRow], today: date) -> Iterator[tuple[RosterRow, RosterRow]]:
    """Each row whose sound ID stood in a row before, with the first such row."""
    first: dict[str, RosterRow] = {}
    for row in rows:
        if row.has_sound_id(today):
            before = first.setdefault(row.id_number, row)
            if before is not row:
                yield row, before


def _unreadable_date(key: str, text: str) -> CellProblem:
    remedy = "请填年和月，如 2015-03 或 2015年3月"
    return CellProblem(key, f"{ROSTER.column(key).title}“{mask_text(text)}”认不出是哪年哪月", remedy, "date-unreadable")


# --- what an import would do with a row, given what is known ----------------------------------------------------------


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
    series: str = ""
    tenure: frozenset[Years] = frozenset()
    cycle: frozenset[Years] = frozenset()


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
    unlike = conflicts(row, known)
    found = (*problems, *unlike, *(_overlaps(row, known) if known and not unlike else ()))
    here = known if known and known.works_here else None
    changes = changes_of(row, here) if here and not found else ()
    outcome = "wrong" if found else "new" if here is None else "changed" if changes else "unchanged"
    return RowPlan(row.number, row.name, outcome, row, found, changes, known)


CONFLICTS = ("employed-elsewhere", "name-conflict")


def conflicts(row: RosterRow, known: KnownPerson | None) -> list[CellProblem]:
    """An import never moves or renames anyone; the other unit is not named."""
    if known is None:
        return []
    found = []
    if known.works_elsewhere:
        found.append(
            CellProblem("id_number", "此人现在在其他单位", "请先办理调入，由原单位或区人社局放行", "employed-elsewhere")
        )
    if row.name and not is_same_name(row.name, known.name):
        remedy = "请核对姓名和身份证号；确需改名的，请在人员页面更正"
        found.append(CellProblem("name", "这个身份证号在系统里是另一个姓名", remedy, "name-conflict"))
    return found


def _overlaps(row: RosterRow, known: KnownPerson) -> Iterator[CellProblem]:
    """Periods of one kind share no year; a wrong one is corrected on the person's page."""
    for key in PERIODS:
        years, there = getattr(row, key), getattr(known, key)
        other = next((each for each in there if years and _crosses(years, each)), None)
        if other and years not in there:
            said = f"与已登记的 {shown_years(other)} 年份重叠"
            yield CellProblem(key, said, "请核对；已登记的有误的，请在人员页更正", "period-overlap")


def _crosses(one: Years, other: Years) -> bool:
    return one[0] <= other[1] and one[1] >= other[0]


def as_typed(plan: RowPlan) -> RowPlan:
    """The same row to somebody who may not know of that person: nothing tells a number of another unit, or of another
    name, from one that nobody has."""
    if plan.known is None or plan.known.works_here:
        return plan
    own = tuple(each for each in plan.problems if each.code not in CONFLICTS)
    if own == plan.problems:
        return plan
    return replace(plan, outcome="wrong" if own else "new", problems=own)


def changes_of(row: RosterRow, known: KnownPerson) -> tuple[Change, ...]:
    """Values that the file gives and that differ from what is known; empty cells change nothing."""
    changes = [
        Change(key, old, new)
        for key, old, new in (
            ("category", known.category, row.category),
            ("title", known.title, kept(row, "title")),
            ("level", known.level, row.level),
            ("series", known.series, kept(row, "series")),
            ("department", known.department, kept(row, "department")),
            ("note", known.note, kept(row, "note")),
        )
        if new and new != old
    ]
    if row.since and not _same_since(row.since, known.since):
        changes.append(Change("since", known.since.isoformat() if known.since else "", shown_month(row.since)))
    for key in PERIODS:
        years, there = getattr(row, key), getattr(known, key)
        if years and years not in there:
            changes.append(Change(key, shown_years(max(there, default=None)), shown_years(years)))
    certificate = squeezed(kept(row, "certificate"))
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
    return month.name + (f"-{month.day:02d}" if month.day else "")
