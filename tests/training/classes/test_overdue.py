"""What was filed in time is never called overdue, wherever it stands; what is overdue leads on (product.md P2)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.todos import todos
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication
from units.extensions.models import Lapse
from units.lapses.lapsing import record_overdue
from units.lapses.reminding import remind

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(五)2")]
RETURN = {"items": [{"where": "课程表", "wrong": "课程名称过于笼统", "mend": "写明专题"}]}
# Opens on 14 December 2026: filed until 30 November; sent back on 2 December: mended until 9 December.
FILED, BACK, OPENS = date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 14)
DAYS = (BACK, date(2026, 12, 9), date(2026, 12, 10), date(2026, 12, 14), date(2027, 1, 20))
RED = re.compile("is-late|due late|逾期 [0-9]|逾期工作日|已经逾期|项逾期|逾期报送")


def at(day: date, hour: int = 10) -> Any:
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI))


@pytest.fixture
def draft(district: District) -> ClassApplication:
    with at(date(2026, 11, 20)):
        return an_application(district.unit, opens_on=OPENS, actor=district.owner)


@pytest.fixture
def returned(district: District, draft: ClassApplication) -> ClassApplication:
    with at(FILED):
        fire(draft, "submit", actor=district.owner)
    with at(BACK):
        fire(draft, "return", actor=district.handler, data=RETURN)
    return draft


def page(district: District, address: str, **query: str) -> str:
    client = Client()
    client.force_login(district.owner)
    return client.get(address, query).content.decode()


@pytest.mark.parametrize("day", DAYS)
def test_a_returned_class_that_was_filed_in_time_is_nowhere_red(
    district: District, returned: ClassApplication, day: date
) -> None:
    with at(day):
        (todo,) = todos(district.owner, ClassApplication)
        assert (todo.late, todo.over) == (False, day > date(2026, 12, 9))
        for address in (
            returned.get_absolute_url(),
            reverse("classes:list"),
            reverse("deadlines:board") + f"?q={returned}",
            reverse("classes:basics", args=[returned.pk]),
        ):
            text = page(district, address)
            main = text[text.index("<main") : text.index("</main")]
            assert RED.findall(main) == [], address
        start = page(district, "/")
        assert "补正期满" in start if todo.over else "补正期满" not in start
        assert list(contradictions()) == []


def test_nothing_of_it_is_recorded_as_missed_nor_reminded_of_afterwards(
    district: District, returned: ClassApplication
) -> None:
    with at(DAYS[-1]):
        record_overdue()
        remind()
    assert not Lapse.objects.filter(kind="opening").exists()
    assert not Notice.objects.filter(title__contains=returned.title, key__startswith="reminder").exists()


def test_what_is_typed_is_judged_by_the_first_submission(district: District, returned: ClassApplication) -> None:
    explain = reverse("workdays:explain")
    filed = returned.first_submitted_at.isoformat()
    with at(date(2026, 12, 7)):
        asked = {"kind": "opening", "from": "2026-12-14", "filed": filed}
        assert "2026年11月30日首次提交，按时" in page(district, explain, **asked)
        earlier = page(district, explain, **{**asked, "from": "2026-12-07"})
        assert "晚于这一天：开班日期不能提前到这里" in earlier
        assert "今天提交已经逾期" in page(district, explain, kind="opening", **{"from": "2026-12-14"})
        for odd in ("x", "2026-11-30", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:00"):
            assert "今天提交已经逾期" in page(district, explain, **{**asked, "filed": odd})


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_what_is_over_leads_on(district: District, request: pytest.FixtureRequest, state: str) -> None:
    case: ClassApplication = request.getfixturevalue(state)
    ask = f"{reverse('terms:ask')}?duty=opening-{district.unit.pk}-{case.pk}"
    with at(date(2026, 12, 1 if state == "draft" else 10)):
        text = page(district, case.get_absolute_url())
        assert f'href="{reverse("classes:basics", args=[case.pk])}#id_opens_on">改开班日期</a>' in text
        assert f'href="{ask}">申请延期</a>' in text
        assert f'<option value="opening-{district.unit.pk}-{case.pk}" selected' in page(district, ask)
    with at(date(2026, 11, 27) if state == "draft" else date(2026, 12, 8)):
        assert "申请延期</a>" not in page(district, case.get_absolute_url())


def test_a_later_opening_lets_a_returned_class_be_filed_again(district: District, returned: ClassApplication) -> None:
    with at(date(2026, 12, 10)):
        returned.opens_on = returned.ends_on = date(2026, 12, 28)
        returned.save()
        returned.timetable.update(date=returned.opens_on)
        fire(returned, "resubmit", actor=district.owner)
    assert returned.state == ClassApplication.State.SUBMITTED


def test_to_others_an_overdue_draft_shows_no_way_of_the_unit(district: District, draft: ClassApplication) -> None:
    with at(date(2026, 12, 1)):
        client = Client()
        client.force_login(district.neighbour)
        assert client.get(draft.get_absolute_url()).status_code == 404
