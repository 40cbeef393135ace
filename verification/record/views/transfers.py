"""Records of other districts: the list, taking one over, the case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.checked_json import as_day
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.slow_steps import with_steps
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import whole_number
from luojiang_ce.uploads.places import RECORD
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.pages import case_page
from units.access import sees_district, sees_many_units
from units.models import Employment, Person, Unit
from verification.record import transfers as service
from verification.record.belief import belief_of
from verification.record.forms import TakeOverForm, TransferFilter
from verification.record.meetings import Compared, compared_for_page
from verification.record.models import Transfer
from verification.record.transfer_case import TRANSFER

ABOUT = "外区出具的电子记录，验过签名、对过本人，由审核人员认可后入账；只有纸质证明的，按“外区转入”申报"
ABOVE = ("外区记录转入", "record:transfers")
LEFT_OUT = 10  # named of what an earlier record held and this one does not


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The records that the account sees, newest first."""
    account: Any = request.user
    rows = Transfer.objects.visible_to(account).select_related("unit", "person", "district")
    context = list_context(request, rows.order_by("-pk"), filterset=TransferFilter)
    links = [HeadLink("导入电子记录", reverse("record:take_over"), "file-input", primary=True)]
    context |= {
        "title": "外区记录转入",
        "lead": ABOUT,
        "links": links if account.holds(Role.UNIT_CLERK) else [],
        "rows": [(row, TRANSFER.states[row.state].meaning) for row in context["page_obj"]],
        "unit": "件",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有转入过外区的电子记录"},
    }
    context |= acts_on_many(request, Transfer, READ_PEOPLE, "record:export_transfers")
    return render(request, "record/transfers.html", context)


export = export_view(READ_PEOPLE, "record_transfers")


@takes_files(RECORD)
@roles(Role.UNIT_CLERK)
def take_over(request: HttpRequest) -> HttpResponse:
    """Take over the record of one of the unit's people."""
    account: Any = request.user
    jobs = Employment.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK), ended_on=None)
    form = TakeOverForm(
        posted(request),
        request.FILES or None,
        people=Person.objects.filter(pk__in=jobs.values("person")),
        initial={"person": whole_number(request.GET.get("person", ""))},
    )

    def save() -> Transfer:
        person = form.cleaned_data["person"]
        unit = Unit.objects.get(pk__in=jobs.filter(person=person).values("unit")[:1])
        return service.take_over(
            content=form.cleaned_data["file"], code=form.cleaned_data["code"], person=person, unit=unit, actor=account
        )

    return form_page(
        request,
        form,
        save,
        title="导入外区电子记录",
        lead=ABOUT,
        submit_label="核验并导入",
        done=lambda made: f"签名和本人都已核对，已保存草稿 {made.number}。核对重叠的学时，然后提交审核",
        back=reverse(ABOVE[1]),
        crumbs=[(ABOVE[0], reverse(ABOVE[1])), ("导入", "")],
        then=lambda made: made,
        why="文件不符的，什么都不会保存，页面说明原因",
    )


@can(READ_PEOPLE)
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: where it is from, its entries, what the person has here already, what can be done."""
    account: Any = request.user
    rows = with_steps(Transfer.objects.select_related("unit", "person", "district"))
    case = get_visible_or_404(rows, request, pk=pk)
    # What the person has here by now is no matter of a unit where they were before.
    sees = sees_district(account) or Person.objects.visible_to(account).filter(pk=case.person_id).exists()
    beside = compared_for_page(case) if sees else Compared([], [])
    found = {each.entry.pk: each for each in beside.meetings if case.state in Transfer.WAITING}
    entries = [each.entry for each in beside.meetings] or list(case.entries.all())
    told = service.content_of(case)
    context = {
        "page": case_page(case, account),
        "title": f"{case.person.name}　由{case.district}转入",
        "kind": "外区记录转入",
        "number": case.number,
        "lead": f"{case.unit}",
        "crumbs": [(ABOVE[0], reverse(ABOVE[1])), (case.number, "")],
        "case": case,
        "sums": service.sums_of(entries),
        "entries": [(entry, found.get(entry.pk)) for entry in entries],
        "barred": sum(bool(each.barred) for each in found.values()),
        "met": sum(bool(each.meets) and not each.barred for each in found.values()),
        "others": service.others_shown(case, beside.of_the_district, account),
        "left_out": first_of(service.left_out(case, beside), LEFT_OUT, "条"),
        "told": told,
        "checked": f"{full(clock.local(case.created_at).date())}导入时核对过签名、本人",
        "belief": belief_of(case) if case.state in Transfer.WAITING else None,
        "exported": as_day(told["exported"]) if told else None,
    }
    return render(request, "record/transfer.html", context)
