"""What the bureau entered is laid over the official calendar; the settings ship with the product."""

import json
from datetime import date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workdays.calendar import DayKind
from luojiang_ce.workdays.models import CalendarDay, CalendarYear, DeadlineSetting
from luojiang_ce.workdays.services import current_calendar, current_rules
from tests.luojiang_ce.workdays.rules import OPENING, PLAN

pytestmark = pytest.mark.django_db


def test_a_fresh_database_has_the_settings_and_no_entries():
    rules = current_rules()
    assert rules.due(OPENING, date(2026, 10, 12)).due == date(2026, 9, 21)
    assert "2017〕27号" in rules.settings_on(date(2004, 1, 1)).document
    assert not CalendarDay.objects.exists()


def test_is_loaded_with_two_queries(django_assert_num_queries):
    for n in range(1, 20):
        CalendarDay.objects.create(date=date(2026, 7, n), kind="rest", name="停工")
    with django_assert_num_queries(2):
        current_rules()


def test_an_arrangement_counts_once_it_is_confirmed():
    year = CalendarYear.objects.create(year=2027, document="国办发明电〔2026〕0号")
    CalendarDay.objects.create(date=date(2027, 2, 28), kind="work", arrangement=year)
    assert current_calendar().provisional(date(2027, 2, 28))
    year.confirmed = True
    year.save()
    found = current_rules().due(PLAN, 2027)
    assert (found.due, found.provisional) == (date(2027, 2, 28), False)
    assert current_calendar().kind(date(2027, 2, 28)) is DayKind.MAKEUP


def test_a_closure_wins_over_an_arrangement_and_a_local_one_moves_nothing():
    year = CalendarYear.objects.create(year=2027, document="国办发明电〔2026〕0号", confirmed=True)
    day = date(2027, 2, 28)
    CalendarDay.objects.create(date=day, kind="rest", name="台风停工")
    CalendarDay.objects.create(date=day, kind="work", arrangement=year)
    CalendarDay.objects.create(date=date(2027, 3, 1), kind="rest", name="停电", scope="partial")
    assert current_calendar().kind(day) is DayKind.CLOSURE
    assert current_rules().due(PLAN, 2027).due == date(2027, 3, 1)


def test_one_district_closure_a_day():
    CalendarDay.objects.create(date=date(2026, 7, 28), kind="rest")
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(date=date(2026, 7, 28), kind="work")


def test_new_settings_hold_from_their_day_on():
    old = DeadlineSetting.objects.get()
    old.pk, old.valid_from, old.opening_days = None, date(2026, 6, 1), 15
    old.save()
    rules = current_rules()
    assert rules.settings_on(date(2026, 5, 31)).opening_days == 10
    assert rules.settings_on(date(2026, 6, 1)).opening_days == 15


@pytest.mark.parametrize("field", ["opening_days", "recognition_days", "reply_days", "mending_days", "cutoff_minutes"])
def test_a_length_is_never_zero(field):
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadlineSetting.objects.update(**{field: 0})


def run(*args: str) -> str:
    out = StringIO()
    call_command("deadline", *args, stdout=out)
    return out.getvalue()


def test_the_command_answers_in_json():
    answer = json.loads(run("plan", "2027", "--format", "json"))
    assert list(answer) == ["kind", "from", "due", "provisional", "explanation", "days"]
    assert (answer["kind"], answer["from"], answer["due"]) == ("plan", "2027", "2027-03-01")
    assert answer["provisional"] is True
    assert answer["days"] == [
        {"date": "2027-02-28", "counted": False, "why": "周日休息，顺延"},
        {"date": "2027-03-01", "counted": True, "why": "顺延到的工作日"},
    ]


def test_the_command_answers_in_text():
    assert run("opening", "2026-10-12").splitlines()[0] == "开班申请：2026年9月21日 周一"


@pytest.mark.parametrize("args", [("plan", "x"), ("x", "2026"), ("opening", "2026-13-01"), ("reply", "1990-01-01")])
def test_the_command_refuses_bad_input_with_exit_code_2(args):
    with pytest.raises(CommandError) as refused:
        run(*args)
    assert refused.value.returncode == 2


def test_the_command_says_when_no_settings_are_in_force():
    DeadlineSetting.objects.all().delete()
    with pytest.raises(CommandError, match="没有可用的期限参数"):
        run("plan", "2026")


class TestExplain:
    url = "/workdays/explain/"

    @pytest.fixture(autouse=True)
    def _on_a_day_in_november(self):
        with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=False):
            yield

    def test_needs_an_account(self, client):
        assert client.get(self.url, {"kind": "opening", "from": "2026-12-14"}).status_code == 302

    def test_shows_deadline_and_strip(self, client, district):
        client.force_login(district.owner)
        html = client.get(self.url, {"kind": "opening", "from": "2026-12-14"}).content.decode()
        assert "最后申报日 2026年11月30日，星期一" in html
        assert "今天提交是按时" in html
        assert 'class="lj-strip"' in html

    def test_says_that_it_is_too_late(self, client, district):
        client.force_login(district.owner)
        html = client.get(self.url, {"kind": "opening", "from": "2026-12-01"}).content.decode()
        assert "is-late" in html
        assert "今天提交已经逾期" in html
        assert "最早可于 2026年12月8日（星期二）开班" in html

    @pytest.mark.parametrize("asked", [{}, {"kind": "opening"}, {"kind": "opening", "from": "昨天"}, {"from": "2026"}])
    def test_bad_input_is_answered_in_words(self, client, district, asked):
        client.force_login(district.owner)
        answer = client.get(self.url, asked)
        assert answer.status_code == 200
        assert "lj-notice" in answer.content.decode()

    @pytest.mark.parametrize("asked", ["2004-01-01", "2099-12-31", "9999-12-31", "2004-01-20"])
    def test_the_ends_of_the_calendar(self, client, district, asked):
        client.force_login(district.owner)
        for kind in ("opening", "recognition", "reply"):
            assert client.get(self.url, {"kind": kind, "from": asked}).status_code == 200
