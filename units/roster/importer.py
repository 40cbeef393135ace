"""The import of a unit's roster of people (product.md U4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from django.urls import reverse

from luojiang_ce.id_shapes import beside_birth
from luojiang_ce.sheets.entries import Sheet
from luojiang_ce.sheets.imports import ImportKind, Urls
from luojiang_ce.sheets.masking import without_days
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import CellProblem
from luojiang_ce.sheets.rows import Reading, ReadRow
from units.access import why_suspended
from units.guessing import Unknown, note_misses, tries_among, why_stopped
from units.models import Account, Unit
from units.models.person import usual_category

from .columns import MAX_PEOPLE, ROSTER
from .forms import RosterForm
from .rows import CONFLICTS, RosterRow, RowPlan, as_typed, kept, shown_month, shown_years
from .services import missing_people, plan_against_current, roster_in, write_import

_MISSING_SHOWN = 100


def _facts(reading: Reading[RosterRow], unit: Unit) -> dict[str, Any]:
    missing = missing_people(reading, unit)
    return {
        "notes": {"new": f"没有填人员类别的，按本单位性质记为“{usual_category(unit).label}”"},
        "missing": missing[:_MISSING_SHOWN],
        "missing_count": len(missing),
    }


def _button(counts: Mapping[str, int]) -> str:
    new, changed = counts["new"], counts["changed"]
    return f"导入 {new + changed} 人：新增 {new}、变动 {changed}" if new + changed else ""


def _discreet(batch: ImportBatch, sheet: Sheet, rows: Sequence[ReadRow[RosterRow]]) -> list[ReadRow[RosterRow]]:
    """Whoever is known elsewhere, or under another name, looks like somebody new until the import is confirmed."""
    plans = cast(Sequence[RowPlan], rows)
    shown = [as_typed(plan) for plan in plans]
    hidden = sum(one is not other for one, other in zip(plans, shown, strict=True))
    unknown = [Unknown(plan.name, plan.row.id_number) for plan in plans if not plan.known and not plan.problems]
    note_misses(Account.objects.get(pk=batch.owner_id), "roster:batch", hidden + tries_among(unknown))
    return [*shown]


ROSTER_IMPORT: ImportKind[Unit, RosterRow] = ImportKind(
    code="roster",
    name="花名册",
    form=ROSTER,
    most_rows=MAX_PEOPLE,
    outcomes=(
        Outcome("new", "新增"),
        Outcome("changed", "变动", "soon", "原来的值 → 表中的值；表中留空的不改"),
        Outcome("unchanged", "无变化", "idle"),
    ),
    shows=(
        Shown("身份证号", lambda row: "" if row.id_is_number else beside_birth(row.id_number)),
        Shown("性别", lambda row: row.sex),
        Shown("出生年月", lambda row: row.birth.name if row.birth else ""),
        Shown("人员类别", lambda row: row.category),
        Shown("专业技术职务", lambda row: kept(row, "title")),
        Shown("级别", lambda row: row.level),
        Shown("任职时间", lambda row: shown_month(row.since)),
        Shown("系列", lambda row: kept(row, "series")),
        Shown("任职周期", lambda row: shown_years(row.tenure)),
        Shown("教师五年周期", lambda row: shown_years(row.cycle)),
        Shown("证书编号", lambda row: kept(row, "certificate")),
        Shown("部门", lambda row: kept(row, "department")),
        Shown("备注", lambda row: without_days(kept(row, "note"))),
    ),
    read=lambda sheet: roster_in(sheet).checked(),
    plan=lambda sheet, checked, unit: [*plan_against_current(checked, unit)],
    discreet=_discreet,
    write=write_import,
    chunked=True,
    scopes=lambda account: Unit.objects.filed_for(account),
    scope_field="unit",
    upload_form=RosterForm,
    why_closed=partial(why_suspended, act="导入花名册"),
    why_stopped=why_stopped,
    urls=Urls("roster:upload", "roster:batch", "roster:returned"),
    title="导入花名册",
    lead="先看预览，确认后才写入；表里留空的不会覆盖已有内容，导入不会让人离开、改名或调动",
    crumbs=lambda unit: [("人员", reverse("people:list")), ("导入花名册", "")],
    template_url=lambda unit: reverse("roster:template"),
    back=lambda unit: reverse("people:list"),
    stays=True,
    facts=_facts,
    facts_template="units/roster/missing.html",
    button=_button,
    idle="没有新增或变动的行，不需要导入",
    results=(
        ("new", "新增"),
        ("changed", "变动"),
        ("unchanged", "无变化"),
        ("wrong", "有误、已在其他单位或以另一姓名登记，没有导入"),
    ),
    left_out=dict.fromkeys(
        CONFLICTS,
        CellProblem(
            "id_number",
            "这个证件号码已登记在其他单位，或登记的是另一个姓名",
            "请核对姓名和证件号码；人已到本单位的，在“人员—新增人员”里申请调入",
        ),
    ),
    said=lambda result: f"已导入 {result.get('new', 0) + result.get('changed', 0)} 人",
)
