"""Extensions and lapses for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from units.extensions.models import Extension, Lapse


def extension_of(district: District, state: str = Extension.State.DRAFT, **facts: Any) -> Extension:
    """The owner's unit asks for three weeks more for its plan of this year."""
    ahead = min(clock.today() + timedelta(days=21), clock.today().replace(month=12, day=31))
    filed = None if state in ("draft", "cancelled") else clock.now()
    defaults = {
        "kind": "plan",
        "unit": district.unit,
        "subject": str(clock.today().year),
        "title": f"报送 {clock.today().year} 年度培训办班计划",
        "asked_due": ahead,
        "due": ahead if state == "granted" else None,
        "reason": "台风停课",
        "first_submitted_at": filed,
        "submitted_at": filed,
        "created_by": district.owner,
    }
    return Extension.objects.create(state=state, **{**defaults, **facts})


def lapse_of(district: District, state: str = Lapse.State.RECORDED, **facts: Any) -> Lapse:
    """The owner's unit has not filed its plan of last year."""
    defaults = {"kind": "plan", "subject": "2025", "title": "报送 2025 年度培训办班计划", "due": date(2025, 2, 28)}
    return Lapse.objects.create(
        state=state, unit=facts.pop("unit", district.unit), recorded_at=clock.now(), **{**defaults, **facts}
    )


def with_evidence(district: District, extension: Extension) -> None:
    attach(case=extension, material="evidence", upload=SimpleUploadedFile("证明.pdf", PDF), actor=district.owner)


def of_the_bureau(district: District, extension: Extension) -> None:
    extension.by_bureau = True
    extension.save()


def something_missing(district: District, extension: Extension) -> dict[str, Any]:
    return {"items": [{"where": "理由", "wrong": "没有写明起止", "mend": "请补充"}]}


def a_day(district: District, extension: Extension) -> dict[str, Any]:
    return {"due": extension.asked_due}


def a_missed_day(district: District, lapse: Lapse) -> dict[str, Any]:
    return {"due": date(2025, 3, 31)}


KINDS = [
    Kind(
        Extension,
        extension_of,
        ready={
            "allow_return": returned_before,
            "submit": with_evidence,
            "resubmit": with_evidence,
            "return": something_missing,
            "propose": of_the_bureau,
            "drop": of_the_bureau,
            "grant": a_day,
        },
    ),
    Kind(Lapse, lapse_of, ready={"again": a_missed_day, "again_proposed": a_missed_day}),
]
