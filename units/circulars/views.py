"""Circulars and receipts: lists, forms, case pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_CIRCULARS, Role, can, get_visible_case_or_404, get_visible_or_404
from luojiang_ce.files.materials import checklist, files_of
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import Count as ListCount
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.many import one_by_one
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workflow.pages import case_page
from units.circulars import services
from units.circulars.audiences import audience_of, in_words, recipients, senders, without_clerk
from units.circulars.case import MATERIALS, SENDER, may_change, told, why_withdrawn
from units.circulars.exports import with_clerks
from units.circulars.filters import CircularFilter, ReceiptFilter
from units.circulars.forms import AboutForm, ChangeAboutForm, ChangeForm, WriteForm
from units.circulars.models import Circular, Receipt
from units.models import Unit

State = Receipt.State
SHOWN = 10  # units that a circular's page names; the list has all
DRAFTED = "已保存为草稿。请上传文件，核对收件单位，再发出"


@can(READ_CIRCULARS)
def circulars(request: HttpRequest) -> HttpResponse:
    """The circulars that the account's side sent, or that it oversees, each with how many units have done with it."""
    account: Any = request.user
    done = Q(receipts__state=State.PASSED_ON) | Q(receipts__state=State.READ, to_people=False)
    rows = Circular.objects.followed_by(account).select_related("unit")
    counted = rows.annotate(sent_to=Count("receipts"), done=Count("receipts", filter=done)).order_by("-pk")
    context = list_context(request, counted, filterset=CircularFilter, sorts={"by": "read_by", "sent": "sent_at"})
    links = [HeadLink("写通知", reverse("circulars:new"), "plus", True)] if senders(account).exists() else []
    if account.holds(Role.UNIT_CLERK):
        links = [HeadLink("收到的通知", reverse("circulars:receipts"), "inbox"), *links]
    context |= {"title": "通知传达", "links": links, "empty": {"text": "还没有通知"}}
    return render(request, "circulars/circulars.html", context)


@can(READ_CIRCULARS)
def receipts(request: HttpRequest) -> HttpResponse:
    """What the clerk's units received; what became, unit by unit, of the circulars that the account sent."""
    account: Any = request.user
    rows = Receipt.objects.visible_to(account).select_related("circular__unit", "unit")
    context = list_context(
        request, rows, filterset=ReceiptFilter, sorts={"by": "circular__read_by", "unit": "unit__code"}, sort="-by"
    )
    context["page_obj"].object_list = with_clerks(context["page_obj"].object_list, account)
    context |= acts_on_many(request, Receipt, READ_CIRCULARS, "circulars:export")
    writes = senders(account).exists()
    links = []
    if writes or Circular.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK)).exists():
        links = [HeadLink("发出的通知", reverse("circulars:list"), "send")]
    context |= {
        "title": "通知回执" if links else "收到的通知",
        "links": links,
        "may_remind": bool(links),
        "empty": {"text": "没有通知"},
    }
    return render(request, "circulars/receipts.html", context)


export = export_view(READ_CIRCULARS, "circular_receipts")


