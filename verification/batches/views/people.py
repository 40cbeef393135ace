"""Who goes into a batch: choosing from 应验证人员, the rows of 附件4, who is in no batch."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, can, roles
from luojiang_ce.home.form_page import act, autosaved, is_autosave, posted, returned, show, submitted
from luojiang_ce.home.lists import Chip, list_context
from luojiang_ce.typed import whole_number, whole_numbers
from luojiang_ce.words import first_of
from luojiang_ce.workflow.undo import offer_undo
from units.access import unit_scope
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE
from units.models import Employment

from .. import services
from ..candidates import Candidate, candidates, employed_in_year, on_path, only_by
from ..candidates import unlisted as unlisted_of
from ..filters import UnlistedFilter
from ..forms import PER_PAGE, SameReasonForm, row_formset
from ..in_time import default_year
from ..models import AnnualRecord, Batch, Path
from ..owing import excused, in_hand_of, place
from ..routing import WORDS
from .shared import CLERK, editable_or_404, namesakes_in, page_of

VIEWS = {
    "open": ("未列入", lambda each: not each.is_listed),
    "met": ("达标未列入", lambda each: not each.is_listed and each.now.verdict.outcome == "met"),
    "unmet": ("未达标未列入", lambda each: not each.is_listed and each.now.verdict.outcome != "met"),
    "awaited": ("有在途学时", lambda each: bool(each.awaited)),
    "listed": ("已列入批次", lambda each: each.is_listed),
    "all": ("全部应验证", lambda each: True),
}
NOBODY_NEW = "没有新列入的人：请先勾选，已在批次中的不重复列入"


@roles(CLERK)
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose people for a draft: everybody's sum, verdict, what is on its way, certificate."""
    case = editable_or_404(request, pk)
    if request.method == "POST":
        return _add(request, case)
    everybody = candidates(case.unit, case.year, clock.today())
    on_this = on_path(everybody, case.path)
    of, found = _of_unit(request, case, on_this)
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    shown = [each for each in found if VIEWS[view][1](each)]
    context = {
        "case": case,
        "title": f"选入人员：{case}",
        "lead": f"{case.get_path_display()}，{case.year} 年度应验证 {len(found)} 人；{WORDS[Path(case.path)]}",
        "crumbs": [("年度验证", reverse("batches:list")), (str(case), case.get_absolute_url()), ("选入人员", "")],
        "chips": _chips(found, view, of),
        "units": _units(on_this, case, of),
        "page_obj": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "total": len([each for each in shown if not each.is_listed]),
        "view": view,
        "unit": "人",
        "editable": case.state in EDITABLE,
        "excused": _excused(case, found),
        "elsewhere": _elsewhere(case, everybody),
        "is_medical": case.path == "medical",
        "kept": only_by(case.unit),
    }
    return render(request, "verification_batches/choose.html", context)


def _of_unit(request: HttpRequest, case: Batch, found: list[Candidate]) -> tuple[int, list[Candidate]]:
    """Of which unit the page is (0: of all), and its people: that which is asked for, first the filing unit's own."""
    known = {each.employer_id for each in found}
    asked = whole_number(request.GET.get("of", str(case.unit_id))) or 0
    of = asked if asked in known else 0
    return of, [each for each in found if of in (0, each.employer_id)]


def _units(found: list[Candidate], case: Batch, of: int) -> list[Chip]:
    """Where the unit files for others too: each of them, with how many are in no batch; nothing where it does not."""
    names = {each.employer_id: str(each.facts["unit"]) for each in found}
    if names.keys() <= {case.unit_id}:
        return []
    left = Counter(each.employer_id for each in unlisted_of(found))
    own_first = sorted(names, key=lambda pk: (pk != case.unit_id, names[pk]))
    return [
        *(Chip(names[pk], f"?of={pk}", pk == of, left[pk]) for pk in own_first),
        Chip("全部单位", "?of=0", not of, left.total()),
    ]


def _elsewhere(case: Batch, everybody: list[Candidate]) -> list[tuple[str, str, str]]:
    """Those whom nobody but the unit files, who go another way and are in no batch: the way, the names, where a batch
    of it is begun."""
    names, units = defaultdict(list), only_by(case.unit)
    for each in unlisted_of(everybody):
        if each.now.path != case.path and each.employer_id in units:
            names[each.now.path].append(each.person.name)
    return [(path.label, first_of(who), place(case.unit_id, case.year, path)) for path, who in names.items()]


