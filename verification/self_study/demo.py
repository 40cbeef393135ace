"""Filings of self-study of the demo district, in every state."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from units.demo import account, clerk_of, moment, workdays_from_today
from units.models import Person, Unit
from verification.self_study.models import SelfStudy
from verification.self_study.services import save_self_study

UNIT = "QLNJ"
GUIDED = {
    "guide": "裴南枝，研究员",
    "assessment": "闭卷考试，60 分以上为合格；由单位组织，指导人阅卷",
    "subject": "professional",
    "amount": Decimal("20"),
    "basis": "演示学时计算办法（虚构）",
}
# What else became of a filing, and what was said.
ENDED = (
    ("土壤改良", "return", ""),
    ("家庭园艺", "refuse", "与从事的专业工作无关"),
    ("智慧农业", "revoke", "单位来函，改为参加培训班"),
    ("病虫害测报", "cancel", ""),
)
RETURNED = ({"where": "考核方式", "wrong": "没有写明由谁考核", "mend": "写明考核人和合格标准"},)


def build() -> str:
    """Filings; nothing where there are some already."""
    if SelfStudy.objects.exists():
        return "演示自学备案已有，未改动"
    unit, today = Unit.objects.get(code=UNIT), clock.today()
    people = list(Person.objects.employed_in(unit).order_by("pk")[15:20])
    year = today.year if today > date(today.year, 11, 5) else today.year - 1
    approved = _study(unit, people, "设施蔬菜水肥一体化技术", date(year, 5, 4), date(year, 6, 30), date(year, 4, 7))
    with clock.at(moment(date(year, 4, 7), 15)):
        fire(approved, "submit", actor=clerk_of(unit))
    with clock.at(moment(date(year, 4, 9))):
        fire(approved, "approve", actor=account("approver"))
    ahead = today + timedelta(days=20)
    filed = workdays_from_today(-2)
    waits = _study(unit, people[:2], "农产品质量安全标准", ahead, ahead + timedelta(days=40), filed)
    with clock.at(moment(filed, 15)):
        fire(waits, "submit", actor=clerk_of(unit))
    _study(unit, people[2:3], "采后处理与冷链", ahead, ahead + timedelta(days=60), today)
    for (title, act, note), day in zip(ENDED, (-6, -5, -4, -3), strict=True):
        _ended(_study(unit, people[3:], title, ahead, ahead + timedelta(days=30), workdays_from_today(day)), act, note)
    return f"{SelfStudy.objects.count()} 件自学备案"


def _study(unit: Unit, people: list[Person], title: str, first: date, last: date, written: date) -> SelfStudy:
    content = f"按教材自学“{title}”，每周一章，每两周由指导人答疑一次"
    study = SelfStudy(title=title, content=content, date_from=first, date_to=last, **GUIDED)
    with clock.at(moment(written)):
        return save_self_study(study=study, people=people, unit=unit, actor=clerk_of(unit))


def _ended(study: SelfStudy, act: str, note: str) -> None:
    """Filed at once, decided the day after; one that is given up is never filed."""
    clerk, written = clerk_of(study.unit), clock.local(study.created_at).date()
    if act == "cancel":
        with clock.at(moment(written, 15)):
            fire(study, "cancel", actor=clerk)
        return
    with clock.at(moment(written, 15)):
        fire(study, "submit", actor=clerk)
    with clock.at(moment(written, 16)):
        if act == "revoke":
            fire(study, "approve", actor=account("approver"))
        who = account("handler" if act == "return" else "approver")
        fire(study, act, actor=who, note=note, data={"items": RETURNED} if act == "return" else {})
