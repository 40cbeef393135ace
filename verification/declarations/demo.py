"""Declarations of the demo district: those of last year accepted, those of this year in every state.

Everything is filed and decided through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from training.classes.models import CatalogueCourse
from training.classes.services.catalogue import keep
from units.demo import a_paper, account, clerk_of, moment, workdays_from_today
from units.models import Account, Person, Unit
from verification.choices import Authorship, Form, Subject
from verification.declarations import conversions
from verification.declarations.materials import materials
from verification.declarations.models import Conversion, Declaration
from verification.declarations.services import save_declaration
from verification.requirements.services import try_out
from verification.self_study.models import SelfStudy

# Of these units so many people have learned something last year; every fourth of them not enough.
LAST_YEAR = {"QLNJ": 20, "HSSL": 12, "BXXX": 16, "YLYY": 16}
LEARNED: dict[str, tuple[dict[str, Any], ...]] = {
    "general": (
        {"form": Form.SEMINAR, "title": "农业技术高级研修班", "subject": "professional", "amount": "62"},
        {"form": Form.REMOTE, "title": "专业技术人员公共科目网络课程", "subject": "public", "amount": "30"},
    ),
    "teacher": (
        {"form": Form.SEMINAR, "title": "学科教学研修", "subject": "professional", "amount": "72", "intensive": True},
        {"form": Form.REMOTE, "title": "师德修养网络课程", "subject": "public", "amount": "24", "course": "师德修养"},
    ),
    "medical": (
        {"form": Form.CONFERENCE, "title": "基层诊疗学术年会", "subject": "class_2", "amount": "14"},
        {"form": Form.REMOTE, "title": "继续医学教育远程课程", "subject": "class_2", "amount": "13"},
    ),
}


def build() -> str:
    """Declarations; nothing where there are some already."""
    if Declaration.objects.exists():
        return "演示学时申报已有，未改动"
    year = clock.today().year
    for code, number in LAST_YEAR.items():
        for serial, person in enumerate(_people(code, number)):
            accept_year(person, Unit.objects.get(code=code), year - 1, enough=serial % 4 != 3)
    _this_year()
    _self_study()
    _conversions()
    return f"{Declaration.objects.count()} 件学时申报"


def _people(code: str, number: int) -> list[Person]:
    return list(Person.objects.employed_in(Unit.objects.get(code=code)).order_by("pk")[:number])


def accept_year(person: Person, unit: Unit, year: int, *, enough: bool) -> None:
    learned = LEARNED[person.category] if enough else LEARNED[person.category][:1]
    for facts in learned:
        with clock.at(moment(date(year, 11, 12))):
            case = _declare(unit, person, year, facts)
            fire(case, "submit", actor=clerk_of(unit))
        with clock.at(moment(date(year, 11, 17))):
            fire(case, "accept", actor=account("handler"))


def _declare(unit: Unit, person: Person, year: int, facts: dict[str, Any], *, files: bool = True) -> Declaration:
    public = _public() if facts["subject"] == Subject.PUBLIC else {}
    given = {
        "organiser": "福建省测试继续教育中心",
        "date_from": date(year, 10, 8),
        "date_to": date(year, 10, 30),
        "basis": "主办单位出具的学时（学分）证明",
        "confirmed_on": date(year, 9, 30) if facts["form"] == Form.PAPER else None,
        **facts,
        **public,
        "amount": Decimal(facts["amount"]),
    }
    draft = Declaration(person=person, year=year, **given)
    case = save_declaration(declaration=draft, unit=unit, actor=clerk_of(unit))
    if files:
        for material in materials(case):
            if material.required(case):
                attach(case=case, material=material.code, upload=a_paper(material.title), actor=clerk_of(unit))
    return case


def _public() -> dict[str, Any]:
    """A course of a catalogue that is clearly invented, organised by the bureau."""
    facts: dict[str, Any] = {"name": "演示公共科目：网络课程", "first_year": 2017, "document": "演示文件（虚构）"}
    course = CatalogueCourse.objects.filter(name=facts["name"]).first()
    bureau = Unit.objects.bureau()
    return {
        "catalogue": course or keep(row=CatalogueCourse(**facts), actor=account("handler")),
        "organiser_unit": bureau,
        "organiser": bureau.name if bureau else "",
    }


def _this_year() -> None:
    """One in every state, one that the bureau has had for too long, and one for each authority."""
    farm = Unit.objects.get(code="QLNJ")
    people = iter(_people("QLNJ", 44)[20:])
    today = clock.today()
    for case, name, days in _sample(farm, people, today):
        if name:
            _decide(case, name, today - timedelta(days=days))
    for code in ("BXXX", "YLYY"):
        # The authority's working days run for one of them and are over for the other.
        for person, day in zip(
            _people(code, 30)[-2:], (workdays_from_today(-8), today - timedelta(days=1)), strict=True
        ):
            _submitted(Unit.objects.get(code=code), person, day, LEARNED[person.category][0])

    _same_certificate(today)


def _same_certificate(today: date) -> None:
    """Two units hand in one certificate: pointed out to the reviewer."""
    facts, certificate = LEARNED["general"][0], a_paper("学时证明").read()
    for code in ("QLNJ", "HSSL"):
        unit = Unit.objects.get(code=code)
        with clock.at(moment(today - timedelta(days=2))):
            case = _declare(unit, _people(code, 42)[-1], _year_of(today), facts, files=False)
            for material in materials(case):
                if material.required(case):
                    same = SimpleUploadedFile(f"{material.title}.pdf", certificate)
                    upload = same if material.code == "proof" else a_paper(material.title)
                    attach(case=case, material=material.code, upload=upload, actor=clerk_of(unit))
            fire(case, "submit", actor=clerk_of(unit))


def _self_study() -> None:
    """One accepted under the filing that was approved in spring, one still to be reviewed."""
    filing = SelfStudy.objects.approved().select_related("unit").first()
    if filing is None:
        return
    facts = {
        **{"form": Form.SELF_STUDY, "filing": filing, "title": filing.title, "subject": filing.subject},
        **{"organiser": filing.unit.name, "basis": f"自学备案 {filing.number}：{filing.basis}"},
        **{"date_from": filing.date_from, "date_to": filing.date_to, "amount": "18"},
    }
    day = workdays_from_today(-3)
    for person, name in zip(filing.people.order_by("pk"), ("accept", ""), strict=False):
        with clock.at(moment(day)):
            case = _declare(filing.unit, person, filing.date_to.year, facts)
            fire(case, "submit", actor=clerk_of(filing.unit))
        if name:
            with clock.at(moment(day + timedelta(days=1))):
                fire(case, name, actor=account("handler"))


def _sample(farm: Unit, people: Iterator[Person], today: date) -> Iterator[tuple[Declaration, str, int]]:
    """Declarations with what happens to them next and how many days ago."""
    remote, course = LEARNED["general"][1], LEARNED["general"][0]
    degree = {"form": Form.DEGREE, "title": "农业硕士（在职）", "subject": "professional", "amount": "40"}
    paper = {"form": Form.PAPER, "title": "设施蔬菜冷链损耗研究", "subject": "professional", "amount": "12"}
    paper |= {"organiser": "演示农业学报（虚构）", "serial": "ISSN 0000-0019", "authorship": Authorship.FIRST}
    elsewhere = {"form": Form.ELSEWHERE, "title": "农产品质量检测高研班", "subject": "professional", "amount": "24"}
    elsewhere |= {"organiser": "某市测试继续教育基地", "approver": "某市人力资源和社会保障局"}
    elsewhere |= {"approval": "演示核准文件（虚构）", "check_code": "演示-0001"}
    moved: dict[str, Any] = {
        "form": Form.TRANSFER,
        "title": "由某市某区转入的学时",
        "subject": "professional",
        "amount": "48",
    }
    moved |= {"organiser": "某市某区", "basis": "继续教育证书（虚构）", "date_from": date(_year_of(today) - 1, 1, 1)}
    moved |= {"date_to": date(_year_of(today) - 1, 12, 31)}
    with clock.at(moment(today - timedelta(days=1))):
        yield _declare(farm, next(people), _year_of(today), degree, files=False), "", 0
    yield _submitted(farm, next(people), today - timedelta(days=2), remote), "", 0
    yield _submitted(farm, next(people), today - timedelta(days=12), paper), "", 0
    yield _submitted(farm, next(people), today - timedelta(days=4), elsewhere), "", 0
    yield _submitted(farm, next(people), today - timedelta(days=3), moved, _year_of(today) - 1), "", 0
    for facts, name in ((course, "return"), (remote, "accept"), (degree, "refuse"), (remote, "revoke")):
        yield _submitted(farm, next(people), today - timedelta(days=9), facts), name, 6
    yield _submitted(farm, next(people), today - timedelta(days=5), course), "withdraw", 4
    yield _submitted(farm, next(people), today - timedelta(days=9), course), "resubmit", 7


def _year_of(day: date) -> int:
    """Early in a year what is declared was learned in the year before."""
    return day.year if day > date(day.year, 11, 5) else day.year - 1


def _submitted(unit: Unit, person: Person, day: date, facts: dict[str, Any], year: int = 0) -> Declaration:
    with clock.at(moment(day)):
        case = _declare(unit, person, year or _year_of(day), facts)
        fire(case, "submit", actor=clerk_of(unit))
    return case


def _decide(case: Declaration, name: str, day: date) -> None:
    handler, clerk = account("handler"), clerk_of(case.unit)
    items = [{"where": "折算依据", "wrong": "没有写明文件名和文号", "mend": "按主办单位通知补写"}]
    with clock.at(moment(day)):
        if name in ("return", "resubmit"):
            fire(case, "return", actor=handler, data={"items": items})
        elif name == "withdraw":
            fire(case, "withdraw", actor=clerk)
        elif name == "refuse":
            fire(case, "refuse", actor=handler, note="录取通知书上的姓名与申报人员不符")
        else:
            fire(case, "accept", actor=handler)
    with clock.at(moment(day + timedelta(days=1))):
        if name == "revoke":
            fire(case, "revoke", actor=account("approver"), note="主办单位来函更正：学时证明开错")
        elif name == "resubmit":
            answers = {str(item.pk): "已补写文件名和文号" for item in open_items(case)}
            fire(case, "resubmit", actor=clerk, data={"answers": answers})


def _conversions() -> None:
    """Figures of an invented document, from years that are over: one in force, one ended, one to be decided, one being
    written."""
    handler, approver = account("handler"), account("approver")
    first = clock.today().year - 8
    for year, steps in ((first, ("propose", "put_in_force", "end")), (first + 1, ("propose", "put_in_force"))):
        rule = _conversion(year, handler)
        for step in steps:
            if step == "end":  # whoever ends it has seen whose verdict changes without it
                run(try_out(case=rule, year=year, actor=handler).pk)
            fire(rule, step, actor=handler if step == "propose" else approver, note="演示")
    fire(_conversion(first + 2, handler), "propose", actor=handler)
    _conversion(first + 3, handler)


def _conversion(year: int, handler: Account) -> Conversion:
    """For lectures of one year; its preview is made."""
    facts = {"form": "lecture", "measure": "hours", "amount": Decimal(2), "document": "演示学时计算办法（虚构）"}
    days = {"valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31)}
    rule = conversions.keep(rule=Conversion(**facts, **days), actor=handler)
    run(try_out(case=rule, year=year, actor=handler).pk)
    return rule