def _excused(case: Batch, found: list[Candidate]) -> list[tuple[str, str]]:
    """Whom nobody counts as missing though they are not listed, by why: so the number beside the link here fits."""
    left = [each.person for each in unlisted_of(found)]
    by_why = excused(case.unit, case.year, left, current_terms(), clock.now()) if left else {}
    return [(why, first_of(names)) for why, names in by_why.items()]


@roles(CLERK)
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of 附件4 that the unit fills in, a page at a time."""
    case = editable_or_404(request, pk)
    page, shown = _page_of_rows(request, case)
    formset, same = row_formset(case, shown, posted(request)), _same_reason(request)
    apart = namesakes_in(case)
    for form in formset.forms:
        form.instance.apart = apart.get(form.instance.pk, "")
    if said := _autosaved_rows(request, case, formset):
        return said
    filled = [formset, same] if same.is_bound else [formset]

    def save() -> str:
        said = _save_rows(request, case, formset, same)
        for row in formset.gone:
            messages.warning(request, str(row))
        return said

    if answer := submitted(request, filled, save, done=str, then=_after_rows(request, case, page)):
        return answer
    context = {
        "case": case,
        "title": f"填写花名册：{case}",
        "lead": "附件4；学时和达标情况由系统按学时记录填写",
        "crumbs": [("年度验证", reverse("batches:list")), (str(case), case.get_absolute_url()), ("填写花名册", "")],
        "formset": formset,
        "same": same,
        "page_obj": page,
        "unit": "人",
        "editable": case.state in EDITABLE,
        **returned(request, formset, case),
    }
    return show(request, "verification_batches/rows.html", context, filled)


def _page_of_rows(request: HttpRequest, case: Batch) -> tuple[Any, Any]:
    """The page that was asked for, or that of the row that was, and its records."""
    ordered = case.records.select_related("person").order_by("person__pinyin", "pk")
    number = request.GET.get("page") or page_of(ordered, request.GET.get("row", ""))
    page = Paginator(ordered, PER_PAGE).get_page(number)
    return page, ordered.filter(pk__in=[row.pk for row in page.object_list])


def _same_reason(request: HttpRequest) -> SameReasonForm:
    """The reason for all goes along with every save once it is typed; its own button asks for it."""
    meant = request.POST.get("do") == "same" or request.POST.get("reason", "").strip()
    return SameReasonForm(posted(request) if meant else None)


def _autosaved_rows(request: HttpRequest, case: Batch, formset: Any) -> HttpResponse | None:
    """The rows alone: what is for everybody is written when somebody says so, and until then it is not saved. What was
    typed for who is gone never is: it is told, and lost from the page only when its form is saved."""
    if not is_autosave(request):
        return None
    waits, is_sound = _same_reason(request), formset.is_valid()
    if waits.is_bound:
        waits.add_error("reason", "点“保存花名册”时填入")
    formset.non_form_errors().extend(map(str, formset.gone))

    def save() -> Batch:
        return services.save_rows(**_typed(request, case, formset), quiet=True)

    filled = [formset, waits] if waits.is_bound else [formset]
    return autosaved(request, filled, save, partly=is_sound)


def _save_rows(request: HttpRequest, case: Batch, formset: Any, same: SameReasonForm) -> str:
    typed, saved = _typed(request, case, formset), f"已保存本页 {len(formset.forms)} 行"
    if not same.is_bound:
        services.save_rows(**typed)
        return saved
    reason = same.cleaned_data["reason"]
    if count := services.same_reason(**typed, reason=reason):
        return f"{saved}，已给 {count} 个没有写原因的人填上同一原因"
    return f"{saved}。没有还需要写未达标原因的人，“{reason}”没有填入"


def _typed(request: HttpRequest, case: Batch, formset: Any) -> dict[str, Any]:
    changed = [form.instance for form in formset.forms if form.has_changed()]
    return {"batch": case, "version": formset.version, "rows": changed, "actor": request.user}


@roles(CLERK)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take people out of a draft."""
    case = editable_or_404(request, pk)
    records = whole_numbers(request.POST.getlist("rows"))

    def take_out() -> int:
        typed = services.typed_in(case, records)
        if count := services.remove_people(batch=case, records=records, actor=request.user):
            offer_undo(request, f"已移出 {count} 人", "batch_people", batch_id=case.pk, typed=typed)
        return count

    return act(
        request,
        take_out,
        back=case,
        then=lambda count: _go_on(request, count, "没有可移出的人", case, case),
    )


