from datetime import date
import pytest
from tests.queries import statements
from tests.training.factories import class_of, enrol
from tests.factories import UnitFactory
from tests.verification.shortfalls.test_standing import OVERVIEW, _in_november, read, with_hours
pytestmark = pytest.mark.django_db

@pytest.mark.parametrize("who", ["owner", "handler"])
def test_q(client, district, who):
    course = class_of(district.unit, opens_on=date(2026, 12, 2), days=1)
    for n in range(3):
        enrol(course, with_hours(district, f"人员{n}", "44"))
        with_hours(district, f"外单位{n}", "20", unit=UnitFactory())
    address = OVERVIEW if who == "handler" else f"{OVERVIEW}{district.unit.pk}/"
    read(client, getattr(district, who), address)
    with statements() as q:
        read(client, getattr(district, who), address)
    with open(f"/tmp/short_db/q.{who}", "w") as f:
        for n, each in enumerate(q):
            f.write(f"{n} {each[:60]} ... FROM {each.split(' FROM ')[1][:150] if ' FROM ' in each else ''}\n")
