"""The people of one learning from a workbook: name or ID, hours where they differ, a note; the learning is a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, Role
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.sheets.cells import Value, as_text, clean_name
from luojiang_ce.sheets.characters import name_key
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import CellProblem, UnreadableCellError
from luojiang_ce.sheets.rows import ReadRow, RowReader, sound
from units.filed_case import EDITABLE
from units.identity import id_numbers
from units.identity.names import is_same_name
from units.models import Person
from units.roster.columns import ID_NUMBER
from verification.choices import Form
from verification.declarations.models import Declaration
from verification.declarations.together import Looked, Part, add_to, looked_at

MOST_PEOPLE = 2000
NEW, PRESENT = "new", "present"
NOTE: int = Declaration._meta.get_field("note").max_length or 0
LISTED = SheetForm(
    code="declared_people",
    title="同一次学习的人员",
    sheet_name="人员",
    columns=(
        Column("name", "姓名", ("名字", "人员姓名"), kind="name", width=12, required=True),
        Column("id_number", ID_NUMBER.title, ID_NUMBER.synonyms, kind="id", width=22, help="有同名的须填"),
        Column("amount", "学时（学分）", ("学时", "学分"), kind="number", width=12, help="与他人不同的才填"),
        Column("note", "其他说明", ("备注", "说明"), width=30),
    ),
    instructions=(
        "每人一行，只有“姓名”必填；只认本单位在册的人员，有同名的填身份证号。",
        "项目、日期、科目和依据按已填的草稿；学时（学分）与草稿不同的，在这里填各人的数。",
    ),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of the unit, with what is theirs alone."""

    person: Person
    part: Part


class _People:
    """The people of a unit, by name and by ID. One query."""

    def __init__(self, case: Declaration) -> None:
        self.by_name: dict[str, list[Person]] = {}
        self.by_id: dict[str, Person] = {}
        for person in Person.objects.employed_in(case.unit):
            self.by_name.setdefault(name_key(person.name), []).append(person)
            self.by_id[person.id_hash] = person

    def meant(self, name: str, number: str) -> Person | CellProblem:
        """Whom a row means, or why nobody of the unit."""
        if not number:
            return self._named(name)
        person = self.by_id.get(id_numbers.lookup_hash(number))
        if person is None:
            return CellProblem("id_number", "本单位没有这个证件号码的人员", "请核对，或先在“人员”里登记")
        if not is_same_name(person.name, name):
            return CellProblem("name", "姓名与证件号码不一致", "请核对姓名和身份证号")
        return person

    def _named(self, name: str) -> Person | CellProblem:
        found = self.by_name.get(name_key(clean_name(name)), [])
        if len(found) == 1:
            return found[0]
        if found:
            return CellProblem("id_number", f"本单位有 {len(found)} 人叫这个姓名", "请填身份证号")
        return CellProblem("name", "不是本单位在册人员的姓名", "请核对，或先在“人员”里登记")


def _plan(sheet: Sheet, entries: Sequence[Entry], case: Declaration) -> list[ReadRow[Listed]]:
    """Held against the people of the unit and what is declared for them already; as many queries for any list."""
    own, rows = _People(case), [RowReader(entry, sheet) for entry in entries]
    meant = [own.meant(row.text("name"), row.text("id_number")) for row in rows]
    people = {person.pk: person for person in meant if isinstance(person, Person)}
    looked = looked_at(case, list(people.values()), [case.unit_id])
    lines: dict[int, int] = {}
    planned: list[ReadRow[Listed]] = []
    for row, who in zip(rows, meant, strict=True):
        part, number = _part(row), row.entry.row
        if isinstance(who, CellProblem):
            row.problems.append(who)
        elif (line := lines.setdefault(who.pk, number)) != number:
            row.wrong("name", f"与第 {line} 行是同一人", "只留一行")
        else:
            planned.append(_understood(row, who, part, looked[who.pk], case))
            continue
        planned.append(ReadRow.wrong(number, row.text("name"), row.problems))
    return planned


def _understood(row: RowReader, person: Person, part: Part, looked: Looked, case: Declaration) -> ReadRow[Listed]:
    """A row that means a person: new, there already as a draft of the unit, or wrong."""
    there = looked.there
    drafted = there is not None and there.state == Declaration.State.DRAFT and there.unit_id == case.unit_id
    if looked.why and not drafted:
        row.wrong("name", looked.why, "请从表中去掉这一行，或单独申报")
    if row.problems:
        return ReadRow.wrong(row.entry.row, person.name, row.problems)
    return ReadRow(row.entry.row, person.name, PRESENT if drafted else NEW, Listed(person, part))


def _part(row: RowReader) -> Part:
    """What is the row's own."""
    note = mask_ids(row.text("note"))
    if len(note) > NOTE:
        row.wrong("note", f"其他说明有 {len(note)} 字，最多 {NOTE} 字", "请缩短")
    return Part(row.cell("amount", _amount), note)


def _amount(value: Value) -> Decimal:
    try:
        amount = Decimal(as_text(value).removesuffix("学时").removesuffix("学分").strip())
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not 0 < amount < 100_000 or amount != round(amount, 1):
        raise UnreadableCellError("学时（学分）应是大于 0 的数，最多一位小数", "请改成数字，例如 8 或 7.5")
    return round(amount, 1)


def _write(rows: Sequence[ReadRow[Listed]], into: Confirmation[Declaration]) -> Mapping[str, int]:
    new = sound(rows, NEW)
    parts = {each.person.pk: each.part for each in new}
    return {"added": add_to(case=into.scope, people=[each.person for each in new], parts=parts, actor=into.actor)}


def _why_closed(case: Declaration) -> str | None:
    """Who comes later joins nothing that is being reviewed."""
    if case.state in EDITABLE:
        return None
    return f"这件申报现在是“{case.get_state_display()}”，不能再按它加人；可以新建一件同样的申报"


def _own(account: Actor) -> QuerySet[Declaration]:
    """What the clerk's own unit declares, but what came from another district: that is of one person."""
    own = Declaration.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK)).exclude(form=Form.TRANSFER)
    return own.select_related("unit", "person", "filing")


def _back(case: Any) -> str:
    return reverse("declarations:together", args=[case.pk])


PEOPLE_IMPORT: ImportKind[Declaration, Listed] = ImportKind(
    code="declared_people",
    name="同一次学习的人员",
    form=LISTED,
    most_rows=MOST_PEOPLE,
    outcomes=(Outcome(NEW, "建立草稿", "done"), Outcome(PRESENT, "已有草稿，不改动", "idle")),
    shows=(
        Shown("证件", lambda listed: listed.person.masked_id),
        Shown("学时（学分）", lambda listed: f"{listed.part.amount:f}" if listed.part.amount else "按草稿"),
        Shown("其他说明", lambda listed: listed.part.note),
    ),
    plan=_plan,
    write=_write,
    scopes=_own,
    why_closed=_why_closed,
    urls=Urls("declarations:people_import", "declarations:people_preview", "declarations:people_returned"),
    title="用表格加人",
    lead="项目按这件草稿，各人一件；已上传的共同材料一并附上。先看预览，确认以后才建立",
    crumbs=lambda case: [("学时申报", reverse("declarations:list")), (case.title, _back(case)), ("用表格加人", "")],
    template_url=lambda case: reverse("declarations:people_template"),
    back=_back,
    button=lambda counts: f"建立 {counts[NEW]} 件草稿" if counts[NEW] else "",
    idle="没有可以建立的",
    results=(("added", "建立草稿"),),
    said=lambda result: f"已建立 {result.get('added', 0)} 件草稿",
)
