"""How the walk through all workflows builds changes of classes."""

from __future__ import annotations

from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.training.classes.changes.factories import a_change, with_evidence
from training.classes.changes.content import Content, difference, standing
from training.classes.changes.models import ClassChange


def another_room(district: District, change: ClassChange) -> None:
    """Nothing but a room: what a handler decides alone."""
    was = standing(change.application)
    change.former, change.proposed = difference(was, Content(was.head, [row | {"room": "305"} for row in was.rows]))
    change.save()


KINDS = [
    Kind(
        ClassChange,
        a_change,
        ready={
            "submit": with_evidence,
            "resubmit": with_evidence,
            "allow_return": returned_before,
            "settle": another_room,
        },
    )
]
