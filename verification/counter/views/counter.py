"""The counter (V6): find a person, decide rows one by one or many at once; a person's own page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_PEOPLE, any_account, can, get_visible_or_404
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.scanned import page_of_code
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printouts import printed
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import own_page, whole_number, whole_numbers
from luojiang_ce.workflow.badges import case_badges
from luojiang_ce.workflow.engine import actions_for
from luojiang_ce.workflow.models import ReturnPhrase
from luojiang_ce.workflow.pages import case_page
from units.extensions.reading import current_terms
from units.filed_case import MENDING, may_edit
from units.models import Person
from verification.batches import services
from verification.batches.agreements import shown_of
from verification.batches.case import RECORD
from verification.batches.certificates import expired_on, is_to_exchange, owners
from verification.batches.facts import in_question, newer_entry, outdated, to_recheck
from verification.batches.forms import CertificateForm, MaterialsForm
from verification.batches.guards import has_reason, may_be_verified, shortfall
from verification.batches.materials import needed
from verification.batches.models import AnnualRecord, Batch, Material
from verification.batches.papers import amounts, papers_of
from verification.batches.seasons import with_season
from verification.batches.second_look import is_looked_at_again
from verification.batches.views.shared import filed_anew, people_page, why_given_up
from verification.batches.waivers import reckonings_of
from verification.batches.who import COUNTER_APPROVER, REVIEWER
from verification.counter.cover import COVER
from verification.counter.deciding import Decided, find, pass_everybody
from verification.counter.deciding import decide as decide_rows
from verification.counter.deciding import recheck as recheck_rows
from verification.ledger.models import LedgerEntry
from verification.ledger.registry import on_their_way
from verification.requirements.display import thaw

R = AnnualRecord.State
ACTS = {
    "verify": "通过",
    "verify_unjudged": "附注通过（未判定）",
    "ask": "已请审批人同意",
    "waive": "审批通过（未达标）",
    "refuse_waiver": "审批不同意",
    "supplement": "待补材料",
    "fail": "不通过",
    "withdraw": "撤回结论",
}
SCAN_LENGTH = 100
REASON_LENGTH = 300  # as its fields take it
TYPED = "counter-typed"  # in the session: the reason of an act that was refused


@can(DO_BUREAU_WORK)
def counter(request: HttpRequest, pk: int) -> HttpResponse:
    """The roster on the left, the person in hand on the right; works with or without an appointment."""
    case = get_visible_or_404(_with_reckoning(), request, pk=pk)
    typed = request.GET.get("q", "").strip()[:SCAN_LENGTH]
    if scanned := page_of_code(request, typed) or _page_of_number(request, typed):
        return redirect(scanned)
    found = find(case, typed) if typed else None
    hits = [] if found is None else list(found[:2])
    if len(hits) == 1:
        return redirect(_page_of(case, hits[0].pk))
    page = people_page(request, case, found, ends=True)
    # Of several who were found nobody is in hand before one is chosen: a key would decide whoever comes first.
    hand = None if hits and "row" not in request.GET else _in_hand(request, case, page["page_obj"].object_list)
    context: dict[str, Any] = {
        "case": case,
        "title": f"柜台验证：{case.unit.name}",
        "crumbs": [("年度验证", reverse("batches:list")), (str(case), case.get_absolute_url()), ("柜台", "")],
        "typed": typed,
        "several": bool(hits),
        "nobody": found is not None and not page["page_obj"].paginator.count,
        "hand": _hand_context(hand, request) if hand else None,
        "phrases": phrases(),
        "materials": _materials(case),
        "actions": actions_for(case, request.user, "finish"),
        "papers": papers_of(case),
        "deadlines": case_badges(case, request.user),
        "by": current_terms().due(MENDING, clock.today()).due,
        "here": request.get_full_path(),
        "may_waive": request.user.holds(*COUNTER_APPROVER.roles),
        "as_of": case.reckoned or 0,
        **_left_to_do(case),
        **_refused(request, case),
        **shown_of(case, in_question(case), request.user),
        **page,
    }
    return render(request, "verification_batches/counter.html", context)


@any_account
def arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the code of a cover sheet leads: at the counter to its page of the batch, others to the batch."""
    case = get_visible_or_404(Batch, request, pk=pk)
    at_the_counter = request.user.holds(*DO_BUREAU_WORK.roles)
    return redirect("batches:counter", pk) if at_the_counter else redirect(case)


