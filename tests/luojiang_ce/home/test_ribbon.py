"""The year ribbon: twelve months around today, marks in their months, bars where their days are."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from luojiang_ce.home import views
from luojiang_ce.home.ribbon import SHOWN, Mark, build, window
from luojiang_ce.home.start import Todo, start_lists

TODAY = date(2026, 11, 24)


def test_it_runs_from_four_months_back_over_the_turn_of_the_year():
    ribbon = build(TODAY, [])
    assert window(TODAY) == (date(2026, 7, 1), date(2027, 6, 30))
    assert [month.label for month in ribbon.months][3:8] == ["10月", "11月", "12月", "2027年1月", "2月"]
    assert ribbon.title == "2026年7月至2027年6月"
    assert [month.label for month in ribbon.months if month.is_now] == ["11月"]
    january = build(date(2027, 1, 11), [])
    assert [month.label for month in january.months if month.is_now] == ["1月"]  # 今天11日 stands beside it


@pytest.mark.parametrize(
    ("today", "first"), [(date(2026, 1, 31), date(2025, 9, 1)), (date(2028, 2, 29), date(2027, 10, 1))]
)
def test_short_months_and_the_new_year(today, first):
    assert window(today)[0] == first
    assert len(build(today, []).months) == 12


def test_marks_stand_in_their_months_in_order():
    marks = [Mark(date(2026, 11, 30), "开班申报", "soon"), Mark(date(2026, 11, 20), "整改", "late")]
    november = build(TODAY, marks).months[4]
    assert [mark.label for mark in november.marks] == ["整改", "开班申报"]


def test_what_lies_outside_is_left_out():
    marks = [Mark(date(2026, 6, 30), "早", "done"), Mark(date(2027, 7, 1), "晚", "wait")]
    assert build(TODAY, marks).lines == []


def test_a_full_month_is_cut_and_counted():
    november = build(TODAY, [Mark(TODAY, str(n), "wait") for n in range(SHOWN + 3)]).months[4]
    assert (len(november.marks), november.more) == (SHOWN, 3)


@time_machine.travel(TODAY)
def test_the_start_page_marks_my_deadlines_and_hides_an_empty_ribbon(client, district, monkeypatch):
    client.force_login(district.owner)
    monkeypatch.setattr(views, "owed_to", lambda account: [])
    assert "年度办事历" not in client.get("/").content.decode()
    monkeypatch.setattr(views, "owed_to", lambda account: [Todo("提交开班申请：冷链", "/", due=date(2026, 11, 30))])
    monkeypatch.setattr(views, "lists_for", lambda found, account, *more: start_lists(found, *more))
    html = client.get("/").content.decode()
    assert '<time datetime="2026-11-30">11/30</time>提交开班申请</li>' in html
