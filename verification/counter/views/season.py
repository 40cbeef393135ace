"""Until when a year is verified at the counter: set by the approver, told to every unit (V8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, roles
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workdays.text import full_with_weekday
from verification.batches.season_days import last_days
from verification.batches.seasons import said_of, set_season
from verification.counter.forms import SeasonForm

DECIDES = Role.BUREAU_APPROVER


@roles(DECIDES)
def season(request: HttpRequest) -> HttpResponse:
    """Set, move or unset the last day of a year."""
    year = clock.today().year - 1
    form = SeasonForm(posted(request), initial={"year": year, "last_day": last_days().get(year)})

    def save() -> str:
        return said_of(set_season(**form.cleaned_data, version=form.version, actor=request.user))

    return form_page(
        request,
        form,
        save,
        title="集中验证截止日",
        lead=f"{seasons_said()}。设定后通知各单位，截止前第 10、3、1 个工作日提醒，并写明还有谁没有办理",
        submit_label="保存截止日",
        done=lambda said: f"{said}，已通知各单位",
        back=[("预约时段", reverse("batches:slots"))],
    )


def seasons_said() -> str:
    """The last days that are set, the newest year first."""
    days, today = sorted(last_days().items(), reverse=True), clock.today()
    said = "；".join(f"{year} 年度集中验证{_until(day, today)}" for year, day in days)
    return said or "集中验证截止日未设定"


def running_said() -> str:
    """Until when the years that are verified now or next go, or that it is 未设定."""
    days, today = last_days(), clock.today()
    years = (today.year, today.year - 1)
    return "；".join(
        f"{year} 年度集中验证{_until(days[year], today) if year in days else '截止日未设定'}" for year in years
    )


def _until(day: date, today: date) -> str:
    told = full_with_weekday(day)
    return f"已于 {told} 截止" if day < today else f"到 {told} 为止"


def season_links(account: Actor) -> list[Any]:
    """Where the approver sets it."""
    return [HeadLink("集中验证截止日", reverse("batches:season"), "calendar-cog")] if account.holds(DECIDES) else []
