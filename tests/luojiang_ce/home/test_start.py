"""The start page: mine and others', oldest deadline first, working days left, a bounded number of queries."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home import registry, views
from luojiang_ce.home.registry import StartLink
from luojiang_ce.home.start import SHOWN, Todo, row_of, start_lists
from luojiang_ce.workdays.calendar import Calendar
from tests.todos import todos
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan

CALENDAR = Calendar({}, frozenset())
TODAY = date(2026, 9, 28)  # a Monday; 1 to 7 October are holidays, 10 October (Saturday) is worked


def row(due, **more):
    return row_of(Todo("x", "/", due=due, late=bool(due and due < TODAY), **more), TODAY, CALENDAR)


@pytest.mark.parametrize(
    ("due", "days", "meaning"),
    [
        (date(2026, 9, 24), 1, "late"),
        (date(2026, 9, 28), 0, "soon"),
        (date(2026, 9, 30), 2, "soon"),
        (date(2026, 10, 10), 5, "soon"),
        (date(2026, 10, 12), 6, "wait"),
    ],
)
def test_days_are_working_days_and_the_day_itself_is_in_time(due, days, meaning):
    shown = row(due)
    assert (shown.days, shown.meaning) == (days, meaning)


def test_on_a_rest_day_after_the_due_day_it_is_late_by_no_working_day():
    sunday = date(2026, 9, 27)
    shown = row_of(Todo("x", "/", due=date(2026, 9, 25), late=True), sunday, CALENDAR)
    assert (shown.days, shown.meaning) == (0, "late")


def test_the_bureaus_own_clock_turns_amber_a_day_before():
    assert row(date(2026, 9, 30), soon_within=1).meaning == "wait"
    assert row(date(2026, 9, 29), soon_within=1).meaning == "soon"


def test_a_provisional_date_says_so_until_it_is_late():
    assert row(date(2026, 9, 30), provisional=True).meaning == "prov"
    assert row(date(2026, 9, 24), provisional=True).meaning == "late"


def test_on_the_day_itself_it_is_late_after_the_hour_that_the_bureau_set():
    late = row_of(Todo("x", "/", due=TODAY, late=True), TODAY, CALENDAR)
    assert (late.days, late.meaning) == (0, "late")


def test_what_has_no_deadline_counts_no_days():
    assert (row(None).days, row(None).meaning) == (None, "idle")


@pytest.mark.parametrize(
    ("dues", "said"),
    [
        ([], "今日没有要办的事"),
        ([date(2026, 9, 24), date(2026, 12, 1)], "今日要办 2 件，最早的已逾期"),
        ([date(2026, 9, 28)], "今日要办 1 件，最早的今天截止"),
        ([date(2026, 9, 30)], "今日要办 1 件，最早的还有 2 个工作日"),
        ([None], "今日要办 1 件"),
    ],
)
def test_the_headline_says_how_much_and_how_urgent(dues, said):
    todos = [Todo("x", "/", due=due, late=bool(due and due < TODAY)) for due in dues]
    assert start_lists(todos, TODAY, CALENDAR).headline == said


def test_a_long_list_is_cut_and_counted():
    lists = start_lists([Todo(str(n), "/") for n in range(SHOWN + 7)], TODAY, CALENDAR)
    assert (len(lists.mine), lists.mine_total) == (SHOWN, SHOWN + 7)


@pytest.fixture
def provide(monkeypatch):
    def given(*todos):
        monkeypatch.setattr(views, "owed_to", lambda account: todos)
        monkeypatch.setattr(views, "lists_for", lambda found, account, *more: start_lists(found, *more))

    return given


def test_oldest_deadline_first_and_none_last(district):
    a_plan(district.unit, 2027)
    class_of(district.unit, opens_on=date(2026, 9, 1))
    with clock.at(datetime(2026, 12, 1, 9, tzinfo=clock.SHANGHAI)):
        dues = [todo.due for todo in todos(district.owner)]
    assert len(dues) > 2
    assert dues == [*sorted(filter(None, dues)), *[None] * dues.count(None)]


@time_machine.travel(TODAY)
def test_the_page_shows_both_lists(client, district, provide):
    provide(
        Todo("提交开班申请：果蔬冷链", "/x/", "草稿有 5 处未填好", date(2026, 9, 30), action_label="继续填写"),
        Todo("开班申请：检测技术", "/y/", waiting_for="区人社局 经办", mine=False),
    )
    client.force_login(district.owner)
    page = client.get("/").content.decode()
    for said in ("继续填写", "草稿有 5 处未填好", "2026年9月28日 星期一", "等 区人社局 经办", district.unit.name):
        assert said in page


def test_the_number_of_queries_does_not_grow(client, district, provide, django_assert_max_num_queries):
    client.force_login(district.owner)
    counts = []
    for size in (3, 30):
        provide(*(Todo(str(n), "/", due=date(2026, 12, 1)) for n in range(size)))
        with django_assert_max_num_queries(8) as queries:
            client.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_links_belong_to_roles(client, district, monkeypatch):
    link = StartLink("新开班申请", "plus", "home:more", (Role.UNIT_CLERK,), primary=True)
    monkeypatch.setattr(registry, "_links", [link])
    client.force_login(district.owner)
    mine = client.get(reverse("home:start")).content.decode()
    client.force_login(district.handler)
    other = client.get(reverse("home:start")).content.decode()
    assert ("新开班申请" in mine, "新开班申请" in other) == (True, False)
