"""Trainings of the bureau in the demo district, in every state.

Everything goes through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from training.classes.models import CatalogueCourse
from units.demo import a_paper, account, moment, workdays_from_today
from units.models import Person
from verification.direct.models import DirectTraining
from verification.direct.services import list_people, save_training

DOCUMENT = "演示调训通知（虚构）"
WRONG = "名单有误，误列未参加人员"


def build() -> str:
    """Nothing where there are some already."""
    if DirectTraining.objects.exists():
        return "演示调训已有，未改动"
    people = list(Person.objects.filter(employments__ended_on=None).distinct().order_by("pk")[:40])
    stamped = _trained("新录用人员初任培训班", people[:24], days_ago=40)
    _through(stamped, "prepare", "stamp", days_ago=30)
    withdrawn = _trained("新录用人员初任培训班（第二期）", people[24:30], days_ago=38)
    _through(withdrawn, "prepare", "stamp", "withdraw", days_ago=28)
    _through(_trained("公共课集中授课", people[:12], days_ago=20, public=True), "prepare", days_ago=6)
    _through(_trained("公共课集中授课（改期）", people[:3], days_ago=18, public=True), "drop", days_ago=5)
    _trained("公共课补课", people[12:18], days_ago=9, public=True)
    return f"{DirectTraining.objects.count()} 期调训"


def _trained(title: str, people: list[Person], *, days_ago: int, public: bool = False) -> DirectTraining:
    """Held over three days, drawn up the working day after, with everybody on its list."""
    last = clock.today() - timedelta(days=days_ago)
    first = max(last - timedelta(days=2), date(last.year, 1, 1))
    course = CatalogueCourse.objects.of_year(last.year).first() if public else None
    kind = DirectTraining.Kind.PUBLIC if course else DirectTraining.Kind.INDUCTION
    facts = {"document": DOCUMENT, "date_from": first, "date_to": last, "year": last.year, "subject": "public"}
    training = DirectTraining(title=title, kind=kind, catalogue=course, amount=Decimal("24.0"), **facts)
    handler = account("handler")
    with clock.at(moment(last + timedelta(days=1))):
        training = save_training(training=training, actor=handler)
        attach(case=training, material="pass_list", upload=a_paper("考核合格名单"), actor=handler)
        list_people(training=training, people=people, actor=handler)
    return training


def _through(training: DirectTraining, *acts: str, days_ago: int) -> None:
    who = {"prepare": "handler", "drop": "handler", "stamp": "keeper", "withdraw": "approver"}
    day = max(workdays_from_today(-days_ago), training.date_to + timedelta(days=2))
    for hour, act in enumerate(acts, 10):
        case = DirectTraining.objects.get(pk=training.pk)
        with clock.at(moment(day, hour)):
            fire(case, act, actor=account(who[act]), note=WRONG if act == "withdraw" else "")
