"""The link of a class teacher: made by the provider's clerk, told once, revoked at any time (product.md A1)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from training.attendance.freezing import reasons_against
from training.classes.models import ClassApplication
from units.models import Account

from .models import TeacherLink, digest

SEEN_EVERY = 60  # seconds


@transaction.atomic
def make_link(
    *,
    application: ClassApplication,
    holder: str,
    first_day: date | None,
    last_day: date | None,
    actor: Account,
    page: str = "",
) -> tuple[TeacherLink, str]:
    """A new link and its token, which is told once and kept nowhere. `page`: a word that no other page with this form
    has; who sends it twice, by a double click or a reload, finds the first one's link. Raises NotPossible."""
    _must_be_open(application, actor)
    _must_lie_in(application, first_day, last_day)
    token = _token(page or secrets.token_urlsafe(), actor.pk, application.pk, holder, first_day, last_day)
    facts = {"application": application, "holder": holder, "first_day": first_day, "last_day": last_day}
    link, is_new = TeacherLink.objects.get_or_create(digest=digest(token), defaults={**facts, "made_by_id": actor.pk})
    if is_new:
        record(application, "teacher_link_made", actor=actor, data={"link": link.pk})
    elif ended := link.why_ended(clock.now()):
        raise NotPossible(f"{ended}，请重新打开班主任链接，再生成一个")
    return link, token


def _token(*said: object) -> str:
    """Known to nobody who has not the key of this installation; of the same words the same."""
    made = salted_hmac("training.attendance.teacher.link", repr(said), algorithm="sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def address_of(token: str) -> str:
    """The whole address of a link, as it is handed over: that of this installation, whatever name the clerk uses."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('teacher:today', args=[token])}"


@transaction.atomic
def revoke_link(*, link: TeacherLink, actor: Actor) -> bool:
    """From now on the link opens nothing; False if it was revoked already."""
    done = TeacherLink.objects.filter(pk=link.pk, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by_id=actor.pk
    )
    if done:
        record(link.application, "teacher_link_revoked", actor=actor, data={"link": link.pk})
    return bool(done)


def note_use(link: TeacherLink) -> None:
    """Keep when the link was last used, to the minute."""
    now = clock.now()
    due = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(seconds=SEEN_EVERY))
    TeacherLink.objects.filter(due, pk=link.pk).update(last_used_at=now)


def _must_be_open(application: ClassApplication, actor: Actor) -> None:
    reasons = reasons_against(application, (), actor)
    if application.has_ended(clock.today()):
        reasons.append("这个班已经结束，链接最晚到结束那天有效；补登记请在考勤里办理")
    if reasons:
        raise NotPossible(*reasons)


def _must_lie_in(application: ClassApplication, first_day: date | None, last_day: date | None) -> None:
    opens, ends = application.opens_on, application.ends_on
    wrong: dict[str, str] = {}
    if opens and ends:
        span = f"须在开班期间（{full(opens)}至{full(ends)}）之内"
        days = {"first_day": first_day, "last_day": last_day}
        wrong = {name: span for name, day in days.items() if day and not opens <= day <= ends}
    if first_day and last_day and first_day > last_day:
        wrong["last_day"] = "须不早于起始日期"
    elif last_day and last_day < clock.today():
        wrong.setdefault("last_day", "这一天已经过去")
    if wrong:
        raise NotPossible(**wrong)
