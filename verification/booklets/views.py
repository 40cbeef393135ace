"""Pages of booklets: the list, a person's page, many to be copied in a row, the mark that they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_PEOPLE, WRITE_BOOKLETS, can, get_visible_or_404
from luojiang_ce.home.form_page import form_page, posted, show
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.home.many import one_by_one
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, ticked_rows, whole_number, whole_numbers
from units.access import sees_many_units
from units.models import Employment, Person
from verification.booklets import services
from verification.booklets.filling import fills, those_to_fill, to_fill
from verification.booklets.filters import BookletFilter
from verification.booklets.forms import TakeBackForm, WrittenForm
from verification.booklets.models import WrittenPage
from verification.booklets.page import COLUMNS
from verification.booklets.printing import PAGES_PRINTED
from verification.booklets.rows import BookletRow, rows_of, working
from verification.ledger.forms import year_of, years

AT_ONCE = 100  # pages shown under one another
LEAD = "按台账抄写进继续教育证书，写完在这里登记何人何日所写。卫生系列由主管单位填写，教师由任职学校记入（通知 二(一)）"


def link_to_page(person: Person, account: Any) -> HeadLink | None:
    """From the pages about a person who works now; that of a leaver nobody writes."""
    if not account.holds(*READ_PEOPLE.roles) or not working(account).filter(person=person).exists():
        return None
    return HeadLink("证书登记页", reverse("booklets:page", args=[person.pk]), "notebook-pen")


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """Whose page of the year is written, and whose is not."""
    account: Any = request.user
    year = year_of(request.GET.get("year", ""))
    sorts = {"name": "person__pinyin", "unit": "unit__code"}
    context = list_context(request, working(account), filterset=BookletFilter, sorts=sorts, sort="name")
    context |= acts_on_many(request, Employment, READ_PEOPLE, "booklets:export")
    context["steps"] = _steps(account, year)
    context |= {
        "title": f"证书登记 {year} 年度",
        "lead": LEAD,
        "year": year,
        "rows": rows_of(list(context["page_obj"]), year),
        "unit": "人",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有人员"},
    }
    return render(request, "booklets/list.html", context)


def _steps(account: Any, year: int) -> list[tuple[str, str]]:
    writes = [("抄写并登记", "booklets:pages")] if account.holds(*WRITE_BOOKLETS.roles) else []
    many = [("打印所选", "booklets:print"), *writes]
    return [(label, f"{reverse(name)}?year={year}") for label, name in many]


export = export_view(READ_PEOPLE, "booklets")


@can(READ_PEOPLE)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's page of a year: what is written, by whom, since when."""
    account: Any = request.user
    job = _job(request, pk)
    year = year_of(request.GET.get("year", ""))
    (row,) = rows_of([job], year)
    marks = WrittenPage.objects.filter(person=job.person, year=year)
    here = f"{reverse('booklets:print')}?year={year}&person={pk}"
    context = {
        "title": job.person.name,
        "kind": "证书登记",
        "lead": f"{job.unit}　{job.person.masked_id}　《{row.page.title}》",
        "crumbs": [("证书登记", f"{reverse('booklets:list')}?year={year}"), (job.person.name, "")],
        "links": [HeadLink("打印", here, "printer")] if row.page.lines else [],
        "row": row,
        "columns": COLUMNS,
        "marks": marks.select_related("written_by", "ended_by", "filled_by"),
        "fills": fills(account, job),
        "form": WrittenForm(year=year),
        "chips": [Chip(f"{each}", f"?year={each}", current=each == year) for each in sorted({*years(), year})[::-1]],
    }
    return render(request, "booklets/page.html", context)


@can(WRITE_BOOKLETS)
@require_POST
def pages(request: HttpRequest) -> HttpResponse:
    """The pages of who was ticked, to be copied one after the other, and one button for all."""
    account: Any = request.user
    year = year_of(request.GET.get("year", ""))
    back = own_page(request.POST.get("back", ""), reverse("booklets:list"))
    ticked = _ticked(request)
    mine = those_to_fill(account, ticked)
    if not mine:
        messages.error(request, "没有勾选由您登记的人；卫生系列由主管单位填写，其他人员由所在单位填写")
        return redirect(back)
    shown = rows_of(mine[:AT_ONCE], year)
    context = {
        "lead": f"共 {len(mine)} 人，逐页抄写进证书，全部写完再登记",
        "others": len(ticked) - len(mine),
        "left": max(len(mine) - AT_ONCE, 0),
        "ticked": set(),  # whoever has written a page says so, one by one
    }
    return _to_copy(request, shown, WrittenForm(year=year), back, context)


