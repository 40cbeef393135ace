"""The papers of a verification: a page per person, and the stamped roster (附件4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.papers.content import WHOLE_IDS, borne, stamp_on
from luojiang_ce.papers.form_pdf import OpinionBox, form_context
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.public import last_digits, masked_name
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import history, last_actor
from verification.batches import second_look
from verification.batches.form4 import FORM4, head_of, passed_as, rows_of
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.routing import sealing_unit
from verification.choices import Measure, Subject
from verification.requirements.assess import Outcome
from verification.requirements.display import bare, for_paper, said, thaw

State = Paper.State
FORM_TEMPLATE = "papers/print/form.html"
PAGE_TEMPLATE = "verification_batches/print/person.html"


def page_kind(batch: Batch) -> PaperKind:
    """The kind of a person's page: a teacher's year is the education bureau's, with numbers of its own."""
    return EDUCATION_PAGE if batch.path == Path.TEACHER else PAGE


def roster_kind(batch: Batch) -> PaperKind:
    """The kind of the stamped roster."""
    return EDUCATION_ROSTER if batch.path == Path.TEACHER else ROSTER


# --- how they stand --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Papers:
    """The papers of a batch as its page shows them: the roster (a revoked one too), and how the pages stand."""

    rosters: list[Paper]
    pages: int
    issued: int
    pending: int
    failed: int
    together: str  # where the pages are asked for in one file
    job: str  # uid of the latest job that made pages

    @property
    def any(self) -> bool:
        return bool(self.rosters or self.pages)


UNSTAMPED = (Batch.State.DRAFT, Batch.State.IN_REVIEW, Batch.State.RETURNED)


def papers_of(batch: Batch) -> Papers:
    """The papers of a batch; two queries, none where there cannot be any."""
    nobody_yet = all(state != AnnualRecord.State.STAMPED for state, _ in batch.standings)
    if batch.state in UNSTAMPED or (batch.state == Batch.State.SUBMITTED and nobody_yet):
        return Papers([], 0, 0, 0, 0, "", "")
    papers = Paper.objects.of(batch)
    of_batch = papers.filter(kind=roster_kind(batch).key).select_related("seal", "job").with_successors()
    rosters = list(of_batch.order_by("-pk"))
    rows = papers.filter(kind=page_kind(batch).key).standing().order_by("pk").values_list("state", "job__uid")
    found = list(rows)
    states = [state for state, _ in found]
    job = next((str(uid) for _, uid in reversed(found) if uid), "")
    count = states.count
    together = reverse("papers:together", args=[page_kind(batch).key, batch.pk])
    return Papers(rosters, len(states), count(State.ISSUED), count(State.PENDING), count(State.FAILED), together, job)


# --- what they say ----------------------------------------------------------------------------------------------------


def build_page(paper: Paper) -> dict[str, Any]:
    """What a person's page shows: the same verdict rows as the screen."""
    record = _record(paper)
    batch = Batch.objects.select_related("authority").get(pk=paper.case_id)
    # notice 二(一): at the end of a cycle the whole of it is verified.
    of_cycle, of_year = "中小学教师继续教育周期验证单", f"{record.year}年度专业技术人员继续教育验证单"
    return {
        "heading": of_cycle if record.path == Path.CYCLE else of_year,
        "name": record.person.name,
        "record": record,
        "frozen": record.facts,
        "title_line": "，".join(filter(None, (record.facts.get("title"), record.facts.get("level")))),
        "amounts": "，".join(f"{label} {amount}" for label, amount in amounts(record)),
        "is_medical": record.facts.get("measure") == Measure.CREDITS,
        "verdict": for_paper(thaw(record.verdict)),
        "trainings": record.facts.get("trainings", []),
        "statement": _statement(record),
        "issuer": sealing_unit(batch).name,
        "second_issuer": batch.authority.name if paper.second_seal and batch.authority else "",
    }


def page_facts(paper: Paper) -> list[tuple[str, object]]:
    """What the public check shows of a page: the name masked, the last two of the number."""
    record = _record(paper)
    return [
        ("姓名", masked_name(record.person.name)),
        ("证件尾号", last_digits(record.person.masked_id)),
        ("单位", record.facts.get("unit") or record.unit.name),
        ("验证年度", f"{record.year} 年度"),
        *[(label, amount) for label, amount in amounts(record)],
        ("达标情况", thaw(record.verdict).label),
        ("验证结果", passed_as(record)),
        ("日期", full(paper.dated)),
    ]


def amounts(record: AnnualRecord) -> list[tuple[str, str]]:
    """Hours or credits by subject and in all, with their unit, of the year itself."""
    facts = record.facts
    unit = Measure(facts.get("measure", Measure.HOURS)).label
    sums = facts.get("sums", {})
    named = [(Subject(key).label, sums[key]) for key in Subject.values if key in sums]
    return [
        (label, f"{bare(said(Decimal(amount)))} {unit}") for label, amount in [*named, ("合计", sums.get("total", "0"))]
    ]


def build_roster(paper: Paper) -> dict[str, Any]:
    """What the stamped roster shows: 附件4 with its three opinions."""
    batch = Batch.objects.select_related("unit__supervisor", "authority").get(pk=paper.case_id)
    records = list(batch.records.select_related("person").order_by("person__pinyin", "pk"))
    head = head_of(batch, len(records))
    whole = settings.WHOLE_IDS_ON_FORM4
    form = form_context(FORM4, rows_of(records, whole_ids=whole), head=head, foot=head, boxes=_boxes(batch, paper))
    return {**form, "issuer": "", "author": sealing_unit(batch).name, WHOLE_IDS: whole}


