"""The pass list of the bureau's own training from a workbook (notice 二(二)): people of the district by ID and name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.sheets.cells import column_letters
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.entries import Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import ReadRow, sound
from units.identity import id_numbers
from units.identity.documents import says_birth_and_sex, tidy
from units.identity.names import is_same_name
from units.models import Person, Unit
from units.roster.columns import ID_NUMBER
from units.roster.rows import RosterRow, check_rows, roster_rows
from verification.direct.models import DirectTraining
from verification.direct.pass_list import employers, listed_twice, why_closed
from verification.direct.services import list_people

MOST_PEOPLE = 20_000
NEW, PRESENT, FAILED = "new", "present", "failed"
PASSED_WORD, FAILED_WORD = "合格", "不合格"
FAILED_WORDS = ("未通过", "不通过", "不及格", "未及格", "缺考", "弃考", "未合格")
RESULT_TITLES = (
    *("结果", "是否合格", "考核", "成绩", "成绩评定", "考核情况", "评定", "结论", "考核成绩", "考核结论", "考核评定"),
    *("考试成绩", "考试结果", "考试情况", "结业情况", "培训结果", "培训成绩", "总成绩", "总评", "分数", "得分"),
)
_GRADES = ("成绩", "分数", "得分", "考分", "评分", "总评")  # in the title of a column of marks


def _may_fail(title: str, text: str) -> bool:
    """Can a cell that the list's form does not know say that somebody did not pass? Words of failing anywhere; under a
    title of marks whatever is no word of passing."""
    if any(word in text for word in (FAILED_WORD, *FAILED_WORDS)):
        return True
    return bool(text) and any(word in title for word in _GRADES) and _RESULT.choice(text) is None


PASS_LIST = SheetForm(
    code="direct_pass_list",
    title="调训合格人员名单",
    sheet_name="合格名单",
    columns=(
        Column("name", "姓名", ("名字", "人员姓名", "学员姓名", "学员"), kind="name", width=12, required=True),
        replace(ID_NUMBER, help="按文本填写；护照等其他证件，填人员页面登记的号码"),
        Column("employer", "单位", ("工作单位", "所在单位", "单位名称"), width=28, help="按系统里的任职单位"),
        Column(
            "result", "考核结果", RESULT_TITLES, kind="choice", width=10,
            choices=(PASSED_WORD, FAILED_WORD),
            choice_spellings=(
                *((said, PASSED_WORD) for said in ("是", "通过", "优秀", "良好", "及格", "已通过", "优", "良")),
                *((said, FAILED_WORD) for said in ("否", *FAILED_WORDS)),
            ),
            help="没有这一列的，全部按合格",
        ),
        Column("note", "备注", width=14),
    ),
    minds=_may_fail,
    instructions=(
        "每人一行，只有“姓名”“身份证号”必填；按证件号码和姓名认人，单位以系统里的任职单位为准。",
        "身份证号一栏已设为文本格式，请直接录入 18 位号码；最后一位是 X 的，大小写均可。",
        "护照、旧版外国人永久居留身份证等其他证件，也填在身份证号一栏，号码与其单位登记的一致。",
        "考核结果填“合格”或“不合格”，不合格的不列入名单；没有这一列的，全部按合格。分数、等次不认作合格，请换成其中一个。",
    ),
)  # fmt: skip


_RESULT = PASS_LIST.column("result")
_SHOWN = 20  # letters of a cell that is named


def _plan(sheet: Sheet, rows: Sequence[RosterRow], training: DirectTraining) -> list[ReadRow[Person]]:
    """Held against the people of the district as they are now; as many queries for any list."""
    reading = _Reading(sheet, rows, training)
    return [reading.row(row) for row in rows]


class _Reading:
    """What a list is held against: who is known, where they worked, who is listed already, here or elsewhere."""

    def __init__(self, sheet: Sheet, rows: Sequence[RosterRow], training: DirectTraining) -> None:
        self.training = training
        self.wrong = check_rows(rows, clock.today())
        self.hashes = {row.number: id_numbers.lookup_hash(tidy(row.id_number)) for row in rows}
        known = Person.objects.filter(id_hash__in=set(self.hashes.values()))
        self.people = {person.id_hash: person for person in known}
        self.first: dict[str, int] = {}  # row by the hash of its number
        for row in rows:
            self.first.setdefault(self.hashes[row.number], row.number)
        keys = [person.pk for person in self.people.values()]
        self.at = employers(training, keys)
        units = Unit.objects.in_bulk(set(self.at.values()))
        for person in self.people.values():
            person.worked_at = units.get(self.at.get(person.pk, 0))  # type: ignore[attr-defined]  # for the preview
        self.present = set(training.passed.values_list("person", flat=True))
        self.twice = listed_twice(training, keys)
        self.sheet = sheet
        self.entries = {entry.row: entry for entry in sheet.entries}
        self.has_results = any(entry.text(_RESULT) for entry in sheet.entries)

    def row(self, row: RosterRow) -> ReadRow[Person]:
        """What becomes of one: who failed is left out, who is listed already stays."""
        result = self._result(row)
        problems, person = self._wrong(row), None
        if result is None:
            said = self.entries[row.number].text(_RESULT)
            what = "考核结果认不出" if said else "考核结果没有填，其他人的填了"
            mend = f"请填“{PASSED_WORD}”或“{FAILED_WORD}”，分数、等次请换成其中一个"
            problems.append(CellProblem("result", what, mend))
        if result != FAILED_WORD:
            problems += self._minded(row)
        if not problems and result == PASSED_WORD:
            person = self.people.get(self.hashes[row.number])
            problems += self._conflicts(row, person)
        if problems:
            return ReadRow.wrong(row.number, row.name, problems)
        if person is None:
            return ReadRow(row.number, row.name, FAILED)
        return ReadRow(row.number, row.name, PRESENT if person.pk in self.present else NEW, person)

    def _wrong(self, row: RosterRow) -> list[CellProblem]:
        """What is wrong with the row by itself. A passport, or a foreigner's card of before 2023, has no check digit:
        its number is right where somebody of the district is registered with it."""
        person, found = self.people.get(self.hashes[row.number]), self.wrong[row.number]
        if person is None or says_birth_and_sex(person.id_kind, row.id_number):
            return [*found]
        others = [each for each in found if each.key != "id_number"]
        if (earlier := self.first[self.hashes[row.number]]) != row.number:
            others.append(CellProblem("id_number", f"证件号码与第 {earlier} 行相同", "请核对这两行，只保留正确的一行"))
        return others

    def _result(self, row: RosterRow) -> str | None:
        """None where nothing clear is said though results are: an empty cell beside filled ones, marks."""
        return _RESULT.choice(self.entries[row.number].text(_RESULT)) if self.has_results else PASSED_WORD

    def _minded(self, row: RosterRow) -> list[CellProblem]:
        """What stands in columns that are not read and may say that somebody failed."""
        entry, header = self.entries[row.number], self.sheet.header
        cells = dict(entry.minded)
        note = entry.text(PASS_LIST.column("note"))
        if _may_fail("", note):
            cells[header.columns["note"]] = note
        return [CellProblem("result", *_asked(header.title(place), place, text)) for place, text in cells.items()]

    def _conflicts(self, row: RosterRow, person: Person | None) -> list[CellProblem]:
        """Why somebody is not put on the list: a stranger, another name, nowhere at work, on two lists."""
        if person is None:
            return [
                CellProblem("id_number", "本区没有这个证件号码的人员", "请核对；本区单位的，请先由其单位登记后再导入")
            ]
        if not is_same_name(person.name, row.name):
            return [CellProblem("name", "姓名与证件号码不一致", "请核对姓名和身份证号")]
        if person.pk not in self.at:
            return [CellProblem("id_number", "培训期间和现在都不在本区单位任职", "请核对；已调入的，请先由其单位登记")]
        if other := self.twice.get(person.pk):
            said = f"已在同一期培训的另一份名单里（{other.number}）"
            return [CellProblem("name", said, "一个人只列一次，请从一份名单里去掉")]
        return []


def _asked(title: str, place: int, text: str) -> tuple[str, str]:
    """Which cell that is not read says what, and what to do."""
    column = f"{column_letters(place)} 列{f'“{title}”' if title else '（没有列名）'}"
    return (
        f"{column}写着“{mask_ids(text)[:_SHOWN]}”，系统不读这一列，不能按合格列入",
        f"没有合格的，请在“考核结果”一列填“{FAILED_WORD}”；确已合格的，填“{PASSED_WORD}”并删去这一格",
    )


def _write(rows: Sequence[ReadRow[Person]], into: Confirmation[DirectTraining]) -> Mapping[str, int]:
    return {"added": list_people(training=into.scope, people=sound(rows, NEW), actor=into.actor)}


def _drawn_up(account: Actor) -> QuerySet[DirectTraining]:
    """Those of the bureau, for its handlers."""
    return DirectTraining.objects.visible_to(account).select_related("unit", "catalogue")


def _back(case: DirectTraining) -> str:
    return case.get_absolute_url()


PASS_IMPORT: ImportKind[DirectTraining, Person] = ImportKind(
    code="direct_pass_list",
    name="合格名单",
    form=PASS_LIST,
    most_rows=MOST_PEOPLE,
    unread=("employer", "note"),
    outcomes=(
        Outcome(NEW, "列入", "done"),
        Outcome(PRESENT, "已在名单", "idle"),
        Outcome(FAILED, "不合格，不列入", "idle"),
    ),
    shows=(
        Shown("证件", lambda person: person.masked_id),
        Shown("单位", lambda person: person.worked_at.short if person.worked_at else ""),
    ),
    read=roster_rows,
    plan=_plan,
    write=_write,
    scopes=_drawn_up,
    why_closed=why_closed,
    urls=Urls("direct:import", "direct:preview", "direct:returned"),
    title="导入合格名单",
    lead="先看预览，确认以后才列入名单；有误的行随原因退回，其余的照常列入",
    crumbs=lambda case: [("调训验证", reverse("direct:list")), (case.number, _back(case)), ("导入合格名单", "")],
    template_url=lambda case: reverse("direct:template"),
    back=_back,
    button=lambda counts: f"列入 {counts[NEW]} 人" if counts[NEW] else "",
    idle="没有可以列入的人员",
    results=(("added", "列入名单"),),
    said=lambda result: f"已列入 {result.get('added', 0)} 人",
)
