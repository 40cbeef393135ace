"""The import of a class's trainees (C6): people of the district by ID and name, strangers kept as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.sheets.entries import Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls, scope_of
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Reading, ReadRow, sound
from training.classes.models import ClassApplication
from training.classes.roster import TRAINEES
from training.classes.services.trainees import Trainee, enrol_roster, trainee_of, why_closed
from units.guessing import Unknown, note_misses, tries_among, why_stopped
from units.identity import id_numbers
from units.identity.names import is_same_name
from units.models import Account, Employment, Person, Unit
from units.roster.rows import RosterRow, check_rows, roster_rows
from units.search import units_named

from .scopes import crumbs, own_classes

MOST_PEOPLE = 5_000
NOBODY = "nobody"  # of that number and name, and no unit that could know the person
NEW, PRESENT = "new", "present"
MATCHED = (
    "列入时按证件号码和姓名认人：认出的由其单位表示意见；认不出的按所填单位列入，"
    "本区单位的等其登记后入账，其他的不在本区认定，没有填单位的不列入"
)


class LateForm(forms.Form):
    """What is asked beside the button."""

    late_reason = forms.CharField(
        label="补报原因",
        required=False,
        max_length=200,
        help_text="班还没有开始的不必填；已开始的，写明为什么这时才报名",
    )


def _plan(sheet: Sheet, rows: Sequence[RosterRow], application: ClassApplication) -> list[ReadRow[Trainee]]:
    """Held against the people of the district as they are now, in four queries."""
    wrong = check_rows(rows, clock.today())
    people = _people([row.id_number for row in rows if not wrong[row.number]])
    present = set(application.enrolments.present().values_list("id_hash", flat=True))
    employers = {entry.row: entry.text(TRAINEES.column("employer")) for entry in sheet.entries}
    named = units_named(employers.values())
    planned: list[ReadRow[Trainee]] = []
    for row in rows:
        found = None if wrong[row.number] else people.get(id_numbers.lookup_hash(row.id_number))
        # Somebody else's number is as good as nobody's, lest a list tell who has which; but of its own people the unit
        # knows it.
        is_own = found is not None and found[1] == application.unit_id
        known = found if found and (is_own or is_same_name(found[0].name, row.name)) else None
        problems = wrong[row.number] or _conflicts(row, known, employers[row.number])
        if problems:
            planned.append(ReadRow.wrong(row.number, row.name, problems))
        else:
            employer = employers[row.number]
            trainee = trainee_of(*known) if known else _unknown(row, employer, named.get(employer))
            outcome = PRESENT if trainee.id_hash in present else NEW
            planned.append(ReadRow(row.number, row.name, outcome, trainee))
    return planned


def _people(numbers: Sequence[str]) -> dict[str, tuple[Person, int, str]]:
    """People of the district who work somewhere now, with id and name of the unit, by the hash of the ID."""
    hashes = [id_numbers.lookup_hash(number) for number in numbers]
    jobs = Employment.objects.filter(person__id_hash__in=hashes, ended_on=None).select_related("person", "unit")
    return {job.person.id_hash: (job.person, job.unit_id, job.unit.name) for job in jobs}


def _conflicts(row: RosterRow, known: tuple[Person, int, str] | None, employer: str) -> list[CellProblem]:
    if known and not is_same_name(known[0].name, row.name):
        return [CellProblem("name", "姓名与证件号码不一致", "请核对姓名和身份证号")]
    if known is None and not employer:
        return [CellProblem("employer", "系统里没有此人，也没有填单位", "请填工作单位；本区单位填全称或简称", NOBODY)]
    return []


def _unknown(row: RosterRow, employer: str, unit: Unit | None) -> Trainee:
    """Of a unit of the district that has not registered the person yet, or a stranger."""
    return Trainee(
        name=row.name,
        employer=unit.name if unit else employer[:100],
        unit_id=unit.pk if unit else None,
        masked_id=id_numbers.mask(row.id_number),
        id_hash=id_numbers.lookup_hash(row.id_number),
        last_six_hash=id_numbers.lookup_hash(row.id_number[-6:]),
    )


def _discreet(batch: ImportBatch, sheet: Sheet, rows: Sequence[ReadRow[Trainee]]) -> list[ReadRow[Trainee]]:
    """What was typed, whether the number is known or not, but of the unit's own: others are matched when the list is
    written."""
    typed = {row.number: row for row in roster_rows(sheet)}
    wrong = check_rows(list(typed.values()), clock.today())
    employers = {entry.row: entry.text(TRAINEES.column("employer")) for entry in sheet.entries}
    named = units_named(employers.values())
    missed = [row for row in rows if not wrong[row.number] and (row.value is None or row.value.person_id is None)]
    somebodys = _people([typed[row.number].id_number for row in missed])
    misnamed = {row.number for row in missed if id_numbers.lookup_hash(typed[row.number].id_number) in somebodys}
    outside = {number for number, employer in employers.items() if employer and employer not in named}
    unknown = [
        Unknown(row.name, typed[row.number].id_number, row.number in outside)
        for row in missed
        if row.number not in misnamed
    ]
    count = len(misnamed) + tries_among(unknown)
    note_misses(Account.objects.get(pk=batch.owner_id), "classes:roster_preview", count)
    shown: list[ReadRow[Trainee]] = []
    unit = scope_of(batch).unit_id
    own = set(Employment.objects.on(clock.today()).filter(unit=unit).values_list("person__id_hash", flat=True))
    for row in rows:
        employer = employers[row.number]
        trainee = _unknown(typed[row.number], employer, named.get(employer))
        is_told = wrong[row.number] or trainee.id_hash in own
        shown.append(row if is_told else ReadRow(row.number, row.name, _shown(row), trainee))
    return shown


def _shown(row: ReadRow[Trainee]) -> str:
    return PRESENT if row.outcome == PRESENT else NEW


def _write(rows: Sequence[ReadRow[Trainee]], into: Confirmation[ClassApplication]) -> Mapping[str, int]:
    late_reason = into.typed.get("late_reason", "")
    added = enrol_roster(application=into.scope, trainees=sound(rows, NEW), actor=into.actor, late_reason=late_reason)
    return {"added": len(added)}


def _facts(reading: Reading[Trainee], application: ClassApplication) -> dict[str, Any]:
    return {"notes": {NEW: MATCHED}}


TRAINEES_IMPORT: ImportKind[ClassApplication, Trainee] = ImportKind(
    code="class_roster",
    name="学员花名册",
    form=TRAINEES,
    most_rows=MOST_PEOPLE,
    unread=("agreement", "late", "note"),
    outcomes=(Outcome(NEW, "列入", "done"), Outcome(PRESENT, "已在名单", "idle")),
    shows=(
        Shown("证件", lambda trainee: trainee.masked_id),
        Shown("单位", lambda trainee: trainee.employer),
    ),
    read=roster_rows,
    plan=_plan,
    discreet=_discreet,
    write=_write,
    scopes=own_classes,
    asks=lambda batch: LateForm,
    why_closed=why_closed,
    why_stopped=why_stopped,
    urls=Urls("classes:roster_import", "classes:roster_preview", "classes:roster_returned"),
    title="导入学员花名册",
    lead="先看预览，确认以后才列入名单",
    crumbs=lambda case: crumbs(case, "导入学员花名册"),
    template_url=lambda case: reverse("classes:trainees_template"),
    back=lambda case: reverse("classes:trainees", args=[case.pk]),
    facts=_facts,
    button=lambda counts: f"列入 {counts[NEW]} 人" if counts[NEW] else "",
    idle="没有可以列入的人员",
    results=(("added", "列入名单"),),
    left_out={
        NOBODY: CellProblem(
            "employer",
            "系统里没有这个姓名和证件号码的人员，也没有填单位",
            "请核对姓名和证件号码，填上工作单位后重新导入",
        )
    },
    said=lambda result: f"已列入 {result.get('added', 0)} 人。其他单位的人员已请其单位表示意见",
)
