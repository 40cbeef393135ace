"""The slips as a printed sheet: six on a page, to be cut. The worker makes slips and sheet in one job, so that code and
address are told on paper alone; a job that is taken up again makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from luojiang_ce.access import Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, ask_for
from luojiang_ce.papers.content import qr_svg
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.printable import Printable
from luojiang_ce.sheets import kept
from luojiang_ce.workdays.text import full
from units.models import Person

from .models import given_slips_by
from .slips import Told, make_slips

JOB = "own_record.slips"
KEEP = timedelta(days=1)  # it holds codes
GONE = "查阅条文件已按期删除，没有打印的请重新生成；重新生成的，原来的随即作废"
ON_A_PAGE = 6
TEMPLATE = "own_record/print/slips.html"


def enqueue_slips(*, people: Sequence[Person], last_day: date, owner: Actor) -> Job:
    """The job that makes slips for these people and prints them."""
    args = {"people": [person.pk for person in people], "last_day": last_day.isoformat()}
    title = f"生成本人查阅条（{len(people)} 人）"
    return ask_for(JOB, title=title, owner=owner, args=args)


def print_slips(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part. Raises JobFailed where the owner keeps the record of none of them any more."""
    from luojiang_ce.papers.rendering import render_joined  # the PDF machinery, loaded only where it is used

    owner: Any = get_user_model()._default_manager.get(pk=job.owner_id)
    kept_still = given_slips_by(owner).filter(pk__in=job.args["people"]) if owner.is_active else Person.objects.none()
    people = list(kept_still.with_present().order_by("pinyin", "pk"))
    if not people:
        raise JobFailed("这些人员已不由您管理，查阅条没有生成")
    told = make_slips(people=people, last_day=date.fromisoformat(job.args["last_day"]), actor=owner)
    kept.keep(job, render_joined(sheets_of(told), "本人查阅条", progress).content, owner)
    left = len(job.args["people"]) - len(people)
    more = f"，另 {left} 人已不由您管理，没有生成" if left else ""
    said = f"已生成 {len(told)} 张查阅条{more}。{KEEP.days} 天内可以下载，请打印、裁开，交给本人"
    return said, reverse("own_record:printed", args=[job.uid])


def sheets_of(told: Sequence[Told]) -> list[Printable]:
    """The pages, six slips on each."""
    pages = [told[start : start + ON_A_PAGE] for start in range(0, len(told), ON_A_PAGE)]
    shown = [{"slips": list(map(_shown, page))} for page in pages]
    return [Printable(TEMPLATE, slips, "page", "本人查阅条", by_hand=ANY) for slips in shown]


def _shown(told: Told) -> dict[str, Any]:
    """No digit of the number, which is what the page asks for; namesakes of a unit are told apart by department."""
    person = told.slip.person
    job = person.job
    return {
        "name": person.name,
        "unit": "　".join(filter(None, (job.unit.name, job.department))) if job else "",
        "code": told.code,
        "url": told.url,
        "qr": qr_svg(told.url),
        "last_day": full(told.slip.last_day),
    }
