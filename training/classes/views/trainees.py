"""Trainees: enrolling own people, the list of a class, answering for own people (product.md C6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import act, posted, show, submitted
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.uploads.places import SCAN
from training.classes.changes.reading import adjusted
from training.classes.filters import OpenFilter
from training.classes.forms.trainees import EnrolForm, LateForm, ReasonedForm, ScanForm, TicksForm
from training.classes.models import ClassApplication, Enrolment, Waiting
from training.classes.models.enrolment import EnrolmentQuerySet
from training.classes.models.waiting import WaitingQuerySet
from training.classes.services import late_agreement as late
from training.classes.services import trainees as service
from training.classes.services.waiting import leave
from training.half_days import ahead
from units.access import FILER
from units.models import Person, Title
from units.search import search_people

CLERK = Role.UNIT_CLERK
State = Enrolment.Agreement


@roles(CLERK)
def open_classes(request: HttpRequest) -> HttpResponse:
    """Approved classes that own people can be enrolled in, whoever organises them."""
    rows = ClassApplication.objects.open_to_enrolment().select_related("unit").with_places()
    context = list_context(request, rows, filterset=OpenFilter, sorts={"opens": "opens_on"}, sort="opens")
    changed = adjusted(case.pk for case in context["page_obj"])
    for case in context["page_obj"]:
        case.adjusted = changed.get(case.pk, [])
    links = [HeadLink("本单位学员", reverse("classes:own_trainees"), "users")]
    context |= {"title": "培训报名", "links": links, "empty": {"text": "现在没有可以报名的班。准予开班后列在这里"}}
    return render(request, "training_classes/open.html", context)


@roles(CLERK)
def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick own people and enrol them, within the places of the class."""
    case = get_object_or_404(ClassApplication.objects.open_to_enrolment().select_related("unit"), pk=pk)
    people = _own_people(request)
    form = EnrolForm(posted(request), offered=people.values_list("pk", flat=True))
    if answer := submitted(
        request,
        form,
        lambda: service.enrol_own(
            application=case,
            person_ids=form.cleaned_data["ticked"],
            actor=request.user,
            late_reason=form.cleaned_data["late_reason"],
        ),
        done=lambda added: _said(added, case),
        then=reverse("classes:enrol", args=[case.pk]),
    ):
        return answer
    wanted = request.GET.get("q", "")
    context = list_context(request, search_people(people, wanted), per_page=100) | _openness(case)
    _mark(context["page_obj"], case, form, request)
    context |= {
        "case": case,
        "form": form,
        "title": str(case),
        "crumbs": [("培训报名", reverse("classes:open")), (case.title, "")],
        "q": wanted,
    }
    return show(request, "training_classes/enrol.html", context, form)


def _openness(case: ClassApplication) -> dict[str, Any]:
    """How many places a class still has, whether it has begun, and what was changed of it."""
    places, slots = ClassApplication.objects.with_places().get(pk=case.pk), service.slots_of(case)
    return {
        "taken": places.taken,  # type: ignore[attr-defined]  # with_places
        "free": places.free,
        "late": len(ahead(slots, clock.now())) < len(slots),
        "adjusted": adjusted([case.pk]).get(case.pk, []),
    }


def _mark(people: Iterable[Any], case: ClassApplication, form: EnrolForm, request: HttpRequest) -> None:
    """What stands beside each of the people shown: on the list, in line, busy at the time, ticked. Three queries."""
    shown = list(people)
    present, in_line = _present(case, request), _in_line(case, request)
    clashes = service.overlaps(case, [person.pk for person in shown])
    ticked = set(form["ticked"].value() or []) if form.is_bound else set()
    for person in shown:
        person.enrolment = present.get(person.pk)
        person.clashes = clashes.get(person.pk, [])
        person.position = in_line.get(person.pk)
        person.ticked = str(person.pk) in ticked


def _said(added: list[Enrolment] | list[Waiting], case: ClassApplication) -> str:
    if not added:
        return "勾选的人员都已在名单里"
    if isinstance(added[0], Waiting):
        return f"名额已满，已列入候补 {len(added)} 人：{case}。有名额空出时按次序自动递补，并告知本单位"
    return f"已报名 {len(added)} 人：{case}"


