"""manage.py count_hours --class NUMBER explains a class of the database in the shape of the public cases."""

import json
from datetime import date, time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import person_in
from tests.training.factories import class_of, enrol, sign

DAY = date(2026, 5, 11)


def test_a_class_is_explained_by_name(district):
    course = class_of(district.unit, days=1)
    trainee = enrol(course, person_in(district.unit, "王小明"))
    sign(trainee, DAY, "morning", time_in=time(8, 30), time_out=time(11, 30))
    out = StringIO()
    call_command("count_hours", "--class", course.number, stdout=out)
    assert json.loads(out.getvalue()) == [
        {
            "name": course.number,
            "people": [
                {
                    "person": "王小明",
                    "half_days": [
                        {"date": "2026-05-11", "half_day": "morning", "why": "counted"},
                        {"date": "2026-05-11", "half_day": "afternoon", "why": "absent"},
                    ],
                    "amounts": [{"year": 2026, "subject": "professional", "amount": "4.0"}],
                    "decide": False,
                }
            ],
        }
    ]


def test_an_unknown_number_is_a_clear_error(district):
    with pytest.raises(CommandError, match="没有编号为 2026-C-9999 的培训班") as error:
        call_command("count_hours", "--class", "2026-C-9999")
    assert error.value.returncode == 2
