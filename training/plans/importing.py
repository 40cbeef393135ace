"""The import of 附件1 into a plan (product.md P1): a filled workbook, or rows pasted out of one.

A row is the class of the same name that the plan has already, or a new one. What a cell leaves empty stays as it is;
what is still missing is said, and asked for when the plan is filed, as in the form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, Role
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.rows import Change, Reading, ReadRow, RowReader, sound
from training.choices import Category, Form, Funding
from training.plans import written
from training.plans.case import item_problems
from training.plans.checks import title_key
from training.plans.form1 import FORM1, FORM1_READ, cell_text, row_of
from training.plans.models import Plan, PlanItem
from training.plans.review import marks_of, planned, published_elsewhere
from training.plans.services import locked, new_item, save_rows
from units.filed_case import EDITABLE
from verification.choices import Measure

MOST_ROWS = 500  # about a second; no unit runs as many classes a year
NEW, CHANGED, SAME = "new", "changed", "same"
TEXTS = ("organiser", "co_organiser", "title", "basis", "content", "audience", "place", "lecturers", "note")
WORDS: Mapping[str, Any] = {"category": Category, "form": Form, "funding": Funding}
# Without one of these a line is no class: a remark, or a line that was numbered in advance.
SAYS = frozenset(column.key for column in FORM1_READ.columns) - {"ordinal", "organiser", "co_organiser", "note"}
TOO_LONG = "请缩短，详细内容可写进培训方案"


@dataclass(frozen=True)
class ReadItem:
    """A row as it would stand in the plan, saved or not; what is still missing in it, and what to look at."""

    item: PlanItem
    cells: Mapping[str, str]  # of 附件1, in words
    missing: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """A row of the file: what its cells say by field, and what is wrong with them."""

    number: int
    values: dict[str, Any]
    reader: RowReader

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))


def _entries(sheet: Sheet) -> list[Entry]:
    """The rows that say something of a class."""
    return [entry for entry in sheet.entries if any(not written.says_nothing(entry.values.get(key)) for key in SAYS)]


def _plan(sheet: Sheet, entries: Sequence[Entry], plan: Plan) -> list[ReadRow[ReadItem]]:
    """Held against the plan's rows and the published projects as they are now."""
    blank = new_item(plan)
    rows = [*_rows(sheet, entries, plan)]
    there = list(plan.items.select_related("plan"))
    known = _matches(rows, there, blank.organiser)
    items = [_item(row, known.get(row.number), blank) for row in rows]
    for row, item in zip(rows, items, strict=True):
        _check(row, item)
    hints = _hints(rows, items, plan, there)
    return [_read(row, item, known.get(row.number), said) for row, item, said in zip(rows, items, hints, strict=True)]


def _rows(sheet: Sheet, entries: Iterable[Entry], plan: Plan) -> Iterator[_Row]:
    """Row after row; an organiser that was merged downwards holds for the rows below it."""
    organiser = ""
    for entry in entries:
        reader = RowReader(entry, sheet)
        values = dict(_values(reader, plan.year))
        organiser = values.get("organiser") or organiser
        yield _Row(entry.row, values | ({"organiser": organiser} if organiser else {}), reader)


def _values(row: RowReader, year: int) -> Iterator[tuple[str, Any]]:
    """What the filled cells of a row say, by field."""
    row.entry = _without_dashes(row.entry)
    for key in TEXTS:
        if text := row.text(key):
            yield key, mask_ids(text)
    for key, words in WORDS.items():
        if label := row.cell(key, partial(written.choice, FORM1.column(key))):
            yield key, {word.label: word.value for word in words}[label]
    for key, read in (("sessions", written.count), ("people", written.count), ("days", written.days)):
        if (number := row.cell(key, read)) is not None:
            yield key, number
    yield from _period(row, year)
    yield from _amounts(row)
    yield from _money(row)
    yield from _contact(row)


def _without_dashes(entry: Entry) -> Entry:
    """The row without cells that say nothing; 无 for a fee says that there is none."""
    said = {
        key: value
        for key, value in entry.values.items()
        if key in ("fee", "charges") or not written.says_nothing(value)
    }
    return Entry(entry.row, said)