@can(READ_PEOPLE)
def of_class(request: HttpRequest, pk: int) -> HttpResponse:
    """The trainees of a class: who, from where, what the unit says; oddities pointed out."""
    seen = ClassApplication.objects.with_people_for(request.user).select_related("unit")
    case = get_visible_or_404(seen, request, pk=pk)
    filer = FILER.test(request.user, case)
    rows = case.enrolments.filter(removed_at=None).order_by("employer", "pk")
    context = list_context(request, _filtered(rows, request), per_page=100)
    clashes = service.overlaps(case, [row.person_id for row in context["page_obj"] if row.person_id])
    for row in context["page_obj"]:
        row.clashes = clashes.get(row.person_id, []) if row.person_id else []
    counts = dict(rows.order_by().values_list("agreement").annotate(Count("pk")))
    context |= {
        "case": case,
        "title": f"学员：{case}",
        "crumbs": [
            ("开班申请", reverse("classes:list")),
            (case.number or "草稿", case.get_absolute_url()),
            ("学员", ""),
        ],
        "links": _links(case, filer=filer),
        "counts_by": [(state, state.label, counts[state]) for state in State if state in counts],
        "is_filer": filer,
        "ended": bool(service.why_settled(case)),
        "in_line": _as_shown(Waiting.objects.visible_to(request.user).filter(application=case).standing()),
        "adjusted": adjusted([case.pk]).get(case.pk, []),
        "removed": case.enrolments.exclude(removed_at=None).select_related("removed_by")[:50],
        "current": request.GET.get("agreement", ""),
    }
    return render(request, "training_classes/trainees.html", context)


@roles(CLERK)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider takes trainees off the list, with a reason."""
    case = _own_class_or_404(request, pk)
    form = ReasonedForm(request.POST, offered=_listed(case))
    return act(
        request,
        lambda: service.remove(application=case, actor=request.user, **form.chosen()),
        form=form,
        back=reverse("classes:trainees", args=[case.pk]),
        done=lambda count: f"已移出 {count} 人",
    )


@takes_files(SCAN)
@roles(CLERK)
@require_POST
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider attaches the stamped agreement of the ticked trainees' units."""
    case = _own_class_or_404(request, pk)
    form = ScanForm(request.POST, request.FILES, offered=_listed(case))
    return act(
        request,
        lambda: service.attach_scan(
            application=case,
            enrolment_ids=form.cleaned_data["ticked"],
            scan=form.cleaned_data["scan"],
            actor=request.user,
        ),
        form=form,
        back=reverse("classes:trainees", args=[case.pk]),
        done=lambda count: f"已附盖章件，{count} 人",
    )


@roles(CLERK)
def own(request: HttpRequest) -> HttpResponse:
    """Own people in classes: who waits for the unit's answer, who is enrolled."""
    rows = _own_enrolments(request).select_related("application__unit").order_by("-application__opens_on", "pk")
    waiting = _own_enrolments(request).answerable()
    context = list_context(request, rows.filter(removed_at=None).exclude(pk__in=waiting.order_by().values("pk")))
    shown_waiting = list(waiting.select_related("application__unit").order_by("application__opens_on", "pk")[:200])
    in_line = list(_as_shown(_own_waiting(request).open_still()))
    shown = [*shown_waiting, *in_line, *context["page_obj"]]
    changed = adjusted(row.application_id for row in shown)
    for row in shown:
        row.adjusted = changed.get(row.application_id, [])
        row.may_leave = not service.why_settled(row.application)
    context |= {
        "waiting": shown_waiting,
        "waiting_count": waiting.count(),
        "late_said": _said_of_late(request),
        "links": [HeadLink("补办单位同意", reverse("classes:agree_late"), "file-pen")],
        "in_line": in_line,
        "title": "本单位学员",
        "crumbs": [("培训报名", reverse("classes:open")), ("本单位学员", "")],
    }
    return render(request, "training_classes/own_trainees.html", context)


def _said_of_late(request: HttpRequest) -> str:
    """How often nobody has answered before a class was over; empty for never."""
    count = late.never_agreed(request.user.unit_ids(CLERK)).count()
    return f"：班已结束而本单位没有答复的有 {count} 人次，年度验证以前请补办" if count else ""


def _as_shown(waiting: WaitingQuerySet) -> WaitingQuerySet:
    """A waiting list as pages show it, with the positions."""
    return waiting.with_position().select_related("person", "unit", "application__unit")[:200]


@roles(CLERK)
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """The unit agrees to the ticked people."""
    return _for_own(request, TicksForm, service.agree, "已同意 {} 人")


