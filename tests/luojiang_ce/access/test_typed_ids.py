"""Whatever somebody types into a text, no whole ID number of it is kept: circulars, answers, opinions, file names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import account_with, id_number, person_in
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.plans.factories import a_plan
from tests.training.plans.sheets import FIRST, filled
from tests.units.circulars.cases import circular_of
from tests.units.views.helpers import browser
from tests.verification.declarations.cases import declaration_of
from tests.verification.declarations.test_workbook import workbook
from training.plans.importing import FORM1_IMPORT
from training.plans.models import Plan
from units.circulars.models import Circular
from units.opinions.models import Opinion
from verification.declarations.importing import PEOPLE_IMPORT
from verification.declarations.models import Declaration

pytestmark = pytest.mark.django_db
WHOLE = id_number(777)


def test_of_a_circular(district: District) -> None:
    day = (clock.today() + timedelta(days=14)).isoformat()
    typed = {"title": f"关于 {WHOLE} 的通知", "text": f"{WHOLE}请补证件", "read_by": day, "audience": "all"}
    assert browser(district.handler).post(reverse("circulars:new"), typed).status_code == 302
    kept = Circular.objects.get()
    assert WHOLE not in kept.title + kept.text


def test_of_an_opinion(district: District) -> None:
    district.unit.supervisor = district.education
    district.unit.save()
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    address = reverse("opinions:give", args=["training_plans.plan", plan.pk])
    typed = {"result": "objected", "text": f"授课人 {WHOLE} 未聘", "version": 0}
    assert browser(account_with("unit_clerk", district.education)).post(address, typed).status_code == 302
    assert WHOLE not in Opinion.objects.get().text


def test_of_an_imported_row(district: District) -> None:
    plan = a_plan(district.unit, filler="顾清和", phone="0595-0000-0199")
    batch = stage(
        FORM1_IMPORT,
        application=plan,
        file=filled([*FIRST[:4], f"主讲 {WHOLE}", *FIRST[5:]]),
        name="附件1.xlsx",
        actor=district.owner,
    )
    confirmed(FORM1_IMPORT, batch=batch, application=plan, actor=district.owner)
    assert "主讲" in plan.items.get().content
    assert WHOLE not in plan.items.get().content


def test_of_the_note_of_a_listed_person(district: District) -> None:
    first, other = person_in(district.unit, "温知微"), person_in(district.unit, "岳行之")
    case = declaration_of(district.unit, first, form="conference")
    row = ["岳行之", None, None, f"证件 {WHOLE} 待换发"]
    batch = stage(PEOPLE_IMPORT, application=case, file=workbook(row), name="人员.xlsx", actor=district.owner)
    assert WHOLE not in str(batch.plan)
    confirmed(PEOPLE_IMPORT, batch=batch, application=case, actor=district.owner)
    kept = Declaration.objects.get(person=other).note
    assert "待换发" in kept
    assert WHOLE not in kept


def test_of_the_name_of_a_file(district: District) -> None:
    upload: Any = SimpleUploadedFile(f"{WHOLE}.pdf", PDF)
    kept = attach(case=circular_of(district), material="document", upload=upload, actor=district.handler)
    assert WHOLE not in kept.name
    assert kept.name.endswith(".pdf")
