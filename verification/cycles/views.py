"""Teachers' cycles as pages: the board, and who is not to be appointed or promoted in the next year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import KEEP_PEOPLE, READ_PEOPLE, Role, can, roles
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import Count, HeadLink, export_link, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.words import first_of
from units.access import sees_many_units
from units.models import Person

from .board import STATES, counted, rows_of
from .entries import OF_A_CLASS, PROOF_PRINTED, entries_of, lines_of
from .exports import seen
from .filters import CycleFilter, EntryFilter, FlaggedFilter, LackingFilter
from .forms import FlagsForm, ManyForm
from .lacking import LACKS
from .lacking import lacking as lacking_of
from .services import MOST, Effect, effects, set_flags, set_for_many


@can(READ_PEOPLE)
def board(request: HttpRequest) -> HttpResponse:
    """Each person's five years (notice 一(三)3)."""
    context = list_context(request, seen(request.user), filterset=CycleFilter)
    page = {
        "title": "教师周期",
        "lead": "每 5 年一个周期：一次集中脱产或远程培训，公共必修课 2 门以上；学时总数由区人社局会同教育局设定",
        "links": [
            *(
                [HeadLink("没有登记的", reverse("cycles:lacking"), "user-search")]
                if request.user.holds(*KEEP_PEOPLE.roles)
                else []
            ),
            HeadLink("年度登记", reverse("cycles:entries"), "notebook-pen"),
            HeadLink("不予评聘名单", reverse("cycles:flagged"), "user-x"),
            export_link(request, "cycles:export"),
        ],
        "counts": _counts(request),
        "rows": rows_of(list(context["page_obj"])),
        "unit": "人",
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": "还没有登记教师周期。周期随花名册导入，或在人员页登记"},
    }
    return render(request, "cycles/board.html", {**context, **page})


@can(READ_PEOPLE)
def flagged(request: HttpRequest) -> HttpResponse:
    """Who has not completed the hours of a cycle: not to be appointed or promoted in the year after (notice 二(一)), a
    list for each year."""
    context = list_context(request, seen(request.user), filterset=FlaggedFilter)
    year = context["filter"].chosen
    unset = counted(seen(request.user).filter(last_year=year - 1))["unset"]
    page = {
        "title": f"{year} 年度不予评聘名单",
        "lead": (
            f"5 年周期到 {year - 1} 年届满、未完成规定学时数的中小学教师，"
            f"{year} 年度不予评聘、晋升，以后的年度不再限制（通知 二(一)：下一年度）"
        ),
        "links": [
            *([HeadLink("其他要求", reverse("cycles:flags"), "settings-2")] if request.user.holds(DECIDES) else []),
            export_link(request, "cycles:export_flagged"),
        ],
        "crumbs": [("教师周期", reverse("cycles:board")), ("不予评聘名单", "")],
        "rows": rows_of(list(context["page_obj"])),
        "unset": unset,
        "unit": "人",
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": f"{year} 年度没有人"},
    }
    return render(request, "cycles/flagged.html", {**context, **page})


@can(READ_PEOPLE)
def entries(request: HttpRequest) -> HttpResponse:
    """What a school enters into its teachers' booklets: content, hours, result, proof (notice 二(一))."""
    rows = entries_of(request.user).select_related("person")
    context = list_context(request, rows.order_by("-year", "person__pinyin", "date_from", "pk"), filterset=EntryFilter)
    page = {
        "title": "教师年度登记",
        "lead": "任职学校据此记入《福建省专业技术人员继续教育证书》；培训班的内容、学时和成绩由培训机构证明",
        "links": [export_link(request, "cycles:export_entries")],
        "crumbs": [("教师周期", reverse("cycles:board")), ("年度登记", "")],
        "rows": lines_of(list(context["page_obj"])),
        "unit": "条",
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": "还没有教师的学时记录"},
    }
    return render(request, "cycles/entries.html", {**context, **page})


