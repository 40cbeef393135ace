"""The provider hears of it, once, when somebody guesses at the numbers of a class's trainees: it can look who it is."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce.notices.services import notify
from luojiang_ce.papers.public import masked_name
from training.attendance.pages import slot_args, slot_label
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey
from units.notify import clerks_of


def tell_guessed(application: ClassApplication, key: SlotKey) -> None:
    """Once for a half-day: so many numbers were wrong that whole ones are asked for now."""
    notify(
        clerks_of(application.unit_id),
        f"可能有人在猜学员的证件号码：{application}",
        key=f"phone-guessed-{application.pk}-{key[0]}-{key[1]}",
        text=f"{slot_label(key)}扫码签到时填错的次数过多，第一次签到的手机现在须填完整的证件号码。"
        "请到课堂看看；学员不便填写的，由班主任登记",
        url=reverse("attendance:half_day", args=slot_args(application, key)),
    )


def tell_closed(trainee: Enrolment) -> None:
    """Once for a trainee: numbers that were nearly right came too often, so that no new phone is known as theirs."""
    application = trainee.application
    notify(
        clerks_of(application.unit_id),
        f"有一名学员不能再用新手机扫码签到：{application}",
        key=f"phone-closed-{trainee.pk}",
        text=f"{masked_name(trainee.name)}：多次有人填写相近的证件号码，为防止冒签，本班不再凭号码认出此人。"
        "已经签过到的手机照常可用，没有的由班主任登记",
        url=reverse("attendance:class", args=[application.pk]),
    )