def roster_facts(paper: Paper) -> list[tuple[str, object]]:
    """What the public check shows of a roster: counts, nobody's name."""
    batch = Batch.objects.select_related("unit").get(pk=paper.case_id)
    states = list(batch.records.values_list("state", flat=True))
    return [
        ("单位", batch.unit.name),
        ("验证年度", f"{batch.year} 年度"),
        ("批次", batch.number),
        ("人数", f"{len(states)} 人"),
        ("验证合格", f"{states.count(AnnualRecord.State.STAMPED)} 人"),
        ("不合格", f"{states.count(AnnualRecord.State.FAILED)} 人"),
    ]


def _record(paper: Paper) -> AnnualRecord:
    rows = AnnualRecord.objects.select_related("person", "unit", "batch__unit__supervisor", "waived_by")
    return rows.get(pk=paper.subject_id)


def _statement(record: AnnualRecord) -> str:
    outcome = record.verdict.get("outcome")
    if record.waived_by_id:
        found = "规定要求未设定，达标情况未判定" if outcome == Outcome.UNDETERMINED else "未达到规定要求"
        return f"{record.year}年度继续教育{found}，经审批同意通过验证。理由：{record.reason.rstrip('。')}。"
    if record.path != Path.TEACHER and outcome == Outcome.UNDETERMINED:
        found = f"经查验，{record.year}年度继续教育情况已登记，规定要求未设定，达标情况未判定，准予验证。"
        return f"{found}附注：{record.reason.rstrip('。')}。"
    if record.path == Path.TEACHER:
        return f"{record.year}年度继续教育情况已审核登记。所在五年周期期满时，会同人社部门统一验证。"
    if outcome == Outcome.IN_PROGRESS:
        return f"经查验，{record.year}年度继续教育情况已登记，任职周期未满，须按周期核定的要求在期满时核定，准予验证。"
    span = record.facts.get("cycle")
    if record.path == Path.CYCLE and span:
        return f"经查验，{span[0]}–{span[1]}年周期继续教育达到规定要求，由教育、人社部门统一验证，准予验证。"
    return f"经查验，{record.year}年度继续教育达到规定要求，准予验证。"


def _boxes(batch: Batch, paper: Paper) -> list[OpinionBox]:
    own = OpinionBox("单位意见")
    reviewed = _reviewed(batch, paper) if Path(batch.path).needs_review else None
    title = "教育局验印" if batch.path == Path.TEACHER else "区人社局验证意见"
    approver = last_actor(batch, "finish", "validate")
    decider = approver.name if approver else ""
    states = list(batch.records.values_list("state", flat=True))
    failed = states.count(AnnualRecord.State.FAILED)
    result = f"经验证，合格 {len(states) - failed} 人" + (f"，不合格 {failed} 人。" if failed else "。")
    stamp, unit = stamp_on(paper), sealing_unit(batch).name
    last = OpinionBox(title, result, signer=decider, day=paper.dated, stamp=stamp, unit=unit)
    return [box for box in (own, reviewed, last) if box]


def _reviewed(batch: Batch, paper: Paper) -> OpinionBox:
    """What the authority says; at the end of a cycle over its own seal."""
    said, signer, day = _review(batch)
    if not paper.second_seal:
        return OpinionBox("主管部门初审意见", said, signer, day)
    unit = batch.authority.name if batch.authority else ""
    stamp = borne(paper.second_seal)
    return OpinionBox("教育局审核意见", said, signer=signer, day=day, stamp=stamp, unit=unit)


def _review(batch: Batch) -> tuple[str, str, Any]:
    """Opinion, who and when, of the authority that reviewed the batch."""
    event = history(batch).filter(name__in=["health_pass", "education_pass", "validate"]).first()
    if event is None:
        return "", "", None
    return "审核通过", event.actor.name if event.actor else "", clock.local(event.at).date()


def names_of(batch: Batch) -> Iterable[str]:
    """The people of a batch, and where they work: what its papers print."""
    rows = batch.records.values_list("person__name", "facts__unit", "batch__unit__name")
    return (text for row in rows for text in row if text)


def _kind(key: str, title: str, number: str, *, of_person: bool, stamped_by: str = "") -> PaperKind:
    return PaperKind(
        key=key,
        title=title,
        case_model=Batch,
        template=PAGE_TEMPLATE if of_person else FORM_TEMPLATE,
        version="7",
        build=build_page if of_person else build_roster,
        public_facts=page_facts if of_person else roster_facts,
        style="page" if of_person else "form",
        number_format=number,
        fitted="trainings" if of_person else "",
        subject_model=AnnualRecord if of_person else None,
        stamped_by=stamped_by,
        named_after=("person__name", "person__masked_id") if of_person else (),
        in_order=("person__pinyin", "pk") if of_person else (),
        open_to_subject=of_person,
        names=names_of,
        in_review=second_look.pages_in_review if of_person else second_look.rosters_in_review,
    )


PAGE = _kind("verification_person", "继续教育年度验证单", "洛人社验〔{year}〕{seq:05d}号", of_person=True)
ROSTER = _kind(
    "verification_roster", FORM4.title, "洛人社验册〔{year}〕{seq:04d}号", of_person=False, stamped_by="区人社局"
)
EDUCATION_PAGE = _kind("education_person", "教师继续教育年度验印单", "洛教验〔{year}〕{seq:05d}号", of_person=True)
EDUCATION_ROSTER = _kind(
    "education_roster", FORM4.title, "洛教验册〔{year}〕{seq:04d}号", of_person=False, stamped_by="教育局"
)
KINDS = (PAGE, ROSTER, EDUCATION_PAGE, EDUCATION_ROSTER)
