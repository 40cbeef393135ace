"""Who gets into the pages of circulars and receipts."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, CLERKS, OWN_UNIT, REVIEWERS, Row
from tests.training.factories import class_of, enrol
from tests.units.circulars.cases import circular_of, receipt_of

READERS = CLERKS | REVIEWERS | BUREAU | AUDIT_ADMIN


def drafted(district: District) -> list[int]:
    return [circular_of(district).pk]


def sent(district: District) -> list[int]:
    return [receipt_of(district).circular_id]


def of_health(district: District) -> list[int]:
    return [circular_of(district, "sent", unit=district.health).pk]


def received(district: District) -> list[int]:
    return [receipt_of(district).pk]


def a_class(district: District) -> list[Any]:
    return ["training_classes.classapplication", class_of(district.unit).pk]


def of_a_class(district: District) -> list[int]:
    made = class_of(district.unit)
    enrol(made, person_in(district.neighbour_unit))
    facts = {"audience": "case", "about_type": made._meta.label_lower, "about_id": made.pk}
    return [circular_of(district, unit=district.unit, **facts).pk]


ROWS = [
    Row("circulars:list", READERS),
    Row("circulars:receipts", READERS),
    Row("circulars:export", READERS),
    Row("circulars:new", BUREAU | REVIEWERS),
    Row("circulars:new_about", OWN_UNIT, a_class),
    Row("circulars:circular", BUREAU, drafted),
    Row("circulars:circular", BUREAU | AUDIT_ADMIN, sent, others={"owner": 302, "colleague": 302}),
    Row("circulars:circular", BUREAU | AUDIT_ADMIN | {"health_reviewer"}, of_health),
    Row("circulars:circular", OWN_UNIT, of_a_class),
    Row("circulars:edit", BUREAU, drafted),
    Row("circulars:edit", OWN_UNIT, of_a_class),
    Row("circulars:correct", BUREAU, sent),
    Row("circulars:remind", BUREAU, sent, method="post", status=302),
    Row("circulars:remind_ticked", READERS, method="post", status=302),
    Row("circulars:receipt", OWN_UNIT | BUREAU | AUDIT_ADMIN, received),
]
