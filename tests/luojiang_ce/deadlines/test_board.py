"""The board, the workbook and the calendar feed: own clocks only, overdue on top, queries that do not grow."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.deadlines import feed
from luojiang_ce.deadlines.owed import Asked, moved_by, running, running_for
from luojiang_ce.workdays.calendar import Calendar as Workdays
from luojiang_ce.workdays.calendar import DayKind, Entry
from luojiang_ce.workdays.deadlines import Rules
from luojiang_ce.workdays.services import current_settings, terms_in_force
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan
from tests.units.views.helpers import browser
from training.plans.models import Plan

pytestmark = pytest.mark.django_db
BOARD = reverse("deadlines:board")


def at(*when: int):
    return clock.at(datetime(*when, tzinfo=clock.SHANGHAI))


def test_a_clerk_sees_the_own_clocks_and_the_bureau_all_overdue_on_top(client, district: District) -> None:
    class_of(district.neighbour_unit, opens_on=date(2025, 12, 8), title="邻单位的班")
    with at(2026, 2, 25, 9):
        client.force_login(district.owner)
        own = client.get(BOARD).content.decode()
        client.force_login(district.handler)
        everything = client.get(BOARD).content.decode()
    assert district.neighbour_unit.name not in own
    assert own.count("报送 2026 年度培训办班计划") == 1
    assert everything.index("邻单位的班") < everything.index("报送 2026 年度培训办班计划")
    assert "1 项逾期" in everything


@pytest.mark.parametrize(
    ("query", "number"), [("?kind=plan", 2), ("?q=禾山", 1), ("?late=1", 0), ("?kind=nonsense", 2)]
)
def test_filters(client, district: District, query: str, number: int) -> None:
    client.force_login(district.handler)
    with at(2026, 2, 25, 9):
        assert len(client.get(BOARD + query).context["rows"]) == number


def test_queries_do_not_grow(client, district: District) -> None:
    client.force_login(district.handler)
    counted = []
    with at(2026, 2, 25, 9):
        for number in (3, 27):
            for _ in range(number):
                unit = UnitFactory(is_provider=True)
                a_plan(unit, 2026, Plan.State.SUBMITTED, submitted_at=clock.now(), first_submitted_at=clock.now())
                class_of(unit, opens_on=date(2026, 1, 12))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(BOARD).status_code == 200
            counted.append(len(captured))
    assert counted[0] == counted[1] <= 24  # the kind of case that only the tests have costs one


def test_the_workbook_says_how_each_day_was_counted(client, district: District) -> None:
    client.force_login(district.owner)
    with at(2026, 2, 25, 9):
        answer = client.get(reverse("deadlines:export"))
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][:3] == ("事项", "期限", "单位")
    assert rows[1][0] == "报送 2026 年度培训办班计划"
    assert "2月最后一日是 2026年2月28日" in rows[1][7]


def test_a_feed_holds_the_own_deadlines_until_it_is_revoked(client, district: District) -> None:
    token = feed.renew(district.owner)
    address = reverse("deadlines:feed", args=[token])
    with at(2026, 2, 25, 9):
        answer = client.get(address)
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(event["summary"]), event.decoded("dtstart")) == (
        "报送 2026 年度培训办班计划截止",
        date(2026, 2, 28),
    )
    assert feed.renew(district.owner) != token
    assert client.get(address).status_code == 404


def test_the_feed_of_a_disabled_account_is_gone(client, district: District) -> None:
    address = reverse("deadlines:feed", args=[feed.renew(district.owner)])
    district.owner.is_active = False
    district.owner.save()
    assert client.get(address).status_code == 404


def test_the_address_is_shown_once(client, district: District) -> None:
    client.force_login(district.owner)
    assert ".ics" in client.post(reverse("deadlines:renew")).content.decode()
    assert ".ics" not in client.get(reverse("deadlines:subscribe")).content.decode()


def test_a_provisional_day_is_tentative(client, district: District) -> None:
    with at(2027, 2, 1, 9):
        (event,) = Calendar.from_ical(feed.as_calendar(district.owner, "http://localhost")).walk("VEVENT")
    assert (event.decoded("dtstart"), str(event["status"])) == (date(2027, 3, 1), "TENTATIVE")


def test_what_a_closure_would_move_from_and_to(district: District) -> None:
    closed = Workdays({date(2026, 2, 28): Entry(DayKind.CLOSURE, "台风")})
    with at(2026, 3, 1, 9):
        moved = moved_by(Rules(closed, current_settings()))
        assert {(m.before.deadline.due, m.after.deadline.due) for m in moved} == {(date(2026, 2, 28), date(2026, 3, 2))}
        assert all(pair.reopens for pair in moved)
        assert len(moved) == len(running(Asked(terms_in_force())))


def test_what_is_no_case_yet_leads_the_bureau_to_the_unit(district: District) -> None:
    """A plan or a roster that nobody has begun: the clerk goes to where it is begun, the bureau to the unit."""
    person_in(district.unit)
    for who in (district.handler, district.approver, district.audit_admin):
        duties = [owed for owed in running_for(who) if owed.of_unit and not owed.case]
        assert duties
        assert {owed.url_for(who) for owed in duties if owed.unit_id == district.unit.pk} == {
            district.unit.get_absolute_url()
        }
        page = browser(who).get(reverse("deadlines:board")).content.decode()
        assert f'href="{district.unit.get_absolute_url()}"' in page
    own = [owed for owed in running_for(district.owner) if not owed.case]
    assert district.unit.get_absolute_url() not in {owed.url_for(district.owner) for owed in own}
