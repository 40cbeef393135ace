"""Two phones with the same visit, two officers with the same draw, at the same moment: it happens once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.training.inspections.draws.factories import a_draw, drawn, in_days
from tests.training.inspections.factories import a_class, a_finding, a_visit, second_inspector, seen, sign
from training.inspections.draws.models import Draw
from training.inspections.draws.repeating import differences
from training.inspections.draws.services import freeze_classes
from training.inspections.models import Inspection, OnSiteSheet
from training.inspections.recording import send_sheet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def refusal_of(act: Callable[[], Any]) -> str:
    """Done: why not, or nothing."""
    try:
        with refusing_clashes():
            act()
    except NotPossible as refused:
        return str(refused)
    return ""


def a_signed_visit(district: District) -> Inspection:
    case = a_visit(district)
    sign(case, district.inspector)
    return case


def sending(district: District, case: Inspection, actor: Any, text: str, client_id: Any) -> Callable[[], Any]:
    what = seen(a_finding(text=text), client_id=client_id)
    fresh = Inspection.objects.get(pk=case.pk)
    return partial(refusal_of, partial(send_sheet, case=fresh, seen=what, actor=district.fresh(actor)))


def test_two_inspectors_send_the_record_of_one_visit(district: District) -> None:
    case = a_signed_visit(district)
    told = in_parallel(
        [
            sending(district, case, district.inspector, "甲所见", uuid4()),
            sending(district, case, second_inspector(district), "乙所见", uuid4()),
        ]
    )
    assert sorted(map(bool, told)) == [False, True]
    assert "提交，本次填写的没有再提交" in "".join(told)
    assert Inspection.objects.get(pk=case.pk).state == "recorded"
    assert case.findings.count() == 1
    assert [event.name for event in history(case)].count("record") == 1


def test_one_phone_sends_twice_after_a_dead_network(district: District) -> None:
    case, phone = a_signed_visit(district), uuid4()
    told = in_parallel([sending(district, case, district.inspector, "所见", phone) for _ in range(2)])
    assert told == ["", ""]
    assert OnSiteSheet.objects.get(inspection=case).client_id == phone
    assert (case.findings.count(), Notice.objects.filter(recipient=district.owner).count()) == (1, 1)


def test_two_officers_freeze_a_list(district: District) -> None:
    second_inspector(district)
    a_class(district, in_days(1))
    facts: dict[str, Any] = {"since": in_days(0), "until": in_days(30), "count": 1, "seed_from": "system"}
    acts = [partial(freeze_classes, **facts, actor=district.fresh(district.handler)) for _ in range(2)]
    told = in_parallel([partial(refusal_of, act) for act in acts])
    assert sorted(map(bool, told)) == [False, True]
    assert Draw.objects.count() == 1


@pytest.mark.parametrize("step", ["draw_by_system", "assign"])
def test_two_officers_take_the_next_step_of_a_draw(district: District, step: str) -> None:
    case = a_draw(district, classes=3, count=2)
    if step == "assign":
        drawn(case, district)
    cases = [Draw.objects.get(pk=case.pk) for _ in range(2)]
    acts = [partial(fire, each, step, actor=district.fresh(district.handler)) for each in cases]
    told = in_parallel([partial(refusal_of, act) for act in acts])
    assert sorted(map(bool, told)) == [False, True]
    case = Draw.objects.get(pk=case.pk)
    assert list(differences(case)) == []
    assert Inspection.objects.count() == (2 if step == "assign" else 0)