@takes_files(SCAN)
@roles(CLERK)
def agree_late(request: HttpRequest) -> HttpResponse:
    """Own people in classes that are over, for whom nobody has answered: material 3 is missing until somebody does."""
    rows = late.never_agreed(request.user.unit_ids(CLERK))
    form = LateForm(posted(request), request.FILES or None, offered=rows.values_list("pk", flat=True))
    if answer := submitted(
        request,
        form,
        lambda: late.agree_late(actor=request.user, **form.chosen()),
        done="已补办同意 {} 人，施教机构会看到".format,
        then=reverse("classes:agree_late"),
    ):
        return answer
    shown = rows.select_related("application__unit").order_by("-application__ends_on", "pk")
    above = [("培训报名", reverse("classes:open")), ("本单位学员", reverse("classes:own_trainees"))]
    context = list_context(request, shown, per_page=100) | {
        "form": form,
        "ticked": set(map(str, form["ticked"].value() or [])) if form.is_bound else set(),
        "title": "补办单位同意",
        "lead": "班已结束而本单位没有答复的人员；没有单位同意的，年度验证缺少材料3",
        "crumbs": [*above, ("补办单位同意", "")],
    }
    return show(request, "training_classes/agree_late.html", context, form)


@roles(CLERK)
@require_POST
def refuse(request: HttpRequest) -> HttpResponse:
    """The unit refuses the ticked people, with a reason."""
    return _for_own(request, ReasonedForm, service.refuse, "已答复不同意 {} 人，施教机构会看到原因")


@roles(CLERK)
@require_POST
def remove_own(request: HttpRequest) -> HttpResponse:
    """The unit takes own people off, with a reason; each provider is told."""
    return _for_own(request, ReasonedForm, service.remove_own, "已移出 {} 人")


@roles(CLERK)
@require_POST
def leave_waiting(request: HttpRequest) -> HttpResponse:
    """The unit takes own people off waiting lists."""
    form = TicksForm(request.POST, offered=_own_waiting(request).values_list("pk", flat=True))
    return act(
        request,
        lambda: leave(waiting_ids=form.cleaned_data["ticked"], actor=request.user),
        form=form,
        back="classes:own_trainees",
        done="已退出候补 {} 人".format,
    )


def _for_own(request: HttpRequest, asked: type[TicksForm], do: Callable[..., int], done: str) -> HttpResponse:
    """What the unit does with its own ticked people, and how many they were."""
    form = asked(request.POST, offered=_own_enrolments(request).values_list("pk", flat=True))
    return act(
        request,
        lambda: do(actor=request.user, **form.chosen()),
        form=form,
        back="classes:own_trainees",
        done=done.format,
    )


def _own_people(request: HttpRequest) -> QuerySet[Person]:
    own = Person.objects.filter(
        employments__unit__in=request.user.unit_ids(CLERK), employments__ended_on=None
    ).distinct()
    titles = Prefetch("titles", Title.objects.filter(is_current=True), to_attr="current_titles")
    return own.prefetch_related(titles).order_by("pinyin", "pk")


def _present(case: ClassApplication, request: HttpRequest) -> dict[int, Enrolment]:
    rows = case.enrolments.filter(removed_at=None, unit__in=request.user.unit_ids(CLERK))
    return {row.person_id: row for row in rows if row.person_id}


def _in_line(case: ClassApplication, request: HttpRequest) -> dict[int, int]:
    """The positions of own people on the waiting list, by their ids."""
    own: Any = case.waiting.standing().filter(unit__in=request.user.unit_ids(CLERK)).with_position()
    return {row.person_id: row.position for row in own}


def _filtered(rows: QuerySet[Enrolment], request: HttpRequest) -> QuerySet[Enrolment]:
    state = request.GET.get("agreement", "")
    return rows.filter(agreement=state) if state in State.values else rows


def _links(case: ClassApplication, *, filer: bool) -> list[HeadLink]:
    links = [HeadLink("花名册 .xlsx", reverse("classes:trainees_sheet", args=[case.pk]), "download")]
    if filer and not service.why_settled(case):
        links.append(HeadLink("导入花名册", reverse("classes:roster_import", args=[case.pk]), "upload", True))
    return links


def _own_class_or_404(request: HttpRequest, pk: int) -> ClassApplication:
    return get_object_or_404(ClassApplication, pk=pk, unit__in=request.user.unit_ids(CLERK))


def _listed(case: ClassApplication) -> QuerySet[Any]:
    return case.enrolments.filter(removed_at=None).values_list("pk", flat=True)


def _own_enrolments(request: HttpRequest) -> EnrolmentQuerySet:
    return Enrolment.objects.of_units(request.user.unit_ids(CLERK))


def _own_waiting(request: HttpRequest) -> WaitingQuerySet:
    return Waiting.objects.filter(unit__in=request.user.unit_ids(CLERK))
