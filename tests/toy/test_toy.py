"""What a new kind of case costs: its model, its `case.py`, its pages. Everything else follows, and is tried here.

The walk and the access matrix take it in by themselves too: `training`-like folders need nothing in tests for that.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.urls import reverse
from icalendar import Calendar

from luojiang_ce import clock
from luojiang_ce.deadlines import feed
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, fire
from tests.luojiang_ce.access import matrix
from tests.luojiang_ce.workflow import walk
from tests.toy.models import RoomRequest
from units.lapses.reminding import remind

pytestmark = pytest.mark.django_db
LINE = "提交借用申请：洛江区青麓农业技术推广中心 借用教室 2026-03-20"

DAY = "第 3 个工作日是 2026年3月17日"


def at(*when: int):
    return clock.at(datetime(*when, tzinfo=clock.SHANGHAI))


@pytest.fixture
def draft(district) -> RoomRequest:
    """To be used on 20 March 2026, a Friday: the third working day before is the 17th."""
    return RoomRequest.objects.create(unit=district.unit, created_by=district.owner, day=date(2026, 3, 20))


def test_every_page_says_the_same_line_and_day(client, district, draft) -> None:
    client.force_login(district.owner)
    with at(2026, 3, 12, 9):  # three working days before
        assert remind() == (2, 0)  # both clerks
        for url in ("/", reverse("deadlines:board")):
            page = client.get(url).content.decode()
            assert LINE in page
            assert DAY in page
        assert str(draft) in client.get(reverse("toy:list")).content.decode()
        page = client.get(draft.get_absolute_url()).content.decode()
        assert "现在由您提交借用申请" in page
        assert DAY in page
        events = Calendar.from_ical(feed.as_calendar(district.owner, "http://localhost")).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events if LINE in event["summary"]] == [date(2026, 3, 17)]
    told = Notice.objects.get(recipient=district.owner, title__startswith="还剩")
    assert f"{LINE}：2026年3月17日 周二 截止，还剩 3 个工作日" in told.text
    with at(2026, 3, 18, 0), pytest.raises(Refused, match=DAY):
        fire(draft, "submit", actor=district.owner)


def test_it_is_filed_returned_once_mended_and_answered_like_every_other(client, district, draft) -> None:
    with at(2026, 3, 2, 9):
        fire(draft, "submit", actor=district.owner)
        items = [{"where": "", "wrong": "没写人数", "mend": ""}]
        fire(draft, "return", actor=district.handler, data={"items": items})
        fire(draft, "resubmit", actor=district.owner)
        with pytest.raises(Refused, match="须一次告知"):
            fire(draft, "return", actor=district.handler, data={"items": items})
    client.force_login(district.handler)
    with at(2026, 3, 3, 9):
        page = client.get("/").content.decode()
    assert f"审核：{draft}" in page
    assert "第 5 个工作日是 2026年3月9日" in page


def test_the_walk_and_the_matrix_take_it_in_by_themselves() -> None:
    assert "toy.roomrequest" in walk.collect()
    assert {"toy:list", "toy:roomrequest"} <= {row.url for row in matrix.collect()}
