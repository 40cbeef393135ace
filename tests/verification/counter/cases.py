"""How the walk builds places on a waiting list (tests/luojiang_ce/workflow/walk.py)."""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from tests.verification.batches.samples import a_slot, quick_batch
from verification.batches.models import Appointment, Batch
from verification.counter.models import Waiting


def a_waiting(district: District, state: str = "waiting") -> Waiting:
    """A batch of the own unit that waits for a slot, or was offered a place in it."""
    slot, batch = a_slot(place=f"{Waiting.objects.count() + 4} 号窗口"), quick_batch(district)
    unit = district.unit
    facts = {"slot": slot, "batch": batch, "unit": unit, "booker": unit, "created_by": district.owner, "state": state}
    if state not in ("waiting", "left"):
        held = {"state": "held", "kept_until": clock.now() + timedelta(days=1)} if state == "offered" else {}
        seat = Appointment.objects.create(slot=slot, seat=1, unit=unit, booked_by=district.owner, **held)
        Batch.objects.filter(pk=batch.pk).update(appointment=seat)
        facts["appointment"] = seat
    return Waiting.objects.create(**facts)


KINDS = [Kind(Waiting, a_waiting, outsiders={"health_reviewer", "education_reviewer"})]
