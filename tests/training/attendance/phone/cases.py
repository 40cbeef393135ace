"""Trainees' requests for a correction, for the walk through every state, transition and role."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind
from tests.training.factories import class_of, enrol, sign
from training.attendance.phone.models import CorrectionRequest


def a_request(district: District, state: str = "waiting", **facts: Any) -> CorrectionRequest:
    """Somebody of another unit forgot to sign out of yesterday's class."""
    day = clock.today() - timedelta(days=1)
    course = class_of(district.unit, opens_on=day)
    trainee = enrol(course, person_in(district.neighbour_unit, "温知故"))
    sign(trainee, day, "morning", time_in=time(8, 20), time_out=None)
    values = {"date": day, "half_day": "morning", "kind": "out", "time": time(11, 30), "reason": "手机没电，没有扫上"}
    return CorrectionRequest.objects.create(enrolment=trainee, unit=district.unit, state=state, **{**values, **facts})


KINDS = [Kind(CorrectionRequest, a_request)]