@can(READ_PEOPLE)
def unlisted(request: HttpRequest) -> HttpResponse:
    """People who work in the units that this account sees or files for, and are in no batch of a year (V3)."""
    year = _year(request)
    own = request.user.unit_ids(CLERK)
    listed = in_hand_of(own) & ~Q(state=AnnualRecord.State.GIVEN_UP)
    recorded = AnnualRecord.objects.filter(listed, person=OuterRef("person"), year=year)
    jobs = Employment.objects.on(clock.today()).filter(unit_scope(request.user), ~Exists(recorded))
    jobs = jobs.filter(employed_in_year(year, "person")).select_related("person", "unit")
    given_up = AnnualRecord.objects.filter(person=OuterRef("person"), year=year, state=AnnualRecord.State.GIVEN_UP)
    jobs = jobs.annotate(given_up=Subquery(given_up.values("pk")))
    context = list_context(request, jobs.order_by("unit__code", "person__pinyin", "pk"), filterset=UnlistedFilter)
    chips = [Chip(f"{y} 年度", f"?year={y}", y == year) for y in services.years_to_verify(clock.today())[:2]]
    page = {"title": f"{year} 年度未列入任何批次的人员", "chips": chips, "unit": "人", "year": year}
    page["empty"] = {"text": "都已列入批次"}
    page["crumbs"] = [("年度验证", reverse("batches:list")), ("未列入的人员", "")]
    return render(request, "verification_batches/unlisted.html", {**context, **page})


@roles(CLERK)
def for_us(request: HttpRequest) -> HttpResponse:
    """The unit's people whom its supervising unit files: their rows, and nothing else of that batch (V3)."""
    rows = AnnualRecord.objects.filed_for(request.user).select_related("person", "unit", "batch__unit")
    context = list_context(request, rows.order_by("-year", "person__pinyin", "pk"))
    context |= {
        "title": "由主管单位申报的人员",
        "unit": "人",
        "empty": {"text": "本单位人员由主管单位申报的，列在这里；现在没有"},
        "crumbs": [("年度验证", reverse("batches:list")), ("由主管单位申报的人员", "")],
    }
    return render(request, "verification_batches/for_us.html", context)


def _add(request: HttpRequest, case: Batch) -> HttpResponse:
    """Those ticked, or everybody of the view with one click."""
    chosen = whole_numbers(request.POST.getlist("people"))
    if request.POST.get("everybody") in VIEWS:
        shown = VIEWS[request.POST["everybody"]][1]
        on_this = on_path(candidates(case.unit, case.year, clock.today()), case.path)
        _, found = _of_unit(request, case, on_this)
        chosen = [each.person.pk for each in found if shown(each) and not each.is_listed]

    def add() -> int:
        count = services.add_people(batch=case, people=chosen, actor=request.user)
        for said in services.why_left_out(case, chosen, request.user):
            messages.warning(request, said)
        return count

    return act(
        request,
        add,
        done=lambda count: f"已列入 {count} 人" if count else "",
        back=case,
        then=lambda count: _go_on(request, count, NOBODY_NEW, case, request.get_full_path()),
    )


def _go_on(request: HttpRequest, count: int, nobody: str, some: Batch, none: Any) -> Any:
    """Where to go after some people were moved; after none, with a word that there was nobody to move."""
    if count:
        return some
    messages.info(request, nobody)
    return none


def _chips(found: list[Candidate], view: str, of: int) -> list[Chip]:
    counted = ((key, label, sum(map(test, found))) for key, (label, test) in VIEWS.items())
    return [Chip(label, f"?view={key}&of={of}", key == view, number) for key, label, number in counted]


def _after_rows(request: HttpRequest, case: Batch, page: Any) -> str:
    here = reverse("batches:rows", args=[case.pk])
    if request.POST.get("do") == "same":
        return f"{here}?page={page.number}"
    if request.POST.get("do") == "next" and page.has_next():
        return f"{here}?page={page.next_page_number()}"
    return case.get_absolute_url()


def _year(request: HttpRequest) -> int:
    today = clock.today()
    typed = whole_number(request.GET.get("year", ""))
    known = services.years_to_verify(today)
    return typed if typed in known else default_year(today)
