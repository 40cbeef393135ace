"""The pages of every import: upload, preview, result, the wrong rows back; fetching a list made in the background."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from luojiang_ce import copies
from luojiang_ce.access import Role, any_account, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.jobs.models import Job
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import TABLE
from luojiang_ce.workflow.events import record

from .exports import KIND, kept_workbook
from .forms import UploadForm
from .imports import Kind, confirm, latest_job, submit
from .kept import still_has_rights
from .models import ImportBatch, ImportBatchQuerySet
from .preview import page_context
from .responses import XLSX, download
from .services import ImportGone, discard_import, pasted_text, returned_file

State = ImportBatch.State
_WAITING = (State.READING, State.PREVIEWED, State.CONFIRMING)


class ImportViews:
    """The views of one kind of import, for accounts that hold one of these roles."""

    def __init__(self, kind: Kind, *allowed: Role) -> None:
        self.kind = kind
        rule = roles(*allowed)
        self.page, self.returned = rule(self._page), rule(self._returned)
        self.upload = takes_files(TABLE)(rule(self._upload))
        # The page's acts at addresses of their own: `do` comes with the address.
        self.act = rule(require_POST(self._page))

    def _upload(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Choose a file; what comes next is its preview."""
        kind, account = self.kind, request.user
        scope = None if pk is None else get_object_or_404(kind.scopes(account), pk=pk)
        if scope and (why := kind.why_closed(scope)):
            messages.info(request, why)
            return redirect(scope)
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = kind.upload_form(*sent, account=account, name=kind.name, pastes=bool(kind.order))
        if form.is_valid() and (why := kind.why_stopped(account)):
            form.add_error(None, why)
        if form.is_valid() and (batch := self._submitted(request, form, scope)):
            return copies.let_go(request, redirect(kind.page(batch)))
        waiting = self._own(request).filter(state__in=_WAITING, **({"scope_id": pk} if pk else {})).defer("plan")[:10]
        context = {
            "kind": kind,
            "form": form,
            "title": kind.title,
            "lead": kind.lead,
            "crumbs": kind.crumbs(scope),
            "waiting": [(kind.page(batch), batch) for batch in waiting],
            "template_url": kind.template_url(scope),
            "cancel_url": kind.back(scope),
            "submit_label": "上传并预览",
        }
        return render(request, "sheets/import_upload.html", context, status=422 if form.is_bound else 200)

    def _submitted(self, request: HttpRequest, form: UploadForm, scope: Any) -> ImportBatch | None:
        """The import of what was sent, in place of the one that it mends; None where a paste is no table: it stays in
        its form, with the reason."""
        into = scope or form.cleaned_data[self.kind.scope_field]
        batch = submit(self.kind, scope=into, actor=request.user, **form.sent()._asdict())
        if batch.pasted and batch.state == State.REFUSED:
            form.add_error("pasted", batch.plan["message"])
            discard_import(batch)
            return None
        for mended in self._own(request).filter(pasted=True, token__in=filter(None, [form.cleaned_data.get("mends")])):
            discard_import(mended)
        return batch

    def _page(self, request: HttpRequest, token: UUID, pk: int | None = None, do: str = "") -> HttpResponse:
        """An import where it stands: being read, refused, to be confirmed, being written, done. Or an act: `do`."""
        kind = self.kind
        batch, scope = self._found(request, token, pk)
        refusals: list[str] = []
        form = kind.asks(batch)(request.POST if request.method == "POST" else None)
        if (do or request.POST.get("do")) == "discard":
            return self._discarded(request, batch, scope)
        if request.method == "POST":
            refusals = self._refusals(request, batch, form)
            if not refusals:
                batch.refresh_from_db()
                stays = kind.stays or "left_out" in batch.plan or batch.state == State.CONFIRMING
                return redirect(kind.page(batch) if stays else kind.back(scope))
            batch.refresh_from_db()
        job = latest_job(batch)
        if job and job.state == job.State.FAILED and batch.state == State.PREVIEWED:
            refusals = refusals or [job.message]
        context: dict[str, Any] = {
            "kind": kind,
            "batch": batch,
            "scope": scope,
            "form": form,
            "refusals": refusals,
            "job": job,
            "crumbs": kind.crumbs(scope),
            "upload_url": kind.url(kind.urls.upload, scope.pk),
            "returned_url": kind.url(kind.urls.returned, scope.pk, batch.token) if batch.returned else "",
            "template_url": kind.template_url(scope),
            "why_left_out": _why_left_out(kind, batch),
            "figures": [(label, batch.result.get(code, 0)) for code, label in kind.results],
        }
        # A preview made before an upgrade may be of another shape.
        if batch.state == State.PREVIEWED and "shown" in batch.plan:
            context |= page_context(kind, batch, request.GET)
            if batch.pasted:
                pasted = {"pasted": pasted_text(batch), "mends": batch.token}
                context["paste_form"] = kind.upload_form(account=request.user, name="", pastes=True, initial=pasted)
        return render(request, "sheets/import.html", context, status=409 if refusals and request.POST else 200)

    def _returned(self, request: HttpRequest, token: UUID, pk: int | None = None) -> HttpResponse:
        """The wrong rows with their reasons, full ID numbers and all: for the uploader, and on record."""
        batch, scope = self._found(request, token, pk)
        try:
            content = returned_file(batch)
        except ImportGone as gone:
            raise Http404(str(gone)) from gone
        record(scope, "returned_rows_downloaded", actor=request.user, data={"import": batch.pk})
        name = f"注明错处的{self.kind.name}" if self.kind.all_or_nothing else "有误的行"
        return download(content, f"{name}.xlsx", XLSX)

    def _refusals(self, request: HttpRequest, batch: ImportBatch, form: forms.Form) -> list[str]:
        """Write the sound rows and say so, or return why not; asked twice, it is done once."""
        if not form.is_valid():
            return [str(error) for errors in form.errors.values() for error in errors]
        try:
            done = confirm(self.kind, batch, actor=request.user, typed=form.cleaned_data)
        except NotPossible as refused:
            return refused.reasons
        if not self.kind.stays and done.state == State.CONFIRMED:
            messages.success(request, self.kind.said(done.result))
        return []

    def _discarded(self, request: HttpRequest, batch: ImportBatch, scope: models.Model) -> HttpResponse:
        """Give the import up and delete its files."""
        if not discard_import(batch):
            messages.error(request, "已经开始导入，不能放弃")
            return redirect(self.kind.page(batch))
        messages.success(request, f"已放弃导入“{batch.name}”，没有写入任何数据")
        return redirect(self.kind.url(self.kind.urls.upload, scope.pk) if self.kind.stays else self.kind.back(scope))

    def _own(self, request: HttpRequest) -> ImportBatchQuerySet:
        """The account's own imports into what it may import into today."""
        scopes = self.kind.scopes(request.user)
        own = ImportBatch.objects.visible_to(request.user)
        return own.filter(
            kind=self.kind.code, scope_type=scopes.model._meta.label_lower, scope_id__in=scopes.order_by().values("pk")
        )

    def _found(self, request: HttpRequest, token: UUID, pk: int | None) -> tuple[ImportBatch, models.Model]:
        batch = get_object_or_404(self._own(request), token=token, **({"scope_id": pk} if pk else {}))
        return batch, self.kind.scopes(request.user).get(pk=batch.scope_id)


def _why_left_out(kind: Kind, batch: ImportBatch) -> set[str]:
    codes = {row["code"] for row in batch.plan.get("left_out", ())}
    return {kind.left_out[code].message for code in codes & kind.left_out.keys()}


@any_account
def export(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The owner's workbook; nobody else's job exists."""
    job = get_visible_or_404(Job, request, uid=uid, kind=KIND)
    if not still_has_rights(job, request.user):
        messages.warning(request, "导出以后您的角色有变动，这个文件不能再下载，请重新导出")
        return redirect("jobs:progress", uid=job.uid)
    workbook = kept_workbook(job, request.user)
    if workbook is None:
        messages.warning(request, "导出的文件已按期删除，请重新导出")
        return redirect("jobs:progress", uid=job.uid)
    return workbook
