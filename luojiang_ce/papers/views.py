"""The public check; papers where their case is visible; the register of seal use."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import (
    READ_PEOPLE,
    READ_SEAL_REGISTER,
    Role,
    any_account,
    can,
    case_models,
    get_visible_or_404,
    public,
)
from luojiang_ce.bodies import takes_files
from luojiang_ce.jobs.models import Job
from luojiang_ce.proof.sources import Answer, Standing, answer_for
from luojiang_ce.proof.tree import placed
from luojiang_ce.sheets.exports import export_view, people_workbook
from luojiang_ce.typed import one_line
from luojiang_ce.uploads.places import COMPARED
from luojiang_ce.workflow.events import last_of, record
from luojiang_ce.workflow.pages import case_page
from luojiang_ce.workflow.readings import concerns, off_record

from .case import ISSUER, OPENED_WHOLE, PRINTED_WHOLE
from .check import find, seals_on_screen, sha256_of, verdict_of
from .codes import normalise
from .content import check_of, stamp_of
from .forms import CodeForm, FileForm, PaperFilter, RegisterFilter
from .guessing import too_many_misses
from .kinds import kind_of
from .leaves import ISSUED
from .models import Paper, Seal, SealUse, know_reviews
from .printouts import GONE, JOB, case_of, kept_printout
from .registerbook import REGISTER, around, row_of
from .services import retry
from .signing.proof import UNREAD, Proof, proof_of
from .subjects import name_subjects, subject_of
from .together import JOB as TOGETHER
from .together import SIDES, ask_together, kept_together

PER_PAGE = 30
TOO_MANY = 429
NOT_YET = "这份文书还没有收录在公布的树根里：每天早上公布一次，签发的第二天就有\n"


@takes_files(COMPARED)
@public
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or find a paper by its file."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("papers:check_code", form.cleaned_data["code"])
    files = _files(request)
    unknown, proof = False, None
    if files.is_valid():
        paper = find(sha256=sha256_of(files.cleaned_data["file"]))
        if paper:
            named = one_line(files.cleaned_data["file"].name)
            messages.success(request, f"指纹一致：{named} 就是签发的这份文件，没有改动过。它现在有没有效，见下面")
            return redirect("papers:check_code", paper.code)
        unknown, proof = True, _proof(files)
    context = {"form": form, "files": files, "unknown_file": unknown, "proof": proof}
    return render(request, "papers/check.html", context, status=422 if form.errors or files.errors else 200)


@takes_files(COMPARED)
@public
@never_cache
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a code opens: the verdict first, then what the paper says; a file dropped here is compared."""
    paper = find(code=normalise(code))
    if paper is None:
        return _unknown(request, code)
    files = _files(request)
    same = sha256_of(files.cleaned_data["file"]) == paper.sha256 if files.is_valid() else None
    context = {
        "paper": paper,
        "verdict": verdict_of(paper),
        "replacement": paper.replacement,
        "seal": seals_on_screen(paper)[0],
        "second_seal": seals_on_screen(paper)[1],
        "check": check_of(paper),
        "form": CodeForm(initial={"code": paper.code}),
        "files": files,
        "same": same,
        "proof": _proof(files) if same is not None else None,
        "compared": files.cleaned_data["file"].name if same is not None else "",
        "proved": placed(ISSUED, paper),
    }
    return render(request, "papers/check_result.html", context, status=422 if files.errors else 200)


@off_record("hashes alone, for whoever has the code")
@public
@never_cache
@require_safe
def proof(request: HttpRequest, code: str) -> HttpResponseBase:
    """The proof that a paper is in a published head (c2sp.org/tlog-proof), for whoever has its code; and, in headers,
    how the paper stands today and the fingerprints of its file and its statement, which the page without a network asks
    while it has one."""
    answer = answer_for(code)
    response = _unknown(request, code) if answer.standing == Standing.UNKNOWN else _proof_file(answer)
    if response.status_code != TOO_MANY:
        response.headers["Paper-Standing"] = answer.standing.value
        response.headers["Paper-SHA256"] = answer.sha256
        response.headers["Paper-Statement"] = answer.statement
    return response


