"""The application for a change as a form for the stamp: the class as it was approved, and as it is to be."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event

from .lines import lines_of
from .models import ClassChange

# The notice has no form for it; this one follows 附件2 in its head and its boxes.
FORM = SheetForm(
    code="变更申请表",
    title="洛江区专业技术人员继续教育培训班变更申请表",
    head=(
        HeadField("title", "培训班"),
        HeadField("class_number", "开班编号"),
        HeadField("unit", "施教机构"),
        HeadField("number", "变更编号"),
    ),
    columns=(
        Column("label", "变更事项", width=18),
        Column("was", "原批准", width=36),
        Column("now", "变更为", width=36),
    ),
    foot=(HeadField("filler", "填表人"), HeadField("day", "日期")),
)


def form_of(change: ClassChange, args: Args) -> list[Printable]:
    """The form with what was decided so far, and room for the rest."""
    application, lines = change.application, lines_of(change.former, change.proposed)
    rows = [{"label": line.label, "was": line.was, "now": line.now} for line in lines]
    filler = change.edited_by or change.created_by
    head = {"title": str(application), "class_number": application.number, "unit": change.unit.name}
    foot = {"filler": filler.name if filler else "", "day": clock.local(change.edited_at or change.created_at)}
    head["number"] = change.number
    boxes = _opinions(change)
    return [form_printable(FORM, rows, head=head, foot=foot, boxes=boxes, empty="还没有改动任何内容")]


def _opinions(change: ClassChange) -> list[OpinionBox]:
    latest: dict[str, Event] = {}
    for event in history(change):
        latest.setdefault(event.name, event)
    filed = (latest.get("resubmit") or latest.get("submit")) if change.submitted_at else None
    checked = latest.get("check") if change.state in ("checked", "approved", "refused") else None
    settled = latest.get("settle") if change.state == "approved" else None
    decided = latest.get({"approved": "approve", "refused": "refuse"}.get(change.state, ""))
    asked = f"申请变更。理由：{change.reason}"
    boxes = [_box("施教机构意见", filed, asked) if filed else OpinionBox("施教机构意见", asked)]
    boxes.append(_box("区人社局承办股室意见", settled or checked, "同意变更" if settled else "经审核，拟同意变更"))
    if settled:
        return boxes
    return [*boxes, _box("区人社局意见", decided, "同意变更" if change.state == "approved" else "不同意变更")]


def _box(title: str, event: Event | None, text: str) -> OpinionBox:
    if event is None:
        return OpinionBox(title)
    note = event.note_row.text if hasattr(event, "note_row") else ""
    signer = event.actor.name if event.actor else ""
    return OpinionBox(title, "\n".join(filter(None, (text, note))), signer, clock.local(event.at).date())


FORM_PRINTED = Printout("changes.form", "变更申请表", ClassChange, form_of)
