"""Teachers' cycles: a unit's clerks see their own people's, reviewers their system's, the bureau all."""

from datetime import timedelta

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, HANDLER, OWN_UNIT, REVIEWERS, Row
from tests.training.factories import class_of
from tests.training.recognition.corrections import recognised
from units.models import Employment, Person
from verification.ledger.models import LedgerEntry


def a_taught_teacher(district: District) -> list[int]:
    """An entry of a class, of a teacher of the own unit."""
    made = recognised(district, class_of(district.unit, opens_on=clock.today() - timedelta(days=7)), people=1)
    person = Person.objects.get(enrolments__application=made.application)
    Person.objects.filter(pk=person.pk).update(category="teacher")
    Employment.objects.filter(person=person).update(unit=district.unit)
    return [LedgerEntry.objects.filter(person=person).values_list("pk", flat=True)[0]]


READERS = CLERKS | DISTRICT_WIDE | REVIEWERS
KEEP = CLERKS | HANDLER | {"approver"}
ROWS = [
    *(
        Row(f"cycles:{name}", READERS)
        for name in ("board", "export", "flagged", "export_flagged", "entries", "export_entries")
    ),
    Row("cycles:proof", OWN_UNIT | DISTRICT_WIDE, a_taught_teacher),
    Row("cycles:flags", frozenset({"approver"})),
    Row("cycles:lacking", KEEP),
    Row("cycles:set_for_many", KEEP, method="post", status=422),
]
