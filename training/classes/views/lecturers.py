"""A provider's lecturers and their résumés (product.md C4)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, any_account, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from training.classes.case import resume_may_change
from training.classes.filters import LecturerFilter
from training.classes.forms.lecturers import LecturerForm
from training.classes.models import ClassApplication, Lecturer
from training.classes.readiness import RESUME
from training.classes.services.lecturers import save_lecturer
from training.classes.teaching import with_hours, years_of

CLERK = Role.UNIT_CLERK


@any_account
def listing(request: HttpRequest) -> HttpResponse:
    """The lecturers this account may see, with whether the résumé is there."""
    year = clock.today().year
    rows = with_hours(Lecturer.objects.visible_to(request.user).as_listed(), year)
    links = [HeadLink("登记教师", reverse("classes:lecturer_new"), "plus", True)] if request.user.holds(CLERK) else []
    sorts = {"name": "name", "unit": "unit__name"}
    context = list_context(request, rows, filterset=LecturerFilter, sorts=sorts, sort="name")
    context |= acts_on_many(request, Lecturer, READ_PEOPLE, "classes:export_lecturers")
    context |= {
        "title": "授课教师",
        "year": year,
        "links": links,
        "crumbs": [("开班申请", reverse("classes:list")), ("授课教师", "")],
        "empty": {"text": "还没有登记授课教师"},
    }
    return render(request, "training_classes/lecturers.html", context)


export = export_view(READ_PEOPLE, "lecturers")


@any_account
def lecturer(request: HttpRequest, pk: int) -> HttpResponse:
    """A lecturer: facts, résumé, the classes."""
    found = get_visible_or_404(Lecturer.objects.select_related("unit"), request, pk=pk)
    may_change = resume_may_change(found, request.user)
    taught = ClassApplication.objects.visible_to(request.user).filter(timetable__lecturer=found).distinct()
    links = [
        HeadLink("申请授课证明", reverse("classes:proof_new", args=[found.pk]), "award"),
        HeadLink("修改", reverse("classes:lecturer_edit", args=[found.pk]), "pencil"),
    ]
    context = {
        "years": years_of(found),
        "lecturer": found,
        "title": found.name,
        "kind": "授课教师",
        "lead": found.employer,
        "crumbs": [("授课教师", reverse("classes:lecturers")), (found.name, "")],
        "links": links if may_change else [],
        "materials": checklist(found, (RESUME,)),
        "may_change": may_change,
        "taught": taught.order_by("-opens_on")[:20],
        "facts": _facts(found),
    }
    return render(request, "training_classes/lecturer.html", context)


@roles(CLERK)
def create(request: HttpRequest) -> HttpResponse:
    """Register a lecturer of the own unit."""
    return _form(request, Lecturer(), "登记教师")


@roles(CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of an own lecturer."""
    own = Lecturer.objects.filter(unit__in=request.user.unit_ids(CLERK))
    return _form(request, get_visible_or_404(own, request, pk=pk), "修改教师信息")


def _form(request: HttpRequest, instance: Lecturer, title: str) -> HttpResponse:
    form = LecturerForm(posted(request), instance=instance, clerk=request.user)
    return form_page(
        request,
        form,
        lambda: form.meant or save_lecturer(lecturer=form.save(commit=False), actor=request.user, version=form.version),
        title=title,
        submit_label="保存教师信息",
        done=lambda saved: f"{'教师库里已有' if form.meant else '已保存'}：{saved}。请在下面上传简历",
        back=instance.get_absolute_url() if instance.pk else reverse("classes:lecturers"),
        then=lambda saved: saved,
        crumbs=[("授课教师", reverse("classes:lecturers")), (title, "")],
    )


def _facts(found: Lecturer) -> list[tuple[str, object]]:
    birth = f"{found.birth.year}年{found.birth.month}月" if found.birth else ""
    return [
        ("性别", found.sex),
        ("出生年月", birth),
        ("工作单位", found.employer),
        ("职务", found.post),
        ("职称", found.title),
        ("专业/专长", found.specialty),
        ("登记单位", found.unit.name),
    ]
