"""Changes of classes for tests, complete enough to be filed; the class opens far ahead unless told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_scan
from training.classes.changes.content import Content, difference, standing
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication, TimetableRow

_serial = count(1)
FILED = ("submitted", "returned", "checked", "approved", "refused")


def a_class(district: District, **kwargs: Any) -> ClassApplication:
    """An approved class of the owner's unit that lacks nothing."""
    return an_application(district.unit, ClassApplication.State.APPROVED, actor=district.owner, **kwargs)


def a_change(
    district: District,
    state: str = "draft",
    *,
    application: ClassApplication | None = None,
    rows: dict[str, Any] | None = None,
    **head: Any,
) -> ClassChange:
    """A change of the class's place, or of these fields, its sessions moved with its opening.

    `rows`: cells that all rows of the timetable are to have.
    """
    application = application or a_class(district)
    was = standing(application)
    wanted = was.head | (head or ({} if rows else {"place": "区文化馆 3 楼"}))
    gap = wanted["opens_on"] - was.head["opens_on"]
    moved = [row | {"date": row["date"] + gap} | (rows or {}) for row in was.rows]
    former, proposed = difference(was, Content(wanted, moved))
    filed = clock.now() if state in FILED else None
    made = ClassChange.objects.create(
        unit=application.unit,
        application=application,
        created_by=district.owner,
        state=state,
        reason="原定会议室检修",
        former=former,
        proposed=proposed,
        based_on=application.version,
        number=f"2026-CB-{next(_serial):03d}" if filed else None,
        first_submitted_at=filed,
        submitted_at=filed,
        decided_at=filed if state == "approved" else None,
    )
    made.refresh_from_db()
    return made


def cells(application: ClassApplication, **changed: Any) -> list[dict[str, Any]]:
    """The rows of a class as the grid gives them, with these cells changed."""
    names = [field.attname for field in TimetableRow._meta.concrete_fields if field.name not in ("id", "application")]
    rows = TimetableRow.objects.filter(application=application)
    return [{name: getattr(row, name) for name in names} | changed for row in rows]


def with_evidence(district: District, change: ClassChange) -> None:
    """What its filing asks for."""
    attach(case=change, material="evidence", upload=a_scan(), actor=district.owner)


def later(application: ClassApplication, days: int) -> dict[str, date]:
    """The days of a class that is put off."""
    assert application.opens_on
    assert application.ends_on
    gap = timedelta(days=days)
    return {"opens_on": application.opens_on + gap, "ends_on": application.ends_on + gap}
