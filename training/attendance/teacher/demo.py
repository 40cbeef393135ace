"""A class teacher's links in the demo district: one that opens, one that was revoked, a tick that was not taken."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from luojiang_ce import clock
from training.attendance.models import Sign
from training.classes.models import ClassApplication
from units.demo import clerk_of, moment, workdays_from_today

from .models import TeacherLink, TeacherTick
from .pages import slots_of_link
from .services import address_of, make_link, revoke_link
from .taking import Tick, take


def build() -> str:
    """The links of the class that is on, or opens next; the address is told here once, as the clerk is told it."""
    if TeacherLink.objects.exists():
        return "演示班主任链接已有，未改动"
    running = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, ends_on__gte=clock.today())
    application = running.select_related("unit").order_by("opens_on", "pk")[0]
    clerk, holders = clerk_of(application.unit), ("温如故", application.class_teacher)
    with clock.at(moment(workdays_from_today(-1))):
        (lost, _), (link, token) = (
            make_link(application=application, holder=holder, first_day=None, last_day=None, actor=clerk)
            for holder in holders
        )
        revoke_link(link=lost, actor=clerk)
    _ticked_with_a_wrong_clock(link)
    return address_of(token)


def _ticked_with_a_wrong_clock(link: TeacherLink) -> None:
    """Somebody who did not sign out, by a phone that was set right before it sent: for the clerk to look at."""
    slot = slots_of_link(link)[0]
    if slot.date >= clock.today():
        return
    out = Sign.objects.valid().filter(date=slot.date, half_day=slot.half_day, kind=Sign.Kind.OUT)
    trainee = link.application.enrolments.present().exclude(pk__in=out.values("enrolment")).first()
    if trainee is None:
        return
    tick = Tick(
        client_id=uuid4(),
        do=TeacherTick.Do.TICK,
        enrolment=trainee.pk,
        date=slot.date,
        half_day=slot.half_day,
        kind=Sign.Kind.OUT,
        at=slot.begins - timedelta(days=1),
        doubt="点名以后本机时钟改过，时间存疑",
    )
    with clock.at(moment(slot.date, 22)):
        take(link=link, ticks=[tick])
