"""附件4 as one definition: the screen table, the workbook and the PDF are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from verification.requirements.assess import Outcome
from verification.requirements.display import OUTCOME_LABELS

from .models import AnnualRecord, Batch, Path

CREDITS = "学分（卫生）"
HOURS = "学时"
SHORT_ID = 6  # ****34

FORM4 = SheetForm(
    code="附件4",
    title="洛江区专业技术人员继续教育培训证书发放、验证花名册",
    orientation="landscape",
    head=(
        HeadField("unit", "单位名称（盖章）"),
        HeadField("supervisor", "主管部门"),
        HeadField("year", "验证年度"),
        HeadField("filler", "填报人"),
        HeadField("phone", "电话"),
        HeadField("date", "日期"),
        HeadField("people", "人数"),
    ),
    columns=(
        Column("name", "姓名", kind="name", width=8),
        Column("sex", "性别", width=3),
        Column("birth", "出生年月", kind="month", width=8),
        Column("id_number", "身份证号", kind="id", width=18),
        Column("department", "部门/岗位", width=8),
        Column("series", "系列", width=5),
        Column("title", "专业技术职务、级别、任职时间", width=13),
        Column("certificate_number", "证书编号", width=10),
        Column("kinds", "办理类别", width=6),
        Column("trainings", "培训项目（名称、时间、主办单位）", width=24),
        Column("public", "公共", kind="number", width=5, group=HOURS),
        Column("professional", "专业", kind="number", width=5, group=HOURS),
        Column("class_1", "Ⅰ类", kind="number", width=4, group=CREDITS),
        Column("class_2", "Ⅱ类", kind="number", width=4, group=CREDITS),
        Column("general_practice", "全科", kind="number", width=4, group=CREDITS),
        Column("remote", "其中远程", kind="number", width=5, group=CREDITS),
        Column("total", "合计", kind="number", width=5),
        Column("outcome", "是否达标", width=5),
        Column("evidence", "佐证材料", width=8),
        Column("unmet_reason", "未达标原因", width=8),
        Column("result", "验证结果", width=6),
        Column("signature", "领取人签名", width=7, by_hand=True),
        Column("note", "备注", width=10),
    ),
    foot=(HeadField("leader", "单位负责人"), HeadField("filler", "填报人")),
)


def row_of(record: AnnualRecord, *, whole_ids: bool = False) -> dict[str, Any]:
    """One record as the columns of 附件4, from what was frozen with it; `person` must be at hand.

    `whole_ids`: with the whole ID number, which is put on record by whoever hands it out.
    """
    facts, person = record.facts, record.person
    sums = {key: Decimal(amount) for key, amount in facts.get("sums", {}).items()}
    medical = facts.get("measure") == "credits"
    # The reason of whoever let somebody pass, or did not, is printed (V6).
    reason = f"{'经审批：' if record.waived_by_id else ''}{record.reason}" if record.reason else ""
    return {
        "name": person.name,
        "sex": person.sex,
        "birth": f"{person.birth:%Y-%m}" if person.birth else "",
        # Of a masked number the stars say nothing, and take the room of what was learned.
        "id_number": person.id_number if whole_ids else person.id_end[-SHORT_ID:],
        "department": _workplace(record),
        "series": facts.get("series", ""),
        "title": "，".join(part for part in (facts.get(key, "") for key in ("title", "level", "since")) if part),
        "certificate_number": "，原 ".join(filter(None, (record.certificate_number, record.former_number))),
        "kinds": record.kinds,
        "trainings": "；".join(map(named, facts.get("trainings", []))),
        **{key: sums.get(key) for key in ("public", "professional", "class_1", "class_2", "general_practice")},
        "remote": sums.get("remote") if medical else None,
        "total": sums.get("total"),
        "outcome": OUTCOME_LABELS.get(Outcome(record.verdict["outcome"]), "") if record.verdict else "",
        "evidence": record.evidence,
        "unmet_reason": record.standing_reason,
        "result": result_of(record),
        "signature": "",
        "note": "；".join(part for part in (record.note, reason) if part),
    }


def _workplace(record: AnnualRecord) -> str:
    """部门/岗位; of people of another unit than the one that files, the unit before it."""
    unit = "" if record.filing_unit_id == record.unit_id else record.facts.get("unit", "")
    return " ".join(filter(None, (unit, record.facts.get("department", ""))))


def named(training: Mapping[str, Any]) -> str:
    """A training in one line: name, time, organiser."""
    return "，".join(part for part in (training["title"], training["days"], training["organiser"]) if part)


def passed_as(record: AnnualRecord) -> str:
    """How somebody passed: by the rules, by the approver's leave, or where the rules leave it open with a note."""
    if record.waived_by_id:
        return "合格（经审批）"
    unjudged = record.path != Path.TEACHER and record.verdict.get("outcome") == Outcome.UNDETERMINED
    return "合格（附注）" if unjudged else "合格"


def result_of(record: AnnualRecord) -> str:
    """What 验证结果 says; empty while nothing was decided."""
    if record.state in (AnnualRecord.State.VERIFIED, AnnualRecord.State.STAMPED):
        return passed_as(record)
    State = AnnualRecord.State
    said: dict[str, str] = {
        State.FAILED: "不合格",
        State.SUPPLEMENT: "待补",
        State.ASKED: "待审批",
        State.GIVEN_UP: "视同放弃",
    }
    return said.get(record.state, "")


def rows_of(records: Iterable[AnnualRecord], *, whole_ids: bool = False) -> list[dict[str, Any]]:
    """Records as rows of 附件4, in the order given."""
    return [row_of(record, whole_ids=whole_ids) for record in records]


def head_of(batch: Batch, people: int) -> dict[str, Any]:
    """The values of the head and foot fields; `unit` and its supervisor must be at hand."""
    filed = batch.first_submitted_at
    return {
        "unit": batch.unit.name,
        "supervisor": batch.unit.supervisor.name if batch.unit.supervisor else "",
        "year": batch.year,
        "filler": batch.filler,
        "phone": batch.phone,
        "date": clock.local(filed).date() if filed else "",
        "people": people,
    }