def _period(row: RowReader, year: int) -> Iterator[tuple[str, date]]:
    """From when to when, in one cell or in two."""
    read = partial(written.period, year=year, epoch_1904=row.sheet.epoch_1904)
    if found := row.cell("period", read):
        yield from zip(("starts_on", "ends_on"), found, strict=True)
        return
    starts, ends = row.cell("starts", read), row.cell("ends", read)
    if starts:
        yield "starts_on", starts[0]
    last = ends or (starts if starts and starts[0] != starts[1] else None)
    if last:
        yield "ends_on", last[1]


def _amounts(row: RowReader) -> Iterator[tuple[str, Any]]:
    """Hours or credits of both subjects, in two cells or in one."""
    found = {key: row.cell(f"{key}_amount", written.amount) for key in ("public", "professional")}
    said = {key: value for key, value in found.items() if value}
    if together := row.cell("amounts", written.amounts):
        said |= _by_subject(row, *together)
    for key, (amount, _) in said.items():
        yield f"{key}_amount", amount
    if measure := next((measure for _, measure in said.values() if measure), ""):
        yield "measure", measure


def _by_subject(row: RowReader, amounts: Mapping[str, Decimal], measure: str) -> dict[str, tuple[Decimal, str]]:
    """Amounts by subject; one that names none is that of the class's own subject."""
    keys = {"公共": "public", "专业": "professional"}
    own = row.cell("category", partial(written.choice, FORM1.column("category"))) if "" in amounts else ""
    if own is not None and (own or keys) and not {subject or own for subject in amounts} - keys.keys():
        return {keys[subject or own]: (amount, measure) for subject, amount in amounts.items()}
    row.wrong("amounts", "没有写是公共还是专业的学时", "请写成 公共8、专业16，或分成公共、专业两列")
    return {}


def _money(row: RowReader) -> Iterator[tuple[str, Any]]:
    """Budget and fee: the fee in one cell, or its parts in two or three."""
    budget, in_10k = row.cell("budget", written.money), row.cell("budget_10k", written.money)
    if budget is not None or in_10k is not None:
        yield "budget", budget if in_10k is None else in_10k * 10_000
    said = row.cell("fee", written.fee) or row.cell("charges", written.fee)
    standard, document = row.cell("standard", written.money), row.text("fee_document")
    if said or standard or document:
        said = said or written.Fee(True)
        yield "charges", said.charges
        yield "fee", said.fee if standard is None else standard
        yield "fee_document", document or said.document


def _contact(row: RowReader) -> Iterator[tuple[str, str]]:
    name, phone = row.cell("contact", written.contact) or ("", "")
    phone = row.text("phone") or phone
    yield from ((key, text) for key, text in (("contact", name), ("phone", phone)) if text)


# --- which row of the plan is meant -----------------------------------------------------------------------------------


def _matches(rows: Sequence[_Row], there: Sequence[PlanItem], organiser: str) -> dict[int, PlanItem]:
    """The plan's row that each row of the file is, by its number: the same class (name, organiser and first day), else
    the same name and day, else the only one of that name on both sides. Each is taken once."""
    items = {item.pk: item for item in there}
    of_plan = {item.pk: _facts_of(vars(item), organiser) for item in there}
    of_file = {row.number: _facts_of(row.values, organiser) for row in rows if row.title}
    taken: dict[int, PlanItem] = {}
    for shared, alone in ((("title", "organiser", "day"), False), (("title", "day"), False), (("title",), True)):
        places, numbers = _grouped(of_plan, shared), _grouped(of_file, shared)
        for facts in numbers.keys() & places.keys():
            if not alone or len(places[facts]) == len(numbers[facts]) == 1:
                for number, place in zip(numbers[facts], places[facts], strict=False):
                    taken[number] = items[place]
                    del of_file[number], of_plan[place]
    return taken


def _facts_of(values: Mapping[str, Any], organiser: str) -> dict[str, Any]:
    """What tells classes apart."""
    title, day = title_key(values.get("title", "")), values.get("starts_on")
    return {"title": title, "organiser": values.get("organiser", organiser), "day": day}


def _grouped(rows: Mapping[int, Mapping[str, Any]], shared: Sequence[str]) -> dict[tuple[Any, ...], list[int]]:
    """The numbers of rows by what they share."""
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, facts in rows.items():
        found[tuple(facts[name] for name in shared)].append(number)
    return found


