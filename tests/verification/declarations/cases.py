"""Declarations for tests: of a person of the district's unit, in any state, with evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.verification.requirements.cases import tried
from units.models import Person, Unit
from verification.declarations.effects import entry_of
from verification.declarations.materials import materials
from verification.declarations.models import Conversion, Declaration
from verification.ledger.services import post


def declaration_of(unit: Unit, person: Person | None = None, **facts: Any) -> Declaration:
    """A draft for 12 professional hours learned remotely in May 2026."""
    given = {
        "form": "remote",
        "title": "专业技术人员网络课程",
        "organiser": "福建省测试网络学院",
        "date_from": date(2026, 5, 6),
        "date_to": date(2026, 5, 29),
        "year": 2026,
        "subject": "professional",
        "measure": "hours",
        "amount": Decimal("12.0"),
        "basis": "学习平台出具的学时证明",
        **facts,
    }
    return Declaration.objects.create(unit=unit, person=person or person_in(unit), **given)


def conversion_in(district: District, state: str) -> Conversion:
    """A figure in a state, each of a year of its own."""
    year = 2018 + Conversion.objects.count()
    span = {"valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31)}
    return a_conversion(district, state=state, created_by=district.handler, **span)


def a_conversion(district: District | None = None, **facts: Any) -> Conversion:
    """6 hours for whatever was said at a conference, by an invented document; in force."""
    given = {
        "form": "conference",
        "measure": "hours",
        "amount": Decimal(6),
        "document": "测人社〔2020〕3号",
        "valid_from": date(2020, 1, 1),
        "state": "in_force",
        **facts,
    }
    return Conversion.objects.create(**given)


def with_evidence(declaration: Declaration, actor: Any, *, without: str = "") -> Declaration:
    """Attach a file for every required material, except one."""
    for material in materials(declaration):
        if material.required(declaration) and material.code != without:
            scan = SimpleUploadedFile(f"{material.code}.pdf", PDF + material.code.encode())
            attach(case=declaration, material=material.code, upload=scan, actor=actor)
    return declaration


def in_state(district: District, state: str) -> Declaration:
    """A declaration of `district.unit` that stands in this state."""
    filed = None if state == "draft" else clock.now()
    case = declaration_of(district.unit, state=state, first_submitted_at=filed, submitted_at=filed)
    if state == "accepted":
        post(entries=[entry_of(case)], source=case, actor=district.handler)
    return case


def _evidence(district: District, case: Declaration) -> None:
    with_evidence(case, district.owner)


KINDS = [
    Kind(
        Declaration,
        in_state,
        ready={"submit": _evidence, "resubmit": _evidence, "accept": _evidence, "allow_return": returned_before},
        outsiders={"health_reviewer", "education_reviewer"},
    ),
    Kind(Conversion, conversion_in, ready={"propose": tried, "put_in_force": tried, "end": tried}),
]
