"""How the walk through all workflows builds applications for classes."""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication


def application_in(district: District, state: str) -> ClassApplication:
    return an_application(district.unit, state, actor=district.owner)


def gone_by(district: District, case: ClassApplication) -> None:
    """Its days are over."""
    case.opens_on = case.ends_on = clock.today() - timedelta(days=3)
    case.save()


NEVER_HELD = ("report_not_held", "confirm_not_held", "propose_not_held", "close_not_held")
READY = {"allow_return": returned_before, **dict.fromkeys(NEVER_HELD, gone_by)}
KINDS = [Kind(ClassApplication, application_in, ready=READY)]
