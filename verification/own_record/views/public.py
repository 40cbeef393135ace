"""What a slip opens, on a phone and without an account: the door, the own record, objections, the own papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import public
from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.bodies import takes_files
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.form_page import refuse
from luojiang_ce.home.forms import collect_errors
from luojiang_ce.papers.public import masked_name
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.events import record as keep_event
from units.models import Employment
from verification.ledger.forms import year_of
from verification.record.export import BADGE, PORTABLE, handed_out
from verification.record.models import Attestation
from verification.record.papers import PAPER as ATTESTATION

from .. import services
from ..case import answered_by
from ..forms import DoorForm, ObjectionForm
from ..guessing import Claim, open_slip, whole_is_asked
from ..models import Objection
from ..reading import entries_of, papers_of, record_of, unposted_of
from ..session import Opened, forget, opened, remember

CARRIED = ("about", "text")  # what was typed before the record closed by itself
OVER = "打开已超过时间，为保护个人信息自动关闭了。请再填一次，写好的说明还在；图片请重新选择"
LOOKS_SHOWN = 5
CARRIED_FILES = {"record": PORTABLE, "badge": BADGE}

Page = Callable[..., HttpResponseBase]


def at_address(view: Page) -> Any:
    """Every page of an address: never kept by a browser nor told to another site."""

    @public
    @wraps(view)
    def gate(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, token, *args, **kwargs)
        add_never_cache_headers(response)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return gate


def while_open(view: Page) -> Page:
    """A page of what is open on this phone; what is not is asked for at the door."""

    @wraps(view)
    def gate(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = opened(request, token)
        return view(request, token, found, *args, **kwargs) if found else redirect("own:door", token)

    return gate


@at_address
@sensitive_post_parameters("number", "slip_code")
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for code and number; any address has this page, whether there is a slip or not."""
    if request.method != "POST":
        return redirect("own:record", token) if opened(request, token) else _door(request, token, _form(request, token))
    form = _form(request, token, request.POST)
    slip = _slip(request, token, form) if form.is_valid() else None
    if slip is None:
        return _door(request, token, form)
    response = _after(request, token, Opened.of(slip))
    remember(response, token, slip)
    return response


@at_address
@require_safe
@while_open
def record(request: HttpRequest, token: str, found: Opened) -> HttpResponse:
    """A year of the own record."""
    person = found.slip.person
    own = record_of(person, year_of(request.GET.get("year", "")))
    objections = list(Objection.objects.filter(person=person).order_by("-pk"))
    of_these = {"case_type": Objection._meta.label_lower, "case_id__in": [each.pk for each in objections]}
    pictures = Counter(Attachment.objects.filter(**of_these, removed_at=None).values_list("case_id", flat=True))
    looks = history(person).filter(name="own_record_opened")[1 : LOOKS_SHOWN + 1]
    context = {
        **_head(token, found, own.job),
        "title": "本人查阅",
        "own": own,
        "on_file": services.on_file(person, own.job),
        "objections": [(each, _until(each), pictures[each.pk]) for each in objections],
        "again": request.GET.get("again", ""),
        "looks": [event.at for event in looks],
    }
    return render(request, "own_record/record.html", context)


@takes_files(PHOTOGRAPH)
@at_address
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, token: str) -> HttpResponseBase:
    """Put an objection; what was typed when the record had closed meanwhile goes through the door."""
    found = opened(request, token)
    if found is None:
        return _door(request, token, _form(request, token), closed=request.method == "POST")
    year = year_of(request.GET.get("year", ""))
    asked = {"about": request.GET.get("entry", "")}
    form = _objection_form(found, year, request.POST or None, request.FILES or None, initial=asked)
    put = _put(form, found, year) if request.method == "POST" and form.is_valid() else None
    if put:
        again = f"&again={'picture' if form.cleaned_data['picture'] else 'words'}" if put.again else ""
        return redirect(f"{_url('record', token)}?year={year}{again}#objections")
    return _objection(request, token, found, form, year)


@at_address
@require_POST
@while_open
def withdraw(request: HttpRequest, token: str, found: Opened, pk: int) -> HttpResponse:
    """Take an objection back that nobody has answered yet; afterwards the page shows the answer."""
    return _step(token, found, pk, services.withdraw)


@at_address
@require_POST
@while_open
def ask_bureau(request: HttpRequest, token: str, found: Opened, pk: int) -> HttpResponse:
    """Have the bureau answer what the unit has no day to answer by."""
    return _step(token, found, pk, services.ask_bureau)


@at_address
@require_safe
@while_open
def paper(request: HttpRequest, token: str, found: Opened, uid: UUID) -> FileResponse:
    """An own paper, as it was issued."""
    person = found.slip.person
    chosen = get_object_or_404(papers_of(person), uid=uid)
    keep_event(person, "own_paper_opened", actor=SYSTEM, data={"slip": found.slip.pk, "paper": chosen.pk})
    response = FileResponse(chosen.file.open(), filename=f"{chosen.title}.pdf", content_type="application/pdf")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@at_address
