"""Evidence of many at once: the upload, what became of each file, and whose the others are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import Role, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import act
from luojiang_ce.jobs.models import Job
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import whole_number
from luojiang_ce.uploads.places import EVIDENCE
from units.models import Unit
from verification.declarations.evidence import (
    JOB,
    discard,
    keep,
    label_of,
    meant_by,
    settle,
    take_in,
    targets,
)
from verification.declarations.models import Declaration, LooseFile
from verification.declarations.uploads import MOST_IN_ALL, MOST_ZIP, megabytes

SHOWN = 50  # files at a time
CHOICES = 500  # declarations that the browser proposes


@roles(Role.UNIT_CLERK)
def evidence(request: HttpRequest) -> HttpResponse:
    """Send evidence of many; say whose those files are that nobody's name was found in."""
    unit = _unit(request)
    return _page(request, unit)


@takes_files(EVIDENCE)
@roles(Role.UNIT_CLERK)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the chosen files for the job that sorts them."""
    unit, of, account = _unit(request), _learning(request), _account(request)
    try:
        sent = keep(unit=unit, uploads=request.FILES.getlist("files"), actor=account)
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect(_here(unit, of))
    return act(
        request,
        lambda: take_in(unit=unit, sent=sent, of=of, actor=account),
        back=_here(unit, of),
        then=lambda job: redirect("jobs:progress", job.uid),
    )


@roles(Role.UNIT_CLERK)
@require_POST
def sort(request: HttpRequest) -> HttpResponse:
    """Give the files for which somebody was typed to them; what is wrong stays as it was typed. Or throw one away."""
    unit = _unit(request)
    sent = {key[3:]: str(value).strip() for key, value in request.POST.items() if key.startswith("to_")}
    typed = {pk: value for key, value in sent.items() if value and (pk := whole_number(key))}
    if drop := whole_number(request.POST.get("drop", "")):
        return _dropped(request, unit, drop, typed)
    wrong = _settled(request, unit, typed)
    if not typed:
        messages.error(request, "还没有填是谁的，请先填写再归入")
    if wrong:
        return _page(request, unit, typed=typed, wrong=wrong, status=422)
    return redirect(_here(unit))


def _dropped(request: HttpRequest, unit: Unit, drop: int, typed: dict[int, str]) -> HttpResponse:
    """Throw one away; what was typed for the others is still there."""
    others = {pk: value for pk, value in typed.items() if pk != drop}
    loose = LooseFile.objects.visible_to(_account(request)).filter(pk=drop).first()
    if loose is None and not others:
        raise Http404
    try:
        if loose is None:
            raise NotPossible("这个文件刚才已经办理过了")
        discard(loose=loose, actor=_account(request))
        messages.success(request, "已丢弃")
    except NotPossible as refused:
        messages.error(request, str(refused))
    return _page(request, unit, typed=others) if others else redirect(_here(unit))


def _settled(request: HttpRequest, unit: Unit, typed: dict[int, str]) -> dict[int, str]:
    """What is wrong, by the file; the others have gone to whom was typed."""
    rows = LooseFile.objects.visible_to(_account(request)).filter(pk__in=typed)
    cases, wrong = list(targets(unit.pk)), {}
    for row in rows.filter(unit=unit).order_by("pk"):
        try:
            said = settle(loose=row, case=meant_by(typed[row.pk], cases), actor=_account(request))
            messages.success(request, f"{row}：已归入 {said}")
        except NotPossible as refused:
            wrong[row.pk] = str(refused)
    return wrong


def _page(request: HttpRequest, unit: Unit, *, typed: Any = None, wrong: Any = None, status: int = 200) -> HttpResponse:
    of = _learning(request)
    rows = LooseFile.objects.visible_to(_account(request)).filter(unit=unit)
    cases = list(targets(unit.pk))[:CHOICES]
    labels = {each.pk: label_of(each) for each in cases}
    shown = [_asked(row, labels, typed or {}, wrong or {}) for row in rows[:SHOWN]]
    context = {
        "title": "批量上传佐证材料",
        "lead": f"{unit.name}：按文件名里的姓名或证件后四位，分到各人还在单位手上的申报",
        "crumbs": [("学时申报", reverse("declarations:list")), ("批量上传佐证材料", "")],
        "unit": unit,
        "of": of,
        "own_units": Unit.objects.filed_for(_account(request)),
        "loose": shown,
        "loose_count": rows.count(),
        "labels": list(labels.values()),
        "job": _job(request),
        "most_zip": megabytes(MOST_ZIP),
        "most_in_all": megabytes(MOST_IN_ALL),
    }
    return render(request, "declarations/evidence.html", context, status=status)


@dataclass(frozen=True)
class Asked:
    """A file that waits: whose it could be, what was typed for it, what is wrong with that."""

    row: LooseFile
    meant: list[str]
    typed: str
    wrong: str


def _asked(row: LooseFile, labels: Mapping[int, str], typed: Mapping[int, str], wrong: Mapping[int, str]) -> Asked:
    meant = [labels[pk] for pk in row.candidates if pk in labels]
    proposed = meant[0] if len(meant) == 1 else ""
    return Asked(row, meant, typed.get(row.pk, proposed), wrong.get(row.pk, ""))


def _account(request: HttpRequest) -> Any:
    return request.user


def _unit(request: HttpRequest) -> Unit:
    """The clerk's unit that is meant (404 where it is none of theirs: nothing goes to another one instead); where none
    is, the first."""
    own = Unit.objects.filed_for(_account(request)).order_by("pk")
    if learning := _learning(request):
        return get_object_or_404(own, pk=learning.unit_id)
    if meant := _sent(request, "unit"):
        return get_object_or_404(own, pk=whole_number(meant) or 0)
    return get_object_or_404(own[:1])


def _learning(request: HttpRequest) -> Declaration | None:
    """One of those of the same learning, where the page was come to from it; 404 where it is none of the clerk's."""
    own = Declaration.objects.filter(unit__in=_account(request).unit_ids(Role.UNIT_CLERK))
    meant = _sent(request, "of")
    return get_object_or_404(own, pk=whole_number(meant) or 0) if meant else None


def _sent(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "") or request.GET.get(name, "")


def _job(request: HttpRequest) -> Job | None:
    """The job whose files are told of."""
    jobs = Job.objects.visible_to(_account(request)).filter(kind=JOB, state=Job.State.DONE)
    try:
        return jobs.filter(uid=request.GET.get("job", "")).first() if request.GET.get("job") else None
    except (ValidationError, ValueError, TypeError):
        return None


def _here(unit: Unit, of: Declaration | None = None) -> str:
    about = f"of={of.pk}" if of else f"unit={unit.pk}"
    return f"{reverse('declarations:evidence')}?{about}"