@can(READ_PEOPLE)
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider's proof of one teacher's class, to be stamped by it."""
    of_a_class = entries_of(request.user).filter(source_type__in=OF_A_CLASS).select_related("person")
    entry = get_object_or_404(of_a_class, pk=pk)
    return printed(request, PROOF_PRINTED, entry)


DECIDES = Role.BUREAU_APPROVER


@roles(DECIDES)
def flags(request: HttpRequest) -> HttpResponse:
    """Say, or take back, that other requirements flag too (V9)."""
    form = FlagsForm(posted(request), initial={"year": clock.today().year})
    return form_page(
        request,
        form,
        lambda: set_flags(**form.cleaned_data, version=form.version, actor=request.user),
        title="其他要求是否影响评聘",
        lead="通知 二(一) 只说学时数；教育局另有规定的，在这里按届满年度设定",
        submit_label="保存",
        done=lambda said: f"已保存。{said}",
        back=[("教师周期", reverse("cycles:board")), ("不予评聘名单", reverse("cycles:flagged"))],
    )


@can(KEEP_PEOPLE)
def lacking(request: HttpRequest) -> HttpResponse:
    """Who has no cycle, tenure or series yet; tick people and set it for all of them."""
    what = request.GET.get("what", "")
    what = what if what in LACKS else "cycle"
    kept, today = Person.objects.editable_by(request.user), clock.today()
    rows = lacking_of(kept, what, today).with_present().order_by("pinyin", "pk")
    context = list_context(request, rows, filterset=LackingFilter)
    others = LackingFilter(request.GET, queryset=kept, request=request).qs
    _, _, kind = LACKS[what]
    page = {
        "title": "周期和系列没有登记的人员",
        "lead": "勾选人员，填写后先看会怎样，再确认；也可以随花名册导入",
        "crumbs": [("教师周期", reverse("cycles:board")), ("没有登记的", "")],
        "counts": [
            Count(lacking_of(others, key, today).count(), label, _asking(request, what=key), key == what)
            for key, (label, _, _) in LACKS.items()
        ],
        "bulk_url": reverse("cycles:set_for_many"),
        "form": ManyForm(initial={"kind": kind}),
        "unit": "人",
        "empty": {"text": "都已登记"},
    }
    return render(request, "cycles/lacking.html", {**context, **page})


@can(KEEP_PEOPLE)
@require_POST
def set_for_many_view(request: HttpRequest) -> HttpResponse:
    """First what it would mean for each; with `sure` it is written."""
    form, people = ManyForm(request.POST), ticked_rows(request.POST)
    back = own_page(request.POST.get("back", ""), reverse("cycles:lacking"))
    kept = list(Person.objects.editable_by(request.user).filter(pk__in=people[:MOST]).order_by("pinyin", "pk"))
    if form.is_valid() and kept and request.POST.get("sure"):
        return act(
            request,
            lambda: set_for_many(people=people, asked=form.asked(), actor=request.user),
            done=_said,
            back=back,
        )
    page = {
        "title": "成批登记周期和系列",
        "crumbs": [("没有登记的", back), ("确认", "")],
        "back": back,
        "form": form,
        "people": kept,
        "effects": effects(kept, form.asked()) if form.is_valid() else [],
    }
    return render(request, "cycles/set_for_many.html", page, status=422 if form.errors or not kept else 200)


def _said(found: Sequence[Effect]) -> str:
    written = sum(each.writes for each in found)
    left = [f"{each.person.name}（{each.problem}）" for each in found if each.problem]
    return f"已登记 {written} 人" + (f"。没有登记：{first_of(left)}" if left else "")


export = export_view(READ_PEOPLE, "cycles")
export_flagged = export_view(READ_PEOPLE, "cycles_flagged")
export_entries = export_view(READ_PEOPLE, "cycles_entries")


def _counts(request: HttpRequest) -> list[Count]:
    """How many stand how, of those that the other filters leave; each leads to its rows."""
    query: Any = request.GET.copy()
    query.pop("state", None)
    numbers = counted(CycleFilter(query, queryset=seen(request.user), request=request).qs)
    chosen = request.GET.get("state", "")
    shown = [Count(sum(numbers.values()), "全部", _asking(request, state=""), not chosen)]
    return shown + [
        Count(numbers[key], label, _asking(request, state=key), chosen == key, meaning)
        for key, (label, meaning) in STATES.items()
    ]


def _asking(request: HttpRequest, **changed: str) -> str:
    """The same page from its first rows, with this asked for; what is empty is not asked for."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"
