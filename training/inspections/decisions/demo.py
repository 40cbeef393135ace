"""Decisions of the demo district in every state.

Everything goes through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from training.classes.models import ClassApplication
from training.half_days import SlotKey
from training.inspections.decisions.models import Decision
from training.inspections.decisions.reach import reach_of
from training.inspections.decisions.scope import Scope
from training.inspections.decisions.services import Said, begin, settle
from training.inspections.demo import pair, record
from training.inspections.models import Inspection
from training.inspections.recording import Found
from training.inspections.services import assign
from training.recognition.models import Recognition
from units.demo import account, clerk_of, moment

FOUND = "到场时教室无人，签到表笔迹相同"
STATEMENT = "该半日改为现场观摩，来不及报批；签到由组长代签，我单位认识到不妥"
WEIGHED = "观摩未经报批，课程表无此项，签到由他人代签属实，意见不予采纳"
MISTAKEN = "经核对监控，该半日确有授课"
HOURS = {"morning": 10, "afternoon": 15, "evening": 20}  # when somebody came
# How far the decisions have got, by the beginning of the project's title.
UNTIL = (
    ("危大工程", "decided"),
    ("果蔬冷链保鲜", "withdrawn"),
    ("农产品质量安全检测", "proposed"),
    ("专业技术人员公共科目", "told"),
    ("果蔬冷链保鲜", "withdrawing"),
    ("压疮护理", "heard"),
    ("压疮护理", "refused"),
    ("小型水库安全运行", "dropped"),
    ("小型水库安全运行", "draft"),
)
STEPS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "dropped": ("drop",),
    "told": ("tell",),
    "heard": ("tell", "answer"),
    "refused": ("tell", "answer", "propose", "refuse"),
    "withdrawing": ("tell", "waive", "propose", "decide", "propose_withdrawal"),
    "proposed": ("tell", "answer", "propose"),
    "decided": ("tell", "answer", "propose", "decide"),
    "withdrawn": ("tell", "waive", "propose", "decide", "propose_withdrawal", "withdraw"),
}


def build() -> str:
    """Nothing where there are decisions already."""
    if Decision.objects.exists():
        return "演示检查处理已有，未改动"
    for start, until in UNTIL:
        case = Recognition.objects.filter(application__project__title__startswith=start).select_related("application")
        _decision(case.get().application, until)
    return f"{Decision.objects.count()} 件检查处理"


def _decision(course: ClassApplication, until: str) -> None:
    handler, last = account("handler"), course.timetable.order_by("date", "starts_at").filter(counts=True).last()
    assert last is not None
    key = (last.date, last.half_day)
    with clock.at(moment(last.date, HOURS[last.half_day])):
        visit = _visited(course, key)
    with clock.at(_day(6)):
        fire(visit, "take_up", actor=handler)
        said = Said(list(visit.findings.all()), FOUND, criticised=True, unrecognised=True, scope=Scope([key]))
        made = begin(inspection=visit, said=said, actor=handler)
        _settled(made)
    for days_ago, name in enumerate(STEPS[until]):
        _step(made, name, _day(5 - days_ago, 10 + days_ago))


def _visited(course: ClassApplication, key: SlotKey) -> Inspection:
    """A visit on the spot, in that half-day."""
    handler = account("handler")
    visit = assign(
        application=course, inspectors=pair(), planned_on=key[0], planned_half_day=key[1], place=course.place,
        actor=handler,
    )  # fmt: skip
    record(visit, (Found("false", FOUND),))
    return Inspection.objects.get(pk=visit.pk)


def _settled(made: Decision) -> None:
    """Whose amounts the half-days leave open gets nothing but what is left."""
    found = reach_of(made)
    if not found.to_decide:
        return
    amounts = {
        (each.year, each.subject): Decimal(0) for one in found.classes for each in one.reach.after.amounts_possible
    }
    settle(decision=made, enrolments=[], amounts=amounts, reason="签到不实", actor=account("handler"))


def _step(made: Decision, name: str, when: datetime) -> None:
    made = Decision.objects.get(pk=made.pk)
    assert made.unit is not None
    who = {"answer": clerk_of(made.unit), "waive": clerk_of(made.unit)}
    who |= dict.fromkeys(("decide", "refuse", "withdraw"), account("approver"))
    notes = {"answer": STATEMENT, "propose": WEIGHED, "propose_withdrawal": MISTAKEN, "withdraw": MISTAKEN}
    note = (notes | {"refuse": MISTAKEN}).get(name, "")
    with clock.at(when):
        fire(made, name, actor=who.get(name, account("handler")), note=note)


def _day(days_ago: int, hour: int = 10) -> datetime:
    return moment(clock.today() - timedelta(days=days_ago), hour)
