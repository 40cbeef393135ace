"""Numbered letters of the counter: 补正材料通知书, 年度验证不合格通知书, 不予受理通知书 (V6).

They go out with the decision and are withdrawn with it. What they say is what was written with the decision, which the
event keeps whatever becomes of the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.public import last_digits, masked_name
from luojiang_ce.papers.services import request_paper, request_papers, revoke_papers
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from units.filed_case import MENDING
from units.models import Unit
from verification.batches.models import AnnualRecord, Batch

TEMPLATE = "papers/print/person_page.html"
LONG_REASON = 400  # characters: a longer one is set densely, so that the letter stays one sheet with its seal
TAKEN_BACK = "结论已撤回，本通知书作废"
MADE_ANEW = "已另行作出结论，本通知书作废"
RIGHTS_BACK = "已恢复验证权利，本通知书作废"
BROUGHT = "要求补正的材料已经补交，本通知书已办结"
OTHERWISE = "已改由审批或补验办理，本通知书作废"
FAILS = ("fail", "not_brought")
# By which step a letter is closed, and what is said then: what was to be brought has come, or is not needed any more.
CLOSED_BY = {"verify": BROUGHT, "verify_unjudged": BROUGHT, "ask": OTHERWISE, "waive": OTHERWISE}


# --- what they say ----------------------------------------------------------------------------------------------------


def _letter(record: AnnualRecord, event: Event | None, decided: str, told: str) -> dict[str, Any]:
    bureau = Unit.objects.bureau()
    note = getattr(event, "note_row", None)
    reason = note.text if note else ""
    return {
        "dense": len(reason) > LONG_REASON,
        "name": record.person.name,
        "facts": [
            ("证件号码", record.person.masked_id),
            ("工作单位", record.unit.name),
            ("验证年度", f"{record.year} 年度"),
            ("批　　次", record.batch.number if record.batch and record.batch.number else "未报送"),
            (decided, reason),
        ],
        "statement": told,
        "remark": "送：" + record.unit.name + "。年度验证不接受个人申请，由单位统一专人办理（通知 二(三)1）。",
        "issuer": bureau.name if bureau else "",
    }


def _build_supplement(paper: Paper) -> dict[str, Any]:
    record, event = _about(paper, "supplement")
    day = current_rules().due(MENDING, clock.local(event.at if event else paper.requested_at).date()).due
    told = (
        f"{record.year}年度继续教育验证的材料不齐，请于{full(day)}以前由单位补交到区人社局柜台；"
        "逾期未补的，由区人社局另行办理。"
    )
    return _letter(record, event, "需要补正", told)


def _build_failed(paper: Paper) -> dict[str, Any]:
    record, event = _about(paper, *FAILS)
    told = (
        f"经查验，{record.year}年度继续教育未通过验证，理由如上。对结论有疑问的，由单位到区人社局柜台说明；"
        "结论确有错误的，予以撤回后重新办理。"
    )
    return _letter(record, event, "不合格的理由", told)


def _build_refusal(paper: Paper) -> dict[str, Any]:
    record, event = _about(paper, "decline")
    told = (
        f"{record.year}年度没有在规定期限内参加验证，视同放弃验证权利（通知 二(三)2），不予受理。"
        "长期外出培训、病假等有正当理由的，单位可以申请延期，或由区人社局审批人写明理由恢复。"
    )
    return _letter(record, event, "不予受理的理由", told)


def _about(paper: Paper, *steps: str) -> tuple[AnnualRecord, Event | None]:
    """The record, and the decision that the letter tells of: the latest, since an older letter is withdrawn."""
    rows = AnnualRecord.objects.select_related("person", "unit", "batch")
    record = rows.get(pk=paper.subject_id or paper.case_id)
    return record, history(record).filter(name__in=steps).first()


def _public(paper: Paper) -> list[tuple[str, object]]:
    """The name masked, the last two of the number, and not why: that is for the unit and the person."""
    record, _ = _about(paper)
    return [
        ("姓名", masked_name(record.person.name)),
        ("证件尾号", last_digits(record.person.masked_id)),
        ("单位", record.unit.name),
        ("验证年度", f"{record.year} 年度"),
        ("日期", full(paper.dated)),
    ]


def _names_in(case: Batch | AnnualRecord) -> Iterable[str]:
    rows = case.records if isinstance(case, Batch) else AnnualRecord.objects.filter(pk=case.pk)
    return (text for row in rows.values_list("person__name", "unit__name") for text in row)


def _kind(key: str, title: str, number: str, build: Any, *, of_batch: bool = True) -> PaperKind:
    return PaperKind(
        key=key,
        title=title,
        case_model=Batch if of_batch else AnnualRecord,
        subject_model=AnnualRecord if of_batch else None,
        named_after=("person__name", "person__masked_id") if of_batch else (),
        open_to_subject=of_batch,  # the unit of the person, where another one files (V3)
        template=TEMPLATE,
        version="3",
        build=build,
        public_facts=_public,
        number_format=number,
        names=_names_in,
    )


SUPPLEMENT = _kind(
    "verification_supplement", "年度验证补正材料通知书", "洛人社验补〔{year}〕{seq:04d}号", _build_supplement
)
FAILED = _kind("verification_failed", "年度验证不合格通知书", "洛人社验否〔{year}〕{seq:04d}号", _build_failed)
REFUSAL = _kind(
    "verification_refusal",
    "年度验证不予受理通知书",
    "洛人社验拒〔{year}〕{seq:04d}号",
    _build_refusal,
    of_batch=False,
)
OF_BATCHES, OF_RECORDS = (SUPPLEMENT, FAILED), (REFUSAL,)
LETTER_OF = {"supplement": SUPPLEMENT, "fail": FAILED, "not_brought": FAILED}


# --- when they go out, and when they are withdrawn --------------------------------------------------------------------


def send(batch: Batch, rows: Sequence[AnnualRecord], step: str, actor: Actor) -> None:
    """A letter for each of them; the number of queries does not grow with them. An earlier one is withdrawn."""
    kind = LETTER_OF[step]
    withdraw(batch, rows, actor, why=MADE_ANEW)
    request_papers(
        kind.key,
        batch,
        actor=actor,
        subjects=rows,
        reason=f"{batch.year}年度继续教育验证",
        applicant=batch.unit.name,
        by_hand=ANY,
    )


def withdraw(batch: Batch, rows: Sequence[AnnualRecord], actor: Actor, *, why: str = TAKEN_BACK) -> None:
    """The decision is taken back, and with it the letters that told of it."""
    told = Paper.objects.of(batch).standing().filter(kind__in=[kind.key for kind in OF_BATCHES])
    revoke_papers(list(told.filter(subject_id__in=[row.pk for row in rows])), actor=actor, reason=why)


def fulfil(batch: Batch, rows: Sequence[AnnualRecord], step: str, actor: Actor) -> None:
    """Of these rows (as they stood before the step) some were to bring what has come now: their letters are closed."""
    brought = [row for row in rows if row.state == AnnualRecord.State.SUPPLEMENT]
    if brought and step in CLOSED_BY:
        withdraw(batch, brought, actor, why=CLOSED_BY[step])


def fulfil_alone(context: Context) -> None:
    """The letter of one person; those of many at once the counter closes (`fulfil`)."""
    if "batch" not in context.data and context.case.batch:
        fulfil(context.case.batch, [context.case], context.transition.name, context.actor)


def send_alone(context: Context) -> None:
    """The letter about one person; those of many at once the counter sends (`send`)."""
    if "batch" not in context.data and context.case.batch:
        send(context.case.batch, [context.case], context.transition.name, context.actor)


def decline(context: Context) -> None:
    """notice 二(三)2: on request the unit has it in writing that the year is given up."""
    withdraw_refusals([context.case], why=MADE_ANEW)
    request_paper(
        REFUSAL.key,
        context.case,
        actor=context.actor,
        reason=f"{context.case.year}年度继续教育验证",
        applicant=context.case.unit.name,
        by_hand=ANY,
    )


def withdraw_refusals(rows: Sequence[AnnualRecord], *, actor: Actor = SYSTEM, why: str = RIGHTS_BACK) -> None:
    """The year may be verified after all, whoever or whatever brought the right back (a clerk, who revokes no paper:
    then the system does). Two queries."""
    told = Paper.objects.standing().filter(kind=REFUSAL.key, case_type=AnnualRecord._meta.label_lower)
    revoke_papers(list(told.filter(case_id__in=[row.pk for row in rows])), actor=actor, reason=why)
