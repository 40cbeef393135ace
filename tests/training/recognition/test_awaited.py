"""A class in recognition is shown beside the sums of the ledger, and is not in them (product.md V1)."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from training.recognition.counting import in_recognition


@pytest.mark.parametrize(
    ("state", "awaited"),
    [("draft", False), ("submitted", True), ("returned", True), ("checked", True), ("recognised", False)],
)
def test_only_what_is_under_way_is_on_its_way(district, state, awaited):
    course = class_of(district.unit, opens_on=date(2026, 12, 31))
    person = person_in(district.unit)
    sign_all(course, [enrol(course, person)])
    recognition_of(course, state=state)
    for year in (2026, 2027):
        found = [(each.person_id, each.amount) for each in in_recognition([person], year)]
        assert found == ([(person.pk, Decimal("8.0"))] if awaited else [])
    assert list(in_recognition([person], 2025)) == []


def test_queries_do_not_grow_with_people(district, django_assert_max_num_queries):
    counts = []
    for number in (3, 30):
        people = [person_in(district.unit, f"学员{n}") for n in range(number)]
        for person in people:
            course = class_of(district.unit, days=1)
            sign_all(course, [enrol(course, person)])
            recognition_of(course, state="submitted")
        with django_assert_max_num_queries(7) as queries:
            assert len(list(in_recognition(people, 2026))) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