def _item(row: _Row, known: PlanItem | None, blank: PlanItem) -> PlanItem:
    """The row as it would stand in the plan."""
    item = copy(known or blank)
    for name, value in row.values.items():
        setattr(item, name, value)
    return item


def _check(row: _Row, item: PlanItem) -> None:
    """What the database would not take, as problems of the cells it came from."""
    wrong = {problem.key for problem in row.reader.problems}
    for name, value in row.values.items():
        field: Any = PlanItem._meta.get_field(name)
        key = _column_of(name, row.reader.sheet)
        try:
            if value not in (None, ""):
                field.clean(value, item)
        except ValidationError as refused:
            remedy = TOO_LONG if isinstance(value, str) else "请核对这一格"
            row.reader.wrong(key, "；".join(refused.messages).rstrip("。"), remedy)
    if not row.title and "title" not in wrong:
        row.reader.wrong("title", "没有写培训班名称", "请写上班名；不是培训班的行请删去")
    if item.starts_on and item.ends_on and item.ends_on < item.starts_on:
        row.reader.wrong(_column_of("ends_on", row.reader.sheet), "结束日期早于开始日期", "请核对起止时间")


def _column_of(name: str, sheet: Sheet) -> str:
    """The column from which a field was read."""
    columns = {
        "starts_on": ("period", "starts"),
        "ends_on": ("period", "ends", "starts"),
        "charges": ("fee", "charges"),
        "fee": ("standard", "fee", "charges"),
        "fee_document": ("fee_document", "fee", "charges"),
        "phone": ("phone", "contact"),
        "budget": ("budget", "budget_10k"),
        "measure": ("public_amount", "amounts"),
        "public_amount": ("public_amount", "amounts"),
        "professional_amount": ("professional_amount", "amounts"),
    }.get(name, (name,))
    return next((key for key in columns if key in sheet.header.columns), columns[0])


# --- what is shown, and written ---------------------------------------------------------------------------------------


def _hints(
    rows: Sequence[_Row], items: Sequence[PlanItem], plan: Plan, there: Sequence[PlanItem]
) -> list[tuple[str, ...]]:
    """What to look at in each row besides what is missing: held against the file, the plan's other rows and what is
    published of others."""
    read = [planned(item, f"表里第 {row.number} 行") for row, item in zip(rows, items, strict=True)]
    mentioned = {item.pk for item in items}
    others = [planned(item, f"本计划第 {item.position} 行") for item in there if item.pk not in mentioned]
    found = marks_of(read, [*others, *published_elsewhere(plan)], plan)
    return [tuple(mark.text for mark in marks if not mark.refused) for marks in found]


def _read(row: _Row, item: PlanItem, known: PlanItem | None, hints: tuple[str, ...]) -> ReadRow[ReadItem]:
    if row.reader.problems:
        return ReadRow.wrong(row.number, row.title, row.reader.problems)
    cells = {key: cell_text(value) for key, value in row_of(item).items()}
    value = ReadItem(item, cells, tuple(item_problems(item)), hints)
    if known is None:
        return ReadRow(row.number, row.title, NEW, value)
    changes = _changes(known, item, cells)
    return ReadRow(row.number, row.title, CHANGED if changes else SAME, value, changes=changes)


def _changes(old: PlanItem, new: PlanItem, after: Mapping[str, str]) -> tuple[Change, ...]:
    """What would change, column by column as 附件1 words it."""
    before = {key: cell_text(value) for key, value in row_of(old).items()}
    found = [Change(key, before[key], after[key]) for key in after if before[key] != after[key]]
    if old.measure != new.measure:
        found.append(Change("amounts", Measure(old.measure).label, Measure(new.measure).label))
    return tuple(found)


def _write(rows: Sequence[ReadRow[ReadItem]], into: Confirmation[Plan]) -> Mapping[str, int]:
    """New rows below the others, changed ones in their places; not over what somebody changed since the preview."""
    if _standing(into.scope) != into.batch.plan.get("standing"):
        raise NotPossible("您预览以后，这份计划的行有变动，没有导入。请重新上传或粘贴，看现在的预览")
    actor: Any = into.actor
    save_rows(plan=into.scope, items=[read.item for read in sound(rows, NEW, CHANGED)], actor=actor)
    return {code: sum(row.outcome == code for row in rows) for code in (NEW, CHANGED, SAME)}