@any_account
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet on top of what is brought to the counter."""
    case = get_visible_or_404(Batch.objects.select_related("unit", "appointment__slot"), request, pk=pk)
    if not case.number:
        messages.error(request, "草稿还没有批次编号，请报送后再打印封面")
        return redirect(case)
    return printed(request, COVER, case)


@can(DO_BUREAU_WORK)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide the ticked rows, the one in hand, or everybody who is ready; all of them or none."""
    case = get_visible_or_404(Batch.objects.select_related("unit"), request, pk=pk)
    name, as_of = request.POST.get("act", ""), whole_number(request.POST.get("as_of", ""))
    if request.POST.get("everybody"):
        return act(
            request,
            lambda: pass_everybody(batch=case, actor=request.user, as_of=as_of),
            done=str,
            back=_back(request, case),
        )
    chosen = whole_numbers(request.POST.getlist("rows"))
    reason = request.POST.get("reason", "").strip() or request.POST.get("phrase", "").strip()

    def save() -> Decided:
        if name not in ACTS:
            raise NotPossible("请选择一种处理：通过、待补、不通过或撤回结论")
        if not chosen:
            raise NotPossible("请先勾选要办理的人")
        shown = request.POST.get("shown", "")
        return decide_rows(
            batch=case, records=chosen, name=name, actor=request.user, reason=reason, as_of=as_of, shown=shown
        )

    kept = mask_ids(reason)[:REASON_LENGTH]  # a session is stored: of a number typed nothing whole is
    wanted = name in ACTS and not reason and has_reason in RECORD.transition(name).guards
    request.session[TYPED] = {
        "batch": case.pk, "act_on": request.POST.get("act_on", ""), "reason": kept, "wanted": wanted
    }  # fmt: skip
    return act(
        request,
        save,
        done=lambda decided: _say(decided, name, request),
        back=_back(request, case),
        then=_onward(case, chosen[0], request) if chosen and request.POST.get("act_on") == "one" else None,
    )


