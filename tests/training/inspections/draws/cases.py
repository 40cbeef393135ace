"""How the walk through all workflows builds draws and checks of originals."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from tests.training.inspections.draws.factories import check_in, draw_in, in_days
from training.inspections.draws.models import Draw, OriginalsCheck


def of_public(district: District, case: Draw) -> dict[str, str]:
    Draw.objects.filter(pk=case.pk).update(seed_from="public", source="福建体彩 31选7", seed_on=in_days(0))
    case.refresh_from_db()
    return {"number": "03071218222530"}


def of_declarations(district: District, case: Draw) -> dict[str, Any]:
    Draw.objects.filter(pk=case.pk).update(of="declarations", result=[])
    case.refresh_from_db()
    return {"wanted_on": in_days(10)}


def overdue(district: District, case: OriginalsCheck) -> None:
    case.wanted_on = in_days(-1)
    case.save()


def brought(district: District, case: OriginalsCheck) -> dict[str, str]:
    return {"how": "brought"}


KINDS = [
    Kind(Draw, draw_in, ready={"draw_by_number": of_public, "ask": of_declarations}),
    Kind(OriginalsCheck, check_in, ready={"not_provided": overdue, "provide": brought}),
]