def _standing(plan: Plan) -> list[list[int]]:
    return [list(row) for row in plan.items.order_by("pk").values_list("pk", "version")]


def _facts(reading: Reading[ReadItem], plan: Plan) -> dict[str, Any]:
    """Against which rows it was held; what to look at, in all of the file's rows and in each."""
    found = [(row.number, row.name, row.value) for row in reading.rows if row.value]
    of_all = set.intersection(*(set(value.hints) for _, _, value in found)) if len(found) > 1 else set()
    hints = [(number, name, [said for said in value.hints if said not in of_all]) for number, name, value in found]
    return {
        "standing": _standing(plan),
        "of_all": sorted(of_all),
        "hints": [hint for hint in hints if hint[2]],
        "missing": sum(bool(value.missing) for _, _, value in found),
    }


def own_plans(account: Actor) -> QuerySet[Plan]:
    """The plans of the units whose clerk the account is today."""
    return Plan.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK)).select_related("unit")


def _crumbs(plan: Plan) -> list[tuple[str, str]]:
    return [("培训计划", reverse("plans:list")), (str(plan), plan.get_absolute_url()), ("导入附件1", "")]


def _button(counts: Mapping[str, int]) -> str:
    new, changed = counts[NEW], counts[CHANGED]
    return f"导入 {new + changed} 个班：新增 {new}、变动 {changed}" if new + changed else ""


def _said(result: Mapping[str, int]) -> str:
    return f"已导入附件1：新增 {result.get(NEW, 0)} 个班，变动 {result.get(CHANGED, 0)} 个"


# A figure with its word; what has none says itself what it is.
_FIGURES = {
    "days": "{} 天",
    "sessions": "{} 期",
    "people": "每期 {} 人",
    "public_amount": "公共 {}",
    "professional_amount": "专业 {}",
    "budget": "预算 {} 元",
}


def _words(*keys: str) -> Callable[[ReadItem], str]:
    """What was understood of some columns, in one cell."""

    def words(read: ReadItem) -> str:
        row = {key: read.cells[key] for key in keys}
        return "，".join(_FIGURES.get(key, "{}").format(text) for key, text in row.items() if text not in ("", "0"))

    return words


FORM1_IMPORT: ImportKind[Plan, ReadItem] = ImportKind(
    code="plan_rows",
    name="附件1",
    form=FORM1_READ,
    most_rows=MOST_ROWS,
    unread=("ordinal",),
    named="培训班",
    order=tuple(column.key for column in FORM1.columns),
    outcomes=(
        Outcome(NEW, "新增", "done", "接在已有的行下面；空着的格以后可以补"),
        Outcome(CHANGED, "变动", "turn", "同名的班按表里改；空着的格不改已填的内容"),
        Outcome(SAME, "无变动", "idle"),
    ),
    shows=(
        Shown("主办单位", lambda read: read.item.organiser),
        Shown("类别、形式", _words("category", "form")),
        Shown("时间、地点", _words("period", "days", "place")),
        Shown("规模", _words("sessions", "people")),
        Shown("学时（学分）", _words("public_amount", "professional_amount")),
        Shown("经费、收费", _words("funding", "budget", "fee")),
        Shown("还缺", lambda read: "；".join(read.missing)),
        Shown("请留意", lambda read: "；".join(read.hints)),
    ),
    one_of=SAYS - {"title"},
    without="表头里只有班名。请补上起止时间、人数、学时等列，或下载模板填写。",
    read=_entries,
    plan=_plan,
    write=_write,
    scopes=own_plans,
    why_closed=lambda plan: None if plan.state in EDITABLE else locked(plan),
    urls=Urls("plans:import", "plans:import_preview", "plans:import_returned"),
    title="导入附件1",
    lead="上传填好的表，或粘贴表格里的行。先看预览，确认以后才写入；没有提到的行不动",
    crumbs=_crumbs,
    template_url=lambda plan: reverse("plans:template"),
    back=lambda plan: plan.get_absolute_url(),
    facts=_facts,
    facts_template="training_plans/parts/import_hints.html",
    button=_button,
    idle="没有可以导入的班",
    results=((NEW, "新增"), (CHANGED, "变动"), (SAME, "无变动")),
    said=_said,
)