@can(DO_BUREAU_WORK)
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at everybody whose hours have changed since they were decided."""
    case = get_visible_or_404(Batch.objects.select_related("unit"), request, pk=pk)
    return act(request, lambda: recheck_rows(batch=case, actor=request.user), done=str, back=_back(request, case))


def _say(decided: Decided, name: str, request: HttpRequest) -> str:
    """What was done; what was typed for it is not needed any longer."""
    request.session.pop(TYPED, None)
    who = decided.done[0].person.name if decided.count == 1 else f"已办理 {decided.count} 人"
    done = f"{who}：{ACTS[name]}" if decided.count else "已经办理过，没有变动"
    return f"{done}；{decided.said_of_left}" if decided.count and decided.left else done


def _left_to_do(case: Batch) -> dict[str, Any]:
    """How many can be passed at once, are to be looked at again, are open; is anybody not to be judged by the rules?"""
    return {
        "ready_count": case.standings.count((R.FILED, "met")),
        "recheck_count": to_recheck(case),
        "waiting_count": sum(state == R.FILED for state, _ in case.standings),
        "unjudged": any(state in AnnualRecord.OPEN and outcome == "undetermined" for state, outcome in case.standings),
    }


def _refused(request: HttpRequest, case: Batch) -> dict[str, Any]:
    """What was sent with an act that was refused, once: its reason by the form that it was typed in (`reasons`), and
    that form where the reason is what is wanted."""
    kept: dict[str, Any] = request.session.pop(TYPED, {})
    if kept.get("batch") != case.pk:
        return {"reasons": {}, "wanted": ""}
    return {"reasons": {kept["act_on"]: kept["reason"]}, "wanted": kept["act_on"] if kept.get("wanted") else ""}


@can(DO_BUREAU_WORK)
def materials(request: HttpRequest, pk: int) -> HttpResponse:
    """Note which of the notice's seven were looked at; the boxes stand on the counter's page too."""
    case = get_visible_or_404(Batch.objects.select_related("unit"), request, pk=pk)
    form = MaterialsForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.check_materials(
            batch=case, seen=form.cleaned_data["seen"], actor=request.user, version=form.version
        ),
        title="查验资料",
        lead=str(case),
        submit_label="登记已查验",
        done=lambda checked: f"已登记查验资料 {len(checked.materials_seen)} 项",
        back=reverse("batches:counter", args=[case.pk]),
        then=_back(request, case),
    )


@any_account
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's year: the frozen verdict, what the ledger holds, the papers, what happened."""
    rows = AnnualRecord.objects.select_related("person", "unit", "batch__unit", "waived_by", "decided_by")
    case = get_visible_or_404(rows, request, pk=pk)
    # Where the person went since, the hours are another unit's business; whoever reviews the year looks at its hours.
    sees_person = Person.objects.visible_to(request.user).filter(pk=case.person_id).exists()
    present = sees_person or (case.batch is not None and REVIEWER.test(request.user, case.batch))
    entries = LedgerEntry.objects.filter(person=case.person)
    entries = entries if present else entries.visible_to(request.user)
    kind = case._meta.label_lower
    about = Q(subject_type=kind, subject_id=case.pk) | Q(case_type=kind, case_id=case.pk)
    papers = Paper.objects.filter(about)
    is_open = case.batch is not None and case.state in AnnualRecord.OPEN
    context = {
        "page": case_page(case, request.user),
        "title": f"{case.person.name} {case.year} 年度验证",
        "kind": "年度验证",
        "number": case.batch.number if case.batch else "",
        "lead": case.unit.name,
        "crumbs": _record_crumbs(case, request),
        "given_up": why_given_up(case),
        "filed_anew": filed_anew(case, request.user),
        "verdict": thaw(case.verdict) if case.verdict else None,
        "sees_person": sees_person,
        "present": present,
        "entries": list(entries.between(case.first_year or case.year, case.year)),
        "awaited": on_their_way([case.person], case.year).get(case.person_id, []) if present else [],
        "newer": present and bool(outdated([case])),
        "in_review": is_looked_at_again(case),
        "amounts": amounts(case),
        "papers": list(papers.select_related("seal").order_by("-pk")),
        "may_refreeze": is_open and not services.why_not_refreeze(case.batch, request.user),
        "may_number": not services.why_not_typed(case, request.user),
        "exchanges": is_to_exchange(case),
        "expired_on": expired_on(case, owners([case])) if is_open else None,
    }
    return render(request, "verification_batches/record.html", context)


@can(READ_PEOPLE)
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the number of the booklet that somebody is issued, or put a wrong one right."""
    rows = AnnualRecord.objects.select_related("person", "unit", "batch__unit")
    case = get_visible_or_404(rows, request, pk=pk)
    decides = request.user.holds(*DO_BUREAU_WORK.roles) or (case.batch and REVIEWER.test(request.user, case.batch))
    if not decides:
        raise Http404
    exchanges = is_to_exchange(case)
    former = f"原证书 {case.certificate_number}" if exchanges else ""
    form = CertificateForm(posted(request), initial={"number": "" if exchanges else case.certificate_number})
    return form_page(
        request,
        form,
        lambda: services.type_number(row=case, actor=request.user, **form.cleaned_data),
        title="填写新证书编号" if exchanges else "填写证书编号",
        lead="　".join(filter(None, (case.person.name, f"{case.year} 年度", case.kinds, former))),
        submit_label="保存编号",
        done="已填写证书编号，并登记在本人名下",
        back=[*_record_crumbs(case, request)[:-1], (case.person.name, case.get_absolute_url())],
    )


def _record_crumbs(case: AnnualRecord, request: HttpRequest) -> list[tuple[str, str]]:
    """A draft is the unit's own: others see the record of who gave the year up, but not the batch."""
    seen = case.batch and (case.batch.first_submitted_at or may_edit(case.batch, request.user))
    batch = [(str(case.batch), case.batch.get_absolute_url())] if case.batch and seen else []
    return [("年度验证", reverse("batches:list")), *batch, (case.person.name, "")]


