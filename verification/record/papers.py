"""The paper of an attestation: a block per year, of what was frozen when it was issued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from luojiang_ce.access import KEEP_PEOPLE, Actor
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.public import last_digits, masked_name
from luojiang_ce.proof.years import with_amounts
from luojiang_ce.workdays.text import full, span
from units.models import Person, Unit
from verification.choices import Form, Measure, Subject, measure_of
from verification.record.content import outcome_of, said_years
from verification.record.models import Attestation, years_said
from verification.record.second_look import attestations_in_review
from verification.requirements.display import bare, said

UNSET = "未判定"


def build(paper: Paper) -> dict[str, Any]:
    """What the paper shows: what was frozen, and nothing else."""
    case = Attestation.objects.select_related("person").get(pk=paper.case_id)
    years = years_said(case.first_year, case.last_year)
    return {
        **shown(case.content),
        "heading": PAPER.title,
        "case": case,
        "statement": f"以上为{full(paper.dated)}本系统所载{years}年度继续教育情况。用途：{case.purpose}。",
        "remark": "未设定、未判定的，通知没有规定或没有登记，不作推定。未报送验证的年度，所列为已入账的学时。",
        "issuer": Unit.objects.get(is_bureau=True).name,
    }


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """The frozen content in words, for paper and screen."""
    person = content["person"]
    return {"person": person, "name": person["name"], "years": [_year(each) for each in said_years(content)]}


def _year(told: dict[str, Any]) -> dict[str, Any]:
    rule = told["rule"]
    return {
        "year": told["year"],
        "label": told["verdict"]["label"],
        "remark": told["verdict"]["remark"],
        "verdict": told["verdict"]["rows"],
        "rule": f"{rule['title']}（{rule['document']}，规则编号 {rule['code']}）" if rule else "没有适用的达标规则",
        "basis": told["basis"],
        "verification": _verified(told["verification"]),
        "waiver": told["waiver"],
        "outcome": outcome_of(told),
        "absences": "、".join(span(_day(each["from"]), _day(each["to"])) for each in told["absences"]),
        "sums": "，".join(sums(told["entries"])),
        "entries": [_entry(each) for each in told["entries"]],
    }


def sums(entries: Iterable[dict[str, Any]]) -> list[str]:
    """公共科目 30 学时, …: by subject, in their order."""
    found: dict[str, Decimal] = {}
    for each in entries:
        found[each["subject"]] = found.get(each["subject"], Decimal(0)) + Decimal(each["amount"])
    return [
        f"{Subject(subject).label} {bare(said(found[subject]))} {measure_of(subject).label}"
        for subject in Subject.values
        if subject in found
    ]


def _verified(told: dict[str, Any]) -> str:
    """已验证盖章，洛人社验〔2027〕00012号，2027年1月6日"""
    parts = [told["label"], told["paper"], full(_day(told["dated"])) if told["dated"] else ""]  # type: ignore[arg-type]
    return "，".join(filter(None, parts))


def _entry(each: dict[str, Any]) -> dict[str, str]:
    from_there = "，".join(f"由{origin['district']}转入，{origin['paper']}" for origin in each["origins"])
    course = f"公共必修课：{each['course']}" if each["course"] else ""
    more = (from_there, course, "集中脱产" if each["intensive"] else "")
    return {
        "title": each["title"],
        "more": "，".join(filter(None, more)),
        "days": span(_day(each["from"]), _day(each["to"])),
        "organiser": each["organiser"],
        "form": Form(each["form"]).label,
        "subject": Subject(each["subject"]).label,
        "amount": f"{bare(said(Decimal(each['amount'])))} {Measure(each['measure']).label}",
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def public_facts(paper: Paper) -> list[tuple[str, object]]:
    """What the public check shows: the name masked, each year's verdict, no trainings."""
    case = Attestation.objects.select_related("person").get(pk=paper.case_id)
    person = case.content["person"]
    outcomes = "，".join(
        f"{each['year']} 年度{with_amounts(outcome_of(each), _entered(each['entries']))}"
        for each in case.content["years"]
    )
    return [
        ("姓名", masked_name(person["name"])),
        ("证件尾号", last_digits(person["masked_id"])),
        ("单位", person["unit"]),
        ("所载年度", case.years),  # not the one year that a statement in a QR code has room for
        ("各年达标情况", outcomes),
        ("用途", case.purpose),
        ("日期", full(paper.dated)),
    ]


def _entered(entries: Iterable[dict[str, Any]]) -> str:
    """30 学时、25 学分: what was entered in a year, by measure; 0 学时 where nothing was."""
    found: dict[str, Decimal] = {}
    for each in entries:
        found[each["measure"]] = found.get(each["measure"], Decimal(0)) + Decimal(each["amount"])
    told = [f"{bare(said(found[each]))} {Measure(each).label}" for each in Measure.values if each in found]
    return "、".join(told) or f"0 {Measure.HOURS.label}"


def names_of(case: Attestation) -> Iterable[str]:
    """The person, the unit, and what was learned: what the paper prints."""
    content = case.content or {"person": {"name": case.person.name, "unit": case.unit.name}, "years": []}
    entries = [entry for year in content["years"] for entry in year["entries"]]
    return [
        *(content["person"][name] for name in ("name", "unit")),
        *(entry[name] for entry in entries for name in ("title", "organiser", "course")),
        case.purpose,
    ]


def beside(paper: Paper, account: Actor) -> list[tuple[str, str]]:
    """The signed files of the same record, for whom they are meant (views/files.py)."""
    if not account.holds(*KEEP_PEOPLE.roles):
        return []
    return [
        ("电子记录（.json，转到外区时导入）", reverse("record:portable", args=[paper.case_id])),
        ("Open Badges 3.0（.jwt）", reverse("record:badge", args=[paper.case_id])),
    ]


PAPER = PaperKind(
    key="record_attestation",
    title="专业技术人员继续教育情况证明",
    case_model=Attestation,
    template="record/print/attestation.html",
    version="3",
    build=build,
    public_facts=public_facts,
    number_format="洛人社证〔{year}〕{seq:05d}号",
    subject_model=Person,
    named_after=("name", "masked_id"),
    names=names_of,
    in_review=attestations_in_review,
    beside=beside,
)
