"""Visits for tests: two inspectors, a class that is held today, sheets as a phone sends them, signatures as drawn."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from luojiang_ce import clock
from luojiang_ce.access import Role
from tests.conftest import District
from tests.factories import account_with
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication
from training.inspections import services
from training.inspections.case import PHOTO, PROVIDER, sign_code
from training.inspections.models import Finding, Inspection, OnSiteSheet, OutsideReport
from training.inspections.recording import Found, Seen, keep_picture, send_sheet
from units.models import Account

NAME = "叶清禾"  # the second inspector


def second_inspector(district: District) -> Account:
    """A colleague of the district's inspector."""
    found = Account.objects.filter(name=NAME).first()
    return found or account_with(Role.INSPECTOR, district.bureau, name=NAME)


def a_class(district: District, day: date | None = None, **kwargs: Any) -> ClassApplication:
    """An approved class of the district's unit, held on this day (today)."""
    return an_application(district.unit, "approved", opens_on=day or clock.today(), **kwargs)


def a_visit(district: District, application: Any = "", *, day: date | None = None, **kwargs: Any) -> Inspection:
    """Two inspectors are sent to a class of the district's unit, or to what `application=None` and kwargs say."""
    course = a_class(district, day) if application == "" else application
    pair = (district.inspector, second_inspector(district))
    facts: dict[str, Any] = {"inspectors": pair, "planned_on": day or clock.today(), **kwargs}
    return services.assign(application=course, actor=district.handler, **facts)


def a_picture(*, blank: bool = False, kind: str = "PNG", name: str = "") -> SimpleUploadedFile:
    """A signature as it was drawn, no two alike; or a blank one."""
    image = Image.new("RGB", (300, 120), "white")
    if not blank:
        pen = ImageDraw.Draw(image)
        shift = uuid4().int % 60
        pen.line([(20 + shift, 90), (60, 30 + shift), (150, 80), (220, 40)], fill="black", width=4)
        pen.point([(uuid4().int % 300, uuid4().int % 120) for _ in range(20)], fill="gray")
    out = io.BytesIO()
    image.save(out, kind)
    return SimpleUploadedFile(name or f"{uuid4().hex[:8]}.{kind.lower()}", out.getvalue())


def sign(case: Inspection, actor: Account, *, without: tuple[str, ...] = ()) -> None:
    """Everybody signs on the phone of `actor`, but those left out."""
    for code in (*(sign_code(each) for each in case.inspectors.all()), PROVIDER):
        if code not in without:
            keep_picture(case=case, material=code, upload=a_picture(), actor=actor)


def seen(*found: Found, **facts: Any) -> Seen:
    """What an inspector types: nothing was found unless told."""
    typed: dict[str, Any] = {
        **{"visited_at": clock.now(), "half_day": "morning", "present": 38, "signed": 38, "proxies": 0},
        **dict.fromkeys(("lecturer", "course", "signing", "materials", "fees"), "agrees"),
        **{"note": "", "statement": "", "signer": "顾清和", "signer_post": "班主任", "refused": False, "refusal": ""},
    }
    client = facts.pop("client_id", None) or uuid4()
    return Seen({**typed, **facts}, found, client)


def a_finding(kind: str = Finding.Kind.FALSE, text: str = "签到三人不在场，由同室人员代签") -> Found:
    """Something found wrong in this half-day."""
    return Found(kind, text)


def recorded(district: District, *found: Found, case: Inspection | None = None, **facts: Any) -> Inspection:
    """A visit whose record was signed and sent."""
    case = case or a_visit(district)
    sign(case, district.inspector)
    keep_picture(case=case, material=PHOTO, upload=a_picture(kind="JPEG"), actor=district.inspector)
    send_sheet(case=case, seen=seen(*found, **facts), actor=district.inspector)
    return Inspection.objects.get(pk=case.pk)


def visit_in(district: District, state: str) -> Inspection:
    """A visit that stands in this state, with or without a finding as the state asks for."""
    case = a_visit(district)
    if state in ("assigned", "cancelled"):
        Inspection.objects.filter(pk=case.pk).update(state=state)
    else:
        case = recorded(district, case=case)
        if state != "recorded":
            Finding.objects.create(inspection=case, kind="false", clause="通知 一(五)4", text="代签")
            Inspection.objects.filter(pk=case.pk).update(state=state)
    return Inspection.objects.get(pk=case.pk)


def a_report(district: District, **kwargs: Any) -> OutsideReport:
    """Somebody called."""
    facts: dict[str, Any] = {
        **{"channel": "phone", "received_on": clock.today(), "text": "周末在酒店办班收费，没有上课就发结业证"},
        **{"unit": district.unit, "reporter": "阮听雨", "contact": "0595-0000-0131"},
    }
    return services.take_report(actor=district.handler, **{**facts, **kwargs})


def posted(sheet: OnSiteSheet | None = None, **facts: Any) -> dict[str, Any]:
    """The sheet's form as it is sent."""
    typed = {name: value for name, value in seen().facts.items() if name != "refused"}
    typed["visited_at"] = clock.now().strftime("%Y-%m-%dT%H:%M")
    return {**typed, "client_id": str(uuid4()), "action": "send", **facts}
