"""A trainee who was added late signs from the next half-day on (product.md C6): what lay before is not marked."""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import read_file
from tests.factories import person_in
from tests.training.factories import class_of, enrol
from training.attendance.importing import SIGNS_IMPORT
from training.attendance.models import Sign
from training.attendance.services import Wanted, correct_signs, record_signs
from training.classes.models import Enrolment
from training.classes.services.trainees import enrol_own

DAY = date(2026, 5, 11)
MORNING, AFTERNOON = (DAY, "morning"), (DAY, "afternoon")


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def late(district, course, time_machine) -> Enrolment:
    time_machine.move_to(datetime(2026, 5, 11, 9, 0, tzinfo=SHANGHAI), tick=False)
    person = person_in(district.unit, "来得晚")
    (row,) = enrol_own(application=course, person_ids=[person.pk], actor=district.owner, late_reason="出差刚回")
    time_machine.move_to(datetime(2026, 5, 11, 18, 0, tzinfo=SHANGHAI), tick=False)
    return row


@pytest.fixture
def there(district, course, time_machine) -> Enrolment:
    return enrol(course, person_in(district.unit, "一直在"))


def record(course, trainees, key, actor):
    wanted = [Wanted(trainee.pk, *key, time(8, 30), time(17)) for trainee in trainees]
    return record_signs(application=course, wanted=wanted, source=Sign.Source.LIST, actor=actor)


@pytest.mark.notice("一(五)3")
def test_an_earlier_half_day_is_refused_by_name_and_then_nobody_is_marked(district, course, late, there):
    with pytest.raises(NotPossible, match=r"5月11日上午.*补报.*来得晚"):
        record(course, [late, there], MORNING, district.owner)
    assert not Sign.objects.exists()
    assert record(course, [there], MORNING, district.owner).signed_in == 1
    assert record(course, [late, there], AFTERNOON, district.owner).signed_in == 2


def test_a_correction_does_not_reach_back_either(district, course, late):
    facts = {"enrolment": late, "reason": "补登", "actor": district.owner}
    with pytest.raises(NotPossible, match="补报"):
        correct_signs(key=MORNING, time_in=time(8, 30), time_out=time(11, 30), **facts)
    assert correct_signs(key=AFTERNOON, time_in=time(14), time_out=time(17), **facts)


def test_somebody_who_is_off_the_list_is_refused(district, course, there):
    gone = {"removed_at": datetime(2026, 5, 11, 12, 0, tzinfo=SHANGHAI), "removed_reason": "重复报名"}
    Enrolment.objects.filter(pk=there.pk).update(**gone)
    with pytest.raises(NotPossible, match="1 名学员已不在本班名单里"):
        record(course, [there], MORNING, district.owner)


def test_the_list_of_an_earlier_half_day_offers_no_tick(client, district, course, late, there):
    client.force_login(district.owner)
    early, later = (
        client.get(reverse("attendance:half_day", args=[course.pk, *key]) + "?tick=all").content.decode()
        for key in (MORNING, AFTERNOON)
    )
    assert f'value="{late.pk}"' not in early
    assert "补报前" in early
    assert f'value="{there.pk}"' in early
    assert f'value="{late.pk}"' in later


def test_an_imported_sheet_names_the_cell_and_the_template_leaves_it_out(client, district, course, late, there):
    lines = (
        "姓名,日期,时段,签到时间,签退时间",
        "来得晚,2026-05-11,上午,08:21,11:35",
        "来得晚,2026-05-11,下午,14:00,17:00",
    )
    read = read_file(SIGNS_IMPORT, BytesIO("\n".join(lines).encode("utf-8-sig")), course)
    assert [(each.cell, each.what) for each in read.problems] == [("B2", "这个半日开始以后才补报")]
    assert [each.key for each in read.values] == [AFTERNOON]
    client.force_login(district.owner)
    answer = client.get(reverse("attendance:template", args=[course.pk]))
    names = [row[0] for row in load_workbook(BytesIO(b"".join(answer))).active.values]
    assert (names.count("来得晚"), names.count("一直在")) == (3, 4)