@require_safe
@while_open
def carried(request: HttpRequest, token: str, found: Opened, uid: UUID, file: str) -> HttpResponseBase:
    """The signed file beside the own attestation; while that is looked at again, the paper's page says why not."""
    person = found.slip.person
    rows = Attestation.objects.filter(person=person).select_related("person")
    chosen = get_object_or_404(papers_of(person), uid=uid, kind=ATTESTATION.key)
    case = get_object_or_404(rows, pk=chosen.case_id)
    try:
        response = handed_out(CARRIED_FILES[file], case, actor=SYSTEM)
    except NotPossible:
        return redirect("papers:check_code", chosen.code)
    keep_event(person, "own_paper_opened", actor=SYSTEM, data={"slip": found.slip.pk, "paper": chosen.pk})
    return response


@at_address
@require_POST
def close(request: HttpRequest, token: str) -> HttpResponse:
    """Close it on this phone."""
    response = redirect("own:door", token)
    forget(response, token)
    return response


# --- the door --------------------------------------------------------------------------------------------------------


def _form(request: HttpRequest, token: str, sent: Any = None) -> DoorForm:
    return DoorForm(sent, whole=whole_is_asked(token, _network(request)))


def _slip(request: HttpRequest, token: str, form: DoorForm) -> Any:
    """The slip that was typed; None with the reason in the form."""
    data = form.cleaned_data
    try:
        return open_slip(Claim(token, data["slip_code"], data["number"], _network(request)))
    except NotPossible as refused:
        refuse(form, refused)
    if whole_is_asked(token, _network(request)):
        form.ask_whole()
    return None


def _network(request: HttpRequest) -> str:
    return str(address_of(request) or "")


def _door(request: HttpRequest, token: str, form: DoorForm, *, closed: bool = False) -> HttpResponse:
    carried = {name: request.POST.get(f"carried_{name}") or request.POST.get(name, "") for name in CARRIED}
    carried["year"] = request.POST.get("carried_year") or request.GET.get("year", "")
    context = {
        "title": "本人查阅",
        "token": token,
        "form": form,
        "errors": collect_errors(form),
        "carried": carried if carried["text"] else {},
        "closed": OVER if closed else "",
    }
    return render(request, "own_record/door.html", context, status=422 if form.errors or closed else 200)


def _after(request: HttpRequest, token: str, found: Opened) -> HttpResponseBase:
    """Where the door leads: to the record, or back to what was typed before it closed."""
    text = request.POST.get("carried_text", "")
    if not text:
        return redirect("own:record", token)
    year = year_of(request.POST.get("carried_year", ""))
    initial = {"text": text, "about": request.POST.get("carried_about", "")}
    return _objection(request, token, found, _objection_form(found, year, initial=initial), year)


# --- parts -----------------------------------------------------------------------------------------------------------


def _objection_form(found: Opened, year: int, *sent: Any, initial: dict[str, str]) -> ObjectionForm:
    person = found.slip.person
    listed: dict[str, Any] = {"entries": entries_of(person, year), "unposted": unposted_of(person, year)}
    return ObjectionForm(*sent, person=person, year=year, initial=initial, **listed)


def _step(token: str, found: Opened, pk: int, take: Callable[..., None]) -> HttpResponse:
    case = get_object_or_404(Objection, pk=pk, person=found.slip.person)
    with suppress(NotPossible):  # answered, withdrawn or passed on meanwhile: the page says which
        take(objection=case, slip=found.slip)
    return redirect(f"{_url('record', token)}?year={case.year}#objections")


def _put(form: ObjectionForm, found: Opened, year: int) -> services.Put | None:
    """What was put; None where something forbids it, which stands in the form then."""
    data = form.cleaned_data
    try:
        return services.object_to(
            slip=found.slip,
            year=year,
            entry=form.entry,
            unposted=form.unposted,
            part=form.part,
            text=data["text"],
            picture=data["picture"],
        )
    except NotPossible as refused:
        refuse(form, refused)
    return None


def _objection(request: HttpRequest, token: str, found: Opened, form: ObjectionForm, year: int) -> HttpResponse:
    context = {
        **_head(token, found, found.slip.person.job),
        "title": "申请更正" if form.is_correction else f"提出异议　{year} 年度",
        "form": form,
        "errors": collect_errors(form),
        "back": f"{_url('record', token)}?year={year}",
        "address": f"{_url('objection', token)}?year={year}",
        "has_clock": bool(current_rules().settings_on(clock.today()).objection_days),
    }
    return render(request, "own_record/object.html", context, status=422 if form.errors else 200)


def _head(token: str, found: Opened, job: Employment | None) -> dict[str, Any]:
    person = found.slip.person
    return {
        "token": token,
        "found": found,
        "name": masked_name(person.name),
        "number": person.masked_id[-2:],
        "unit": job.unit.name if job else "目前没有任职单位",
    }


def _until(case: Objection) -> Any:
    """The last day of the unit's answer, while it is waited for."""
    return answered_by(case, current_rules()) if case.state == Objection.State.FILED else None


def _url(name: str, token: str) -> str:
    return reverse(f"own:{name}", args=[token])
