"""Plans, items and batches for tests, complete enough to be filed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from training.choices import Category, Funding
from training.plans.materials import consent_code
from training.plans.models import Consent, ConsentBody, Plan, PlanBatch, PlanItem
from units.models import Account, Unit


def a_plan(unit: Unit, year: int = 2026, state: str = Plan.State.DRAFT, **kwargs: Any) -> Plan:
    return Plan.objects.create(unit=unit, year=year, state=state, **kwargs)


def an_item(plan: Plan, state: str = PlanItem.State.LISTED, **kwargs: Any) -> PlanItem:
    """A complete row of 附件1."""
    year = plan.year
    facts: dict[str, Any] = {
        "organiser": plan.unit.name,
        "title": "果蔬冷链保鲜技术培训班",
        "basis": "年度培训方案",
        "content": "冷链保鲜、采后处理",
        "category": Category.PROFESSIONAL,
        "audience": "农业技术人员",
        "people": 50,
        "starts_on": date(year, 5, 11),
        "ends_on": date(year, 5, 13),
        "days": Decimal(3),
        "place": "实训基地",
        "professional_amount": Decimal("22"),
        "funding": Funding.BUDGET,
        "budget": Decimal("18000"),
        "contact": "林知秋",
        "phone": "0595-0000-0101",
    }
    return PlanItem.objects.create(plan=plan, unit=plan.unit, state=state, **{**facts, **kwargs})


def a_scan(name: str = "scan.png") -> SimpleUploadedFile:
    """A real picture, as a scanner or a phone makes one."""
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def with_scheme(plan: Plan, actor: Account) -> Plan:
    """The plan with its 年度培训方案 attached."""
    attach(case=plan, material="scheme", upload=a_scan(), actor=actor)
    return plan


def two_bodies() -> list[ConsentBody]:
    names = ("区治理整顿培训办班工作协调小组", "区委反腐败领导小组办公室")
    return [
        ConsentBody.objects.get_or_create(name=name, defaults={"position": i})[0] for i, name in enumerate(names, 1)
    ]


def answers_on_line(body: ConsentBody, unit: Unit) -> ConsentBody:
    """The body, for which the consent officers of the unit answer."""
    body.unit = unit
    body.save()
    return body


def a_batch(state: str = PlanBatch.State.GATHERING, year: int = 2026, **kwargs: Any) -> PlanBatch:
    return PlanBatch.objects.create(year=year, title=f"{year} 年度培训计划汇总", state=state, **kwargs)


def agreed_by_both(batch: PlanBatch, actor: Account) -> None:
    for body in two_bodies():
        Consent.objects.create(
            batch=batch, body=body, result="agreed", given_on=date(batch.year, 3, 10), document="会议纪要〔2026〕3号",
            person="岳临川", recorded_by=actor, recorded_at=clock.now(),
        )  # fmt: skip
        attach(case=batch, material=consent_code(body), upload=a_scan(), actor=actor)


def a_project(unit: Unit, year: int = 2026, number: str = "2026-JH-001", **kwargs: Any) -> PlanItem:
    """A published project, ready for class applications."""
    batch = a_batch(
        PlanBatch.State.PUBLISHED,
        year,
        document_number=f"泉洛政人社〔{year}〕{number}号",
        published_on=date(year, 3, 20),
    )
    plan = Plan.objects.filter(unit=unit, year=year).first() or a_plan(unit, year, Plan.State.CHECKED)
    return an_item(plan, PlanItem.State.PUBLISHED, number=number, batch=batch, **kwargs)