def _proof_file(answer: Answer) -> HttpResponseBase:
    if answer.inclusion is None:
        return HttpResponse(NOT_YET, status=404, content_type="text/plain; charset=utf-8")
    name = f"{answer.number} 收录证明.txt"
    return FileResponse(
        io.BytesIO(str(answer.inclusion).encode()), as_attachment=True, filename=name, content_type="text/plain"
    )


@any_account
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The papers of the cases that the account sees."""
    rows = PaperFilter(request.GET, queryset=Paper.objects.visible_to(request.user).with_successors(), request=request)
    page = Paginator(rows.qs.order_by("-dated", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    name_subjects(know_reviews(page.object_list), request.user)
    address = f"{reverse('papers:export')}?{request.GET.urlencode()}"
    bulk_url = address if request.user.holds(*READ_PEOPLE.roles) else ""
    context = {"filter": rows, "page_obj": page, "bulk_url": bulk_url, "empty": {"text": "还没有文书。签发后列在这里"}}
    return render(request, "papers/list.html", context)


export = export_view(READ_PEOPLE, "papers")


@any_account
@require_safe
def paper(request: HttpRequest, uid: str) -> HttpResponse:
    """One paper: its state, its file, its case, its seal."""
    people = ("requested_by", "approver", "keeper", "second_approver", "second_keeper")
    lines = ("seal_uses__seal", "seal_uses__applied", "signatures")
    rows = Paper.objects.select_related("seal", "second_seal", "job", *people).prefetch_related(*lines)
    found = get_visible_or_404(rows, request, uid=uid)
    name_subjects([found], request.user)
    model: Any = case_models().get(found.case_type)
    # None when this account sees the paper through its subject only.
    case = model.objects.visible_to(request.user).filter(pk=found.case_id).first() if model else None
    context = {
        "paper": found,
        "case": case,
        "beside": kind_of(found).beside(found, request.user) if case and found.state == Paper.State.ISSUED else (),
        "case_kind": model._meta.verbose_name if model else "",
        "replacement": found.replacement,
        "check": check_of(found),
        "verdict": verdict_of(found),
        "proved": placed(ISSUED, found),
        "may_retry": _may_retry(found, request),
        "history": case_page(found, request.user).history,
    }
    return render(request, "papers/paper.html", context)


@any_account
@require_safe
def state(request: HttpRequest, uid: str) -> HttpResponse:
    """The part of a page that waits for a paper; htmx asks until it is over (286 ends the asking)."""
    found = get_visible_or_404(Paper.objects.select_related("job"), request, uid=uid)
    context = {"paper": found, "may_retry": _may_retry(found, request)}
    return render(request, "papers/state_part.html", context, status=286 if found.is_over else 200)


@any_account
@require_POST
def again(request: HttpRequest, uid: str) -> HttpResponse:
    """Put a failed paper back to work."""
    found = get_visible_or_404(Paper, request, uid=uid)
    if not ISSUER.test(request.user, found):
        raise Http404
    retry(found, actor=request.user)
    messages.success(request, f"已重新安排生成：{found.title}")
    return redirect(found)


@any_account
@require_safe
def download(request: HttpRequest, uid: str) -> FileResponse:
    """The issued file itself, in the browser; `?save=1` saves it."""
    found = get_visible_or_404(Paper, request, uid=uid)
    if not found.file:
        raise Http404
    name_subjects([found], request.user)
    if subject := subject_of(found):
        concerns(request, subject)
    if last_of(found, PRINTED_WHOLE):
        record(found, OPENED_WHOLE, actor=request.user)
    response = FileResponse(
        found.file.open(),
        as_attachment=bool(request.GET.get("save")),
        filename=found.file_name,
        content_type="application/pdf",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@any_account
@require_safe
def printed(request: HttpRequest, uid: str) -> HttpResponse:
    """The file of a finished print job, for whoever started it, still sees the case and has lost no role since."""
    job = get_visible_or_404(Job, request, uid=uid, kind=JOB, state=Job.State.DONE)
    case = case_of(job, request.user)
    if case is None:
        raise Http404
    response = kept_printout(job, case, request.user)
    if response is None:
        messages.warning(request, GONE)
        return redirect("jobs:progress", uid=job.uid)
    return response


@any_account
@require_POST
def print_together(request: HttpRequest, kind: str, case: int) -> HttpResponse:
    """Ask for the papers of this kind of a case as one file, for one side of the sheet or for both."""
    sides = request.POST.get("sides", "")
    job = ask_together(kind, case, sides, request.user) if sides in SIDES else None
    if job is None:
        raise Http404
    return redirect("jobs:progress", uid=job.uid)


@any_account
@require_safe
def together_file(request: HttpRequest, uid: str) -> HttpResponse:
    """The file of a finished job, for whoever asked for it and still sees what is in it."""
    job = get_visible_or_404(Job, request, uid=uid, kind=TOGETHER, state=Job.State.DONE)
    response = kept_together(job, request.user)
    if response is None:
        messages.warning(request, GONE)
        return redirect("jobs:progress", uid=job.uid)
    return response


@can(READ_SEAL_REGISTER)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The register of seal use, newest first."""
    uses = SealUse.objects.visible_to(request.user).select_related("paper", "seal").prefetch_related("applied")
    rows = RegisterFilter(request.GET, queryset=uses, request=request)
    seals = [
        {"seal": seal, "stamp": stamp_of(seal), "problem": seal.problem_on(clock.today())}
        for seal in Seal.objects.visible_to(request.user)
    ]
    page = Paginator(rows.qs.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    empty = {"text": "还没有用过印。文书用印时自动登记在这里"}
    kept = request.user.unit_ids(Role.SEAL_KEEPER)
    waiting = SealUse.objects.visible_to(request.user).awaiting_hand().count()
    context = {"filter": rows, "page_obj": page, "seals": seals, "empty": empty, "kept": kept, "waiting": waiting}
    return render(request, "papers/register.html", context)


@can(READ_SEAL_REGISTER)
@require_safe
def register_workbook(request: HttpRequest) -> HttpResponseBase:
    """The register as a workbook, filtered like the page, in the order of its numbers."""
    uses = SealUse.objects.visible_to(request.user).prefetch_related("applied")
    asked = RegisterFilter(request.GET, queryset=uses, request=request)
    found = [row_of(use) for use in asked.qs.order_by("pk").iterator(chunk_size=500)]
    words, year, seal = (asked.form.cleaned_data.get(name) for name in ("q", "year", "seal"))
    head = around(found, seal=str(seal or "全部"), year=str(year or "全部"), asked=words or "")
    return people_workbook(request, REGISTER, found, REGISTER.title, head)


def _files(request: HttpRequest) -> FileForm:
    if request.method != "POST":
        return FileForm()
    return FileForm(request.POST, request.FILES, looked_into=not too_many_misses(request, "files"))


def _proof(files: FileForm) -> Proof | None:
    """What the file says itself, by its signatures."""
    return proof_of(files.cleaned_data["file"]) if files.looked_into else UNREAD


def _may_retry(found: Paper, request: HttpRequest) -> bool:
    broken_off = found.state == Paper.State.PENDING and found.job is not None and found.job.state == Job.State.FAILED
    return (found.state == Paper.State.FAILED or broken_off) and ISSUER.test(request.user, found)


def _unknown(request: HttpRequest, code: str) -> HttpResponse:
    """No such paper: what to do, in words; after too many of them from one address, without looking further."""
    form = CodeForm({"code": code})
    form.is_valid()
    limited = too_many_misses(request)
    return render(
        request, "papers/check_unknown.html", {"form": form, "limited": limited}, status=TOO_MANY if limited else 404
    )
