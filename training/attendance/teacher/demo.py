"""A class teacher's links in the demo district: one that opens, one that was revoked, a tick that was not taken."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from luojiang_ce import clock
from training.attendance.models import Sign
from training.classes.models import ClassApplication
from units.demo import clerk_of, moment

from .models import TeacherLink, TeacherTick
from .pages import slots_of_link
from .services import make_link, revoke_link
from .taking import Tick, take


def build() -> str:
    """The links of the first class that is on; its address is told here once, as the clerk is told it."""
    if TeacherLink.objects.exists():
        return "演示班主任链接已有，未改动"
    today = clock.today()
    on = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, opens_on__lt=today, ends_on__gte=today)
    application = on.select_related("unit").order_by("-opens_on", "pk").first()
    if application is None:
        return "今天没有在办的班，没有生成班主任链接"
    clerk = clerk_of(application.unit)
    with clock.at(moment(application.opens_on or today, 8)):
        lost, _ = make_link(application=application, holder="温如故", first_day=None, last_day=None, actor=clerk)
        link, token = make_link(
            application=application, holder=application.class_teacher, first_day=None, last_day=None, actor=clerk
        )
        revoke_link(link=lost, actor=clerk)
    _ticked_with_a_wrong_clock(link)
    return f"班主任链接：{settings.PUBLIC_URL.rstrip('/')}{reverse('teacher:today', args=[token])}"


def _ticked_with_a_wrong_clock(link: TeacherLink) -> None:
    """Somebody who did not sign out, by a phone that was set right before it sent: for the clerk to look at."""
    slot = slots_of_link(link)[0]
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
