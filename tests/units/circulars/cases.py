"""Circulars and receipts for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import UnitFactory
from tests.luojiang_ce.workflow.walk import Kind
from units.circulars.models import Circular, Receipt


def circular_of(district: District, state: str = Circular.State.DRAFT, **facts: Any) -> Circular:
    """The bureau writes to every unit; where it was sent, the rows of receipts are the caller's."""
    defaults: dict[str, Any] = {
        "unit": district.bureau,
        "title": "关于做好年度验证工作的通知",
        "text": "请核对名单",
        "read_by": clock.today() + timedelta(days=14),
        "created_by": district.handler,
        "sent_at": None if state == Circular.State.DRAFT else clock.now(),
    }
    return Circular.objects.create(state=state, **{**defaults, **facts})


def receipt_of(district: District, state: str = Receipt.State.WAITING, **facts: Any) -> Receipt:
    """What the owner's unit received from the bureau."""
    circular = facts.pop("circular", None) or circular_of(district, "sent", title=f"通知 {Circular.objects.count()}")
    people = 12 if state == Receipt.State.PASSED_ON else None
    defaults = {"unit": district.unit, "passed_on_to": people}
    return Receipt.objects.create(circular=circular, state=state, **{**defaults, **facts})


def people(district: District, receipt: Receipt) -> dict[str, Any]:
    return {"people": 12}


def of_the_owners_authority(district: District, circular: Circular) -> None:
    """The senders that the walk tries besides the bureau: the unit itself is an authority with its clerk."""
    circular.unit = district.unit
    circular.save()
    type(district.unit).objects.filter(pk=district.unit.pk).update(is_authority=True)
    UnitFactory(supervisor=district.unit)


KINDS = [
    Kind(Circular, circular_of, outsiders={"owner", "colleague", "health_reviewer", "education_reviewer"}),
    Kind(Receipt, receipt_of, ready={"pass_on": people, "recount": people}),
]
