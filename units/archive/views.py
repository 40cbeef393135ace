"""Years and their packages: what is in, what is not, what changed since, what the check found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import KEEP_ARCHIVE, READ_ARCHIVE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.sheets.responses import download as saved
from luojiang_ce.workflow.case_kind import event_label
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event

from . import services
from .forms import PackForm, RetentionForm, RetentionOfManyForm
from .later import changed_years, later_of, shown
from .models import Package, retention_on
from .outlook import cases_by_year, outlook
from .packing import path_of
from .report import MARKS, Report
from .year import FIRST_YEAR, archived_kinds, kind_name

PER_PAGE = 30


def _listed(request: HttpRequest) -> Any:
    """Packages without what was found in them, which is long."""
    rows = Package.objects.visible_to(request.user).select_related("made_by", "job")
    return rows.defer("report", "problems")


def _asked(year: int) -> int:
    """A year of which there can be packages; 404 for any other."""
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Http404
    return year


@can(READ_ARCHIVE)
def years(request: HttpRequest) -> HttpResponse:
    """Every year since there are records, cases or packages, with the package that holds."""
    first = Event.objects.order_by("pk").values_list("at", flat=True).first()  # the log is in the order of time
    since = clock.local(first).year if first else clock.today().year
    found: dict[int, list[Package]] = {}
    for each in _listed(request):
        found.setdefault(each.year, []).append(each)
    cases = cases_by_year()
    rows = [
        _row(year, found.get(year, []), cases.get(year, 0))
        for year in range(clock.today().year, _first_of(since, *found, *cases) - 1, -1)
    ]
    context = {
        "title": "归档", "rows": rows, "this_year": clock.today().year, "changed": changed_years(),
        "lead": "已办结的年度封装成包，离开本系统也能查阅、检测",
        "links": [HeadLink("保管期限", reverse("archive:retention"), "hourglass")],
    }  # fmt: skip
    return render(request, "archive/years.html", context)


def _row(year: int, packages: list[Package], cases: int) -> tuple[int, Package | None, int, int]:
    """A year, the package that stands for it (the whole one that was made last, or whatever there is), how many; and
    how many cases belong to it."""
    whole = [each for each in packages if each.is_made and not each.base_id]
    return year, next(iter(whole or packages), None), len(packages), cases


def _first_of(*years: int) -> int:
    """The first of those that have a page. Cases may be about years before the log: 外区转入, 补录."""
    return min(year for year in years if year >= FIRST_YEAR)


@can(READ_ARCHIVE)
def year(request: HttpRequest, year: int) -> HttpResponse:
    """One year: its packages, and what came and changed since they were made."""
    packages = list(_listed(request).filter(year=_asked(year)))
    later = Paginator(later_of(year), PER_PAGE).get_page(request.GET.get("page"))
    is_over, is_made = year < clock.today().year, any(each.is_made for each in packages)
    context = {
        "title": f"{year} 年度归档", "year": year, "packages": packages, "page_obj": later,
        "later": shown(later.object_list), "is_over": is_over, "is_made": is_made,
        "outlook": outlook(year) if is_over and not is_made else None,
        "lead": "再次封装后以新的为准，旧的保留" if is_made else "年度结束后，已办结的件封装成包",
        "crumbs": [("归档", reverse("archive:years")), (f"{year} 年度", "")],
        "may_keep": request.user.holds(*KEEP_ARCHIVE.roles),
        "running": next((each for each in packages if _runs(each)), None),
    }  # fmt: skip
    return render(request, "archive/year.html", context)


def _runs(package: Package) -> bool:
    return package.state == Package.State.MAKING and package.job is not None and not package.job.is_over


@can(KEEP_ARCHIVE)
def pack(request: HttpRequest, year: int) -> HttpResponse:
    """Have the year packed; `?supplement`: what changed alone. What would lie in the package is told before."""
    supplement, year = "supplement" in request.GET, _asked(year)
    told = outlook(year, supplement=supplement)
    form = PackForm(posted(request), told=told)
    return form_page(
        request, form,
        lambda: services.ask(year=year, actor=request.user, supplement=supplement, **form.cleaned_data),
        title=f"补充封装 {year} 年度" if supplement else f"封装 {year} 年度", here="封装", submit_label="封装",
        back=[("归档", reverse("archive:years")), (f"{year} 年度", reverse("archive:year", args=[year]))],
        then=lambda made: reverse("archive:package", args=[made.uid]), template="archive/pack.html", outlook=told,
    )  # fmt: skip


@can(READ_ARCHIVE)
def package(request: HttpRequest, uid: str) -> HttpResponse:
    """A package: its facts, its check under the four properties, what it lacks, what is left out."""
    found = get_visible_or_404(Package.objects.select_related("made_by", "job", "base"), request, uid=uid)
    left = Paginator(found.items.left_out(), PER_PAGE).get_page(request.GET.get("page"))
    report = _report(found)
    context = {
        "title": str(found), "package": found, "report": report, "marks": MARKS, "page_obj": left,
        "may_keep": request.user.holds(*KEEP_ARCHIVE.roles), "runs": _runs(found),
        "crumbs": [
            ("归档", reverse("archive:years")),
            (f"{found.year} 年度", reverse("archive:year", args=[found.year])), (found.called, ""),
        ],
        "events": [(event, event_label(event.name)) for event in history(found)[:PER_PAGE]],
    }  # fmt: skip
    return render(request, "archive/package.html", context)


@can(KEEP_ARCHIVE)
@require_safe
def download(request: HttpRequest, uid: str) -> FileResponse:
    """The package itself, on record."""
    found = get_visible_or_404(Package, request, uid=uid)
    if not found.is_made or not path_of(found).exists():
        raise Http404
    services.fetch(package=found, actor=request.user)
    response = FileResponse(
        path_of(found).open("rb"), as_attachment=True, filename=found.file_name, content_type="application/zip"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@can(READ_ARCHIVE)
@require_safe
def report(request: HttpRequest, uid: str) -> HttpResponse:
    """What the check found, as text to be kept."""
    found = get_visible_or_404(Package, request, uid=uid)
    told = _report(found)
    if told is None:
        raise Http404
    text = "\r\n".join(told.lines())
    return saved(text.encode("utf-8-sig"), f"{found.root} 四性检测报告.txt", "text/plain; charset=utf-8")


def _report(package: Package) -> Report | None:
    """What its check found, of the file as people have it; None where it was not checked yet."""
    return replace(Report.from_json(package.report), of=package.file_name) if package.report else None


@can(KEEP_ARCHIVE)
@require_POST
def check(request: HttpRequest, uid: str) -> HttpResponse:
    """Have the file looked at again."""
    found = get_visible_or_404(Package, request, uid=uid)
    return act(
        request,
        lambda: services.have_checked(package=found, actor=request.user),
        back=found.get_absolute_url(),
        then=lambda job: reverse("jobs:progress", args=[job.uid]),
    )


@can(READ_ARCHIVE)
def retention(request: HttpRequest) -> HttpResponse:
    """How long records of each kind are kept, as far as it is set."""
    held = retention_on(clock.today())
    rows = [(kind.key, str(kind.model._meta.verbose_name), held.get(kind.key)) for kind in archived_kinds()]
    context = {
        "title": "保管期限", "rows": rows, "may_set": request.user.holds(Role.BUREAU_APPROVER),
        "lead": "按业务种类设定，写入此后封装的归档包；没有设定的写“未设定”",
        "crumbs": [("归档", reverse("archive:years")), ("保管期限", "")],
    }  # fmt: skip
    return render(request, "archive/retention.html", context)


@roles(Role.BUREAU_APPROVER)
def set_retention_of_many(request: HttpRequest) -> HttpResponse:
    """Set it for many kinds at once, from a day on; ticked are those of which nothing is set."""
    kinds, held = [(kind.key, kind_name(kind.key)) for kind in archived_kinds()], retention_on(clock.today())
    unset = [key for key, _ in kinds if key not in held]
    form = RetentionOfManyForm(posted(request), kinds=kinds, unset=unset)
    return _retention_page(request, form, title="设定多种业务的保管期限")


@roles(Role.BUREAU_APPROVER)
def set_retention(request: HttpRequest, case_type: str) -> HttpResponse:
    """Set it for a kind, from a day on."""
    kind = next((each for each in archived_kinds() if each.key == case_type), None)
    if kind is None:
        raise Http404
    form = RetentionForm(posted(request))
    title = f"设定“{kind.model._meta.verbose_name}”的保管期限"
    return _retention_page(request, form, title=title, case_types=[case_type])


def _retention_page(request: HttpRequest, form: RetentionForm, *, title: str, **which: Any) -> HttpResponse:
    return form_page(
        request, form, lambda: services.set_retention(actor=request.user, **form.facts, **which),
        title=title, here="设定", submit_label="设定", done=lambda rows: f"已设定 {len(rows)} 种业务",
        back=[("归档", reverse("archive:years")), ("保管期限", reverse("archive:retention"))],
    )  # fmt: skip