def _to_copy(
    request: HttpRequest, rows: Sequence[BookletRow], form: WrittenForm, back: str, context: dict[str, Any]
) -> HttpResponse:
    """The pages under one another, as the ledger stands now."""
    title = f"抄写并登记 {form.year} 年度"
    context |= {"title": title, "crumbs": [("证书登记", back), ("抄写并登记", "")], "rows": rows, "columns": COLUMNS}
    return show(request, "booklets/pages.html", context | {"form": form, "year": form.year, "back": back}, form)


@can(WRITE_BOOKLETS)
@require_POST
def written(request: HttpRequest) -> HttpResponse:
    """The pages that were shown are written; each by itself, and why not. With a wrong day they are shown again."""
    account: Any = request.user
    year = year_of(request.POST.get("year", ""))
    back = own_page(request.POST.get("back", ""), reverse("booklets:list"))
    sent = request.POST.getlist("seen")
    seen = {pk: lines for text, _, lines in (each.partition(":") for each in sent) if (pk := whole_number(text))}
    shown = {*seen, *whole_numbers(request.POST.getlist("shown"))}
    jobs = those_to_fill(account, working(account).filter(person__in=shown).order_by("person__pinyin", "pk"))
    form = WrittenForm(request.POST, year=year)
    if not jobs:
        raise Http404
    if form.is_valid() and not seen:
        form.add_error(None, "还没有勾选，请先勾选已写进证书的人")
    if not form.is_valid():
        again = {"lead": "还没有登记，更正以后再登记", "ticked": set(sent)}
        return _to_copy(request, rows_of(jobs, year), form, back, again)
    on = form.cleaned_data["on"]

    def mark(job: Employment) -> WrittenPage:
        return services.mark_written(job=job, year=year, seen=seen[job.person_id], on=on, actor=account)

    outcome = one_by_one([job for job in jobs if job.person_id in seen], mark)
    outcome.say(request, f"已登记 {{}} 人的 {year} 年度页")
    return redirect(back)


@can(WRITE_BOOKLETS)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A mark was made by mistake."""
    account: Any = request.user
    mark = get_visible_or_404(WrittenPage.objects.standing().select_related("person"), request, pk=pk)
    if not working(account).filter(to_fill(account), person=mark.person).exists():
        raise Http404
    form = TakeBackForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.take_back(written=mark, reason=form.cleaned_data["reason"], actor=account),
        title=f"撤销登记：{mark.person.name} {mark.year} 年度",
        lead="证书上已写的内容不因此消失；这里只改记为没有登记",
        submit_label="撤销登记",
        done="已撤销登记",
        danger=True,
        back=[("证书登记", reverse("booklets:list")), (mark.person.name, mark.get_absolute_url())],
        here="撤销登记",
    )


@can(READ_PEOPLE)
def print_many(request: HttpRequest) -> HttpResponseBase:
    """The pages of one person, or of who was ticked, as a PDF."""
    year = year_of(request.GET.get("year", ""))
    one = whole_number(request.GET.get("person", ""))
    jobs: Sequence[Employment] = _ticked(request) if one is None else [_job(request, one)]
    if not jobs:
        messages.error(request, "还没有勾选，请先勾选要打印的人")
        return redirect(own_page(request.POST.get("back", ""), reverse("booklets:list")))
    people = ",".join(str(job.person_id) for job in jobs)
    label = f"等 {len(jobs)} 人 {year} 年度" if len(jobs) > 1 else f"{year} 年度"
    return printed(request, PAGES_PRINTED, jobs[0].person, people=people, year=f"{year}", label=label)


def _job(request: HttpRequest, person: int) -> Employment:
    job = working(request.user).filter(person=person).first()
    if job is None:
        raise Http404
    return job


def _ticked(request: HttpRequest) -> list[Employment]:
    chosen = working(request.user).filter(pk__in=ticked_rows(request.POST))
    return list(chosen.order_by("person__pinyin", "pk"))