@can(READ_CIRCULARS)
def circular(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a circular for its sender and those who oversee; who received it is led to the own receipt."""
    account: Any = request.user
    case = get_visible_or_404(Circular.objects.select_related("unit", "created_by", "corrects"), request, pk=pk)
    if own := _received(case, account):
        return redirect(own)
    drafted, sender = case.state == Circular.State.DRAFT, SENDER.test(account, case)
    editable = may_change(case, account)
    context = {
        "page": case_page(case, account),
        "title": case.title,
        "kind": "通知",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [*_above(), (case.title, "")],
        "links": _links(case, editable=editable, sender=sender),
        "materials": checklist(case, MATERIALS),
        "may_change": editable,
        "case": case,
        "whom": str(case.about) if case.about_id else in_words(case),
        "corrections": case.corrections.exclude(state=Circular.State.DRAFT),
        "reason": why_withdrawn(case),
        "to_remind": services.to_remind(case.receipts).count() if sender and case.state == "sent" else 0,
        **(_ahead(case) if drafted else _standing(case, account)),
    }
    return render(request, "circulars/circular.html", context)


def _received(case: Circular, account: Any) -> Receipt | None:
    """The receipt of the account's unit, where the account has no other part in the circular."""
    if case.unit_id in account.unit_ids(*Role) or not account.holds(Role.UNIT_CLERK):
        return None
    found: Receipt | None = case.receipts.filter(unit__in=account.unit_ids(Role.UNIT_CLERK)).first()
    return found


def _links(case: Circular, *, editable: bool, sender: bool) -> list[HeadLink]:
    if editable:
        return [HeadLink("修改", reverse("circulars:edit", args=[case.pk]), "pencil")]
    if sender and case.state == Circular.State.SENT:
        return [HeadLink("发更正件", reverse("circulars:correct", args=[case.pk]), "file-pen")]
    return []


def _ahead(case: Circular) -> dict[str, Any]:
    """To whom a draft would go now, and whom nobody can read it for."""
    units = list(recipients(case))
    bare = without_clerk(Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("code"))
    return {"units": units, "bare": bare}


def _standing(case: Circular, account: Any) -> dict[str, Any]:
    """How far a circular that was sent has come: counts, the units that have not done with it, the kinds that are slow.

    One query for all the units, one for the names of clerks of those that are shown.
    """
    rows = list(case.receipts.select_related("unit").order_by("unit__code"))
    for row in rows:
        row.circular = case
    open_rows = [row for row in rows if row.state in (State.WAITING, State.READ) and not _done(row)]
    bare = without_clerk(Unit.objects.filter(pk__in=[row.unit_id for row in rows]))
    told_apart = {unit.pk for unit in bare}
    open_rows.sort(key=lambda row: (row.state != State.WAITING, row.unit.code))
    return {
        "counts": _counts(case, rows),
        "bare": bare,
        "bar": _bar(rows),
        "sent_to": len(rows),
        "reached": sum(row.passed_on_to or 0 for row in rows),
        "outstanding": with_clerks(open_rows[:SHOWN], account),
        "unreachable": sum(row.unit_id in told_apart for row in open_rows),
        "more": max(0, len(open_rows) - SHOWN),
        "slow": _slow(rows, open_rows),
    }


def _done(row: Receipt) -> bool:
    return row.state == State.PASSED_ON or (row.state == State.READ and not row.circular.to_people)


def _counts(case: Circular, rows: list[Receipt]) -> list[ListCount]:
    """Each number leads to its rows."""
    number = Counter(row.state for row in rows)
    base = f"{reverse('circulars:receipts')}?circular={case.pk}"
    told = [(State.WAITING, "未读", "soon"), (State.READ, "已读，未传达" if case.to_people else "已读", "")]
    told += [(State.PASSED_ON, "已传达", "done"), (State.CLOSED, "已撤回", "")]
    return [
        ListCount(len(rows), "送达单位", base),
        *(ListCount(number[at], label, f"{base}&state={at}", meaning=how) for at, label, how in told if number[at]),
    ]


def _bar(rows: list[Receipt]) -> list[tuple[str, int, int, str]]:
    """The parts of the bar in the order of the day: class, where it begins, how long, its word."""
    number = Counter("done" if _done(row) else "wait" if row.state == State.READ else "soon" for row in rows)
    parts, at = [], 0
    for key, word in (("done", "已办完"), ("wait", "已读，未传达"), ("soon", "未读")):
        parts.append((key, at, number[key], word))
        at += number[key]
    return parts


def _slow(rows: list[Receipt], open_rows: list[Receipt]) -> list[tuple[str, int, int]]:
    """By nature of the units: how many have not done with it, of how many; the slowest first."""
    every = Counter(row.unit.get_nature_display() for row in rows)
    late = Counter(row.unit.get_nature_display() for row in open_rows)
    return sorted(((nature, late[nature], total) for nature, total in every.items()), key=lambda each: -each[1])


@can(READ_CIRCULARS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What a unit received: the document, whom it is for, and what the unit has done with it."""
    rows = Receipt.objects.select_related("circular__unit", "circular__corrects", "unit", "read_by")
    case = get_visible_or_404(rows, request, pk=pk)
    sent = case.circular
    context = {
        "page": case_page(case, request.user),
        "title": sent.title,
        "kind": "通知",
        "number": sent.number,
        "lead": sent.unit.name,
        "crumbs": [("收到的通知", reverse("circulars:receipts")), (sent.title, "")],
        "case": case,
        "sent": sent,
        "annexes": checklist(sent, MATERIALS),
        "has_files": bool(files_of(sent)),
        "reason": why_withdrawn(sent),
        "corrections": sent.corrections.exclude(state=Circular.State.DRAFT),
        **(told(case) if case.unit_id in request.user.unit_ids(Role.UNIT_CLERK) else {}),
    }
    return render(request, "circulars/receipt.html", context)


# --- writing ----------------------------------------------------------------------------------------------------------


@can(READ_CIRCULARS)
def new(request: HttpRequest) -> HttpResponse:
    """A draft of the bureau, or of an authority."""
    account: Any = request.user
    sender = senders(account).first()
    if sender is None:
        raise Http404
    form = WriteForm(posted(request), sender=sender)
    return _written(request, form, lambda: services.draft(unit=sender, written=form.written, actor=account), "写通知")


@can(READ_CIRCULARS)
def new_about(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """A draft to the units behind a case, by who may write to them."""
    about = get_visible_case_or_404(case_type, pk, request)
    try:
        audience = audience_of(case_type)
    except LookupError as none:
        raise Http404 from none
    if not audience.may_write(about, request.user):
        raise Http404
    form = AboutForm(posted(request))
    return _written(
        request,
        form,
        lambda: services.draft(unit=about.unit, written=form.written, actor=request.user, about=about),
        "给学员单位发通知",
        lead=str(about),
    )


@can(READ_CIRCULARS)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A new circular in place of one that was sent; when it is sent, the old one is withdrawn."""
    old = get_visible_or_404(Circular.objects.select_related("unit"), request, pk=pk)
    if old.state != Circular.State.SENT or not SENDER.test(request.user, old):
        raise Http404
    form = (
        AboutForm(posted(request), initial=_again(old))
        if old.about_id
        else WriteForm(posted(request), sender=old.unit, initial=_again(old))
    )
    return _written(
        request,
        form,
        lambda: services.draft(unit=old.unit, written=form.written, actor=request.user, about=old.about, corrects=old),
        "发更正件",
        lead=f"发出后，《{old.title}》随即撤回，收件单位会看到由这一份更正",
    )


def _again(old: Circular) -> dict[str, Any]:
    """What a correction begins with: all that the old one said, its day if that is still ahead."""
    names = ("title", "number", "text", "to_people", "audience")
    typed = {name: getattr(old, name) for name in names} | old.scope
    return typed | ({"read_by": old.read_by} if old.read_by >= clock.today() else {})


@can(READ_CIRCULARS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    case = get_visible_or_404(Circular.objects.select_related("unit"), request, pk=pk)
    if not may_change(case, request.user):
        raise Http404
    form = ChangeAboutForm(posted(request), row=case) if case.about_id else ChangeForm(posted(request), row=case)

    def save(quiet: bool = False) -> Circular:
        facts = {"written": form.written, "version": form.version}
        return services.edit(circular=case, actor=request.user, quiet=quiet, **facts)

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title="修改通知",
        lead=case.title,
        submit_label="保存修改",
        done="已保存",
        back=case.get_absolute_url(),
    )


def _written(
    request: HttpRequest, form: AboutForm, save: Callable[[], Circular], title: str, lead: str = ""
) -> HttpResponse:
    return form_page(
        request,
        form,
        save,
        title=title,
        lead=lead,
        submit_label="保存，下一步上传文件",
        done=DRAFTED,
        back=_above(),
        then=lambda made: made,
    )


# --- reminding --------------------------------------------------------------------------------------------------------


@can(READ_CIRCULARS)
@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind every unit that has not done with it, by one click."""
    case = get_visible_or_404(Circular.objects.select_related("unit"), request, pk=pk)
    if not SENDER.test(request.user, case):
        raise Http404
    return act(
        request,
        lambda: services.remind(circular=case, actor=request.user),
        back=case.get_absolute_url(),
        done=lambda number: f"已催办 {number} 个单位",
    )


@can(READ_CIRCULARS)
@require_POST
def remind_ticked(request: HttpRequest) -> HttpResponse:
    """Remind the units that are ticked in the list of receipts, circular by circular."""
    account: Any = request.user
    rows = Receipt.objects.visible_to(account).filter(pk__in=ticked_rows(request.POST))
    ticked = dict(rows.values_list("pk", "circular"))
    sent = Circular.objects.visible_to(account).filter(pk__in=set(ticked.values())).select_related("unit")
    mine = [each for each in sent if SENDER.test(account, each)]
    back = own_page(request.POST.get("back", ""), reverse("circulars:receipts"))
    if not mine:
        messages.error(request, "还没有勾选您发出的通知的回执，请先勾选要催办的单位")
        return redirect(back)

    def one(case: Circular) -> int:
        return services.remind(
            circular=case, actor=account, receipts=[pk for pk, of in ticked.items() if of == case.pk]
        )

    one_by_one(mine, one).say(request, "已催办勾选的单位，通知 {} 份")
    return redirect(back)


def _above() -> Crumbs:
    return [("通知传达", reverse("circulars:list"))]
