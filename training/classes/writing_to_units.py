"""A provider writes to the units of the trainees of its class, and through their clerks to the people (notice 三1)."""

from __future__ import annotations

from luojiang_ce.access import Actor
from training.classes.models import ClassApplication
from units.access import FILER
from units.circulars.audiences import CaseAudience


def _units(application: ClassApplication) -> list[int]:
    """The units of the district whose people hold a place."""
    found = application.enrolments.present().exclude(unit=None).order_by()
    return list(found.values_list("unit", flat=True).distinct())


def _names(application: ClassApplication, unit_id: int) -> list[str]:
    """Whom a unit's clerk is to tell: the unit's own people."""
    return list(application.enrolments.present().filter(unit=unit_id).values_list("name", flat=True))


def _may_write(application: ClassApplication, actor: Actor) -> bool:
    """The provider itself, about a class that was approved."""
    return application.state == ClassApplication.State.APPROVED and FILER.test(actor, application)


TRAINEES_UNITS = CaseAudience(_units, _names, _may_write)
