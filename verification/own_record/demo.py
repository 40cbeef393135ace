"""Slips and objections of the demo district: an objection in every state, through the services and the table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workflow.engine import SYSTEM, fire
from units.demo import account, clerk_of, moment
from units.models import Person, Unit
from verification.ledger.models import LedgerEntry

from . import services
from .models import Objection, Slip
from .slips import LASTS, make_slips

# What is said, how many days ago, and what became of it: step, result, answer.
PUT: tuple[tuple[str, int, str, str, str], ...] = (
    ("第二天下午到课了，手机没有网络，没有签上退，班主任可以证明", 1, "", "", ""),
    ("这个班我三天都在，学时少了半天", 9, "answer", "under_way", "已请施教机构核对签到表，属实，正在办理学时更正"),
    ("去年的进修没有记上", 14, "answer", "stands", "该次进修的结业证书没有提交，补交后由单位申报，不能直接记上"),
    ("公共课的学时和同事不一样", 3, "refer", "", "涉及外单位的班，请区人社局核对"),
    ("重复提了一件，请撤回", 6, "withdraw", "", ""),
)


def build() -> str:
    """Nothing where there are objections already."""
    if Objection.objects.exists():
        return "演示异议已有，未改动"
    people = list(Person.objects.employed_in(Unit.objects.get(code="QLNJ")).order_by("pk")[: len(PUT)])
    with clock.at(moment(clock.today() - timedelta(days=20))):
        told = make_slips(people=people, last_day=clock.today() + LASTS, actor=account("clerk"))
    for each, put in zip(told, PUT, strict=False):
        _objection(each.slip, *put)
    return f"{len(people)} 张查阅条，{Objection.objects.count()} 件异议"


def _objection(slip: Slip, text: str, ago: int, step: str, result: str, note: str) -> None:
    day = clock.today() - timedelta(days=ago)
    entries = LedgerEntry.objects.filter(person=slip.person_id, counter_of=None, countered_by=None)
    entry = entries.order_by("-pk").first()
    year = entry.year if entry else day.year
    with clock.at(moment(day, hour=20)):
        put = services.object_to(slip=slip, year=year, entry=entry, text=text, picture=None).objection
    if step:
        actor: Any = SYSTEM if step == "withdraw" else clerk_of(put.unit)
        with clock.at(moment(day + timedelta(days=1), hour=9)):
            fire(put, step, actor=actor, note=note, data={"result": result} if result else {"slip": slip.pk})