def phrases() -> list[str]:
    """The bureau's library of reasons for rows (product.md S5)."""
    kind = AnnualRecord._meta.label_lower
    return list(ReturnPhrase.objects.filter(active=True, case_type=kind).values_list("wrong", flat=True))


def _back(request: HttpRequest, case: Batch) -> str:
    return own_page(request.POST.get("next", ""), reverse("batches:counter", args=[case.pk]))


def _page_of(case: Batch, row: int) -> str:
    """The counter with this row in hand. No fragment: a browser that jumps to one gives the focus to nobody."""
    return f"{reverse('batches:counter', args=[case.pk])}?row={row}"


def _page_of_number(request: HttpRequest, typed: str) -> str:
    """The counter's page of the batch whose number was typed, as its cover sheet shows it; empty for anything else."""
    number = unicodedata.normalize("NFKC", typed).upper()
    found = Batch.objects.visible_to(request.user).filter(number=number).first() if number else None
    return reverse("batches:arrived", args=[found.pk]) if found else ""


def _in_hand(request: HttpRequest, case: Batch, shown: Any) -> AnnualRecord | None:
    """The row that was chosen, else the first of the page that waits, else the first."""
    row = whole_number(request.GET.get("row", ""))
    rows = list(shown)
    if row is not None:
        chosen = case.records.select_related("person").annotate(newer=newer_entry()).filter(pk=row).first()
        if chosen:
            return chosen
    waiting = (each for each in rows if each.state in (R.FILED, R.SUPPLEMENT))
    return next(waiting, rows[0] if rows else None)


def _with_reckoning() -> Any:
    """Batches as the counter shows them, each with the id of its last reckoning (`waivers.last_reckoning`)."""
    last = reckonings_of(OuterRef("pk")).order_by("-pk").values("pk")[:1]
    rows = Batch.objects.select_related("unit", "appointment__slot").annotate(reckoned=Subquery(last))
    return with_season(rows)


def _onward(case: Batch, pk: int, request: HttpRequest) -> Callable[[Decided], str]:
    """Where the morning goes on when whoever is in hand is dealt with: the next by name who waits, from the first again
    behind the last; the same page while nobody else waits, and where nothing is decided by it (withdrawn)."""

    def following(decided: Decided) -> str:
        here = _back(request, case)
        if not decided.count or request.POST["act"] == "withdraw":
            return here
        waits = R.ASKED if decided.done[0].state == R.ASKED else R.FILED
        rows = case.records.filter(Q(state=waits) | Q(pk=pk)).order_by("person__pinyin", "pk")
        keys = list(rows.values_list("pk", flat=True))
        others = keys[keys.index(pk) + 1 :] + keys[: keys.index(pk)] if pk in keys else []
        return _page_of(case, others[0]) if others else here

    return following


def _hand_context(hand: AnnualRecord, request: HttpRequest) -> dict[str, Any]:
    return {
        "record": hand,
        "verdict": thaw(hand.verdict) if hand.verdict else None,
        "met": may_be_verified(hand),
        "short": "" if may_be_verified(hand) else shortfall(hand.verdict),
        "actions": {action.transition.name: action for action in actions_for(hand, request.user)},
        "awaited": len(on_their_way([hand.person], hand.year).get(hand.person_id, [])),
    }


def _materials(case: Batch) -> list[tuple[Material, int, bool, bool]]:
    """Each of the seven: number, asked for by what the rows hold, seen."""
    asked = set(needed(case))
    seen = set(case.materials_seen)
    return [(each, number, each in asked, each.value in seen) for number, each in enumerate(Material, 1)]
