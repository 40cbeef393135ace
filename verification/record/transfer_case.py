"""The states of a record that was taken over and who moves it: as a declaration of kind transfer (V1, V10)."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.filters import by_number
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.plain import value_of
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from units.access import APPROVER, FILER, HANDLER
from units.filed_case import Filing, authority_reply, reply, tell_filer
from units.models import Person
from verification.declarations.case import AUTHORITY, REVIEWER, lies_with_authority
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, counter_many, post_each
from verification.record.belief import belief_of
from verification.record.meetings import ENTRY, compared_for_page
from verification.record.models import Transfer
from verification.record.transfers import Decision, decide

State = Transfer.State
ACCEPT = "verification.record.accept_form.AcceptForm"
AT_ONCE = 300  # entries; about a second


# --- guards -----------------------------------------------------------------------------------------------------------


def works_here(context: Context) -> str | None:
    """A unit takes over the records of its own people only."""
    case = context.case
    if Person.objects.employed_in(case.unit).filter(pk=case.person_id).exists():
        return None
    return f"{case.person}已不在本单位，由现单位转入"


def is_believed(context: Context) -> str | None:
    """The signature holds by the keys as they are registered now."""
    return belief_of(context.case).problem or None


def something_counts(context: Context) -> str | None:
    """What cannot count here is told entry by entry; where nothing can, there is nothing to file."""
    found = compared_for_page(context.case).meetings
    if any(not each.barred for each in found):
        return None
    return f"记录里的学时都不能计入：{first_of(list(dict.fromkeys(each.barred for each in found)), measure='种情况')}"


def is_decided(context: Context) -> str | None:
    """The reviewer has said which entries count, and looked at the other district's public check."""
    decision = Decision.read(context.data)
    if context.ahead:
        return None
    if decision is None:
        return "请打开该件，逐条勾选计入的学时，并到对方核验页核对"
    first = context.case.paper_dated
    if first <= decision.checked_on <= clock.local(context.now).date():
        return None
    return f"在对方核验页核对的日期应在证明日期 {full(first)} 到今天之间"


# --- effects ----------------------------------------------------------------------------------------------------------


def enter_into_ledger(context: Context) -> None:
    """Each entry that counts keeps its form, days and organiser, so that caps and cycles count it as they would have
    there; where it came from stands with it."""
    case: Transfer = context.case
    decision = Decision.read(context.data)
    assert decision  # is_decided
    reason = f"由{case.district.name}转入，证明 {case.paper_number}（{case.number}）"[:300]
    entries = [
        (entry, value_of(NewEntry, entry, person_id=case.person_id, reason=reason, paid=False))
        for entry in decide(case, decision)
    ]
    post_each(entries=entries, actor=context.actor)
    tell_filer(context)


def take_out_of_ledger(context: Context) -> None:
    """An acceptance that was wrong: its entries are countered, never deleted."""
    keys = context.case.entries.values("pk")
    standing = LedgerEntry.objects.filter(source_type=ENTRY, source_id__in=keys).standing()
    counter_many(entries=standing, reason=context.note[:300], actor=context.actor)
    tell_filer(context)


def is_big(case: Transfer) -> bool:
    """Does it take more than a second to enter it?"""
    return case.entries.count() > AT_ONCE


# --- table ------------------------------------------------------------------------------------------------------------

STANDS = (is_believed, something_counts)


FILING = Filing(
    "提交审核",
    act="提交外区记录转入",
    reads="审核外区记录转入",
    again="补正后重新提交",
    reader=REVIEWER,
    told=lambda case: (),  # they stand on the start page, as declarations do
    noted=lambda case: f"{case.district.name}　{case.paper_number}",
    whole=(works_here, *STANDS),
    many=True,
)

TRANSFER = Workflow(
    states={
        **FILING.states(),
        State.SUBMITTED: state(
            "is-turn",
            Turn(AUTHORITY, FILING.reads, authority_reply, when=lies_with_authority, note=FILING.noted),
            Turn(HANDLER, FILING.reads, reply, when=lambda case: not lies_with_authority(case), note=FILING.noted),
        ),
        State.ACCEPTED: state("is-done"),
        State.REFUSED: state("is-late"),
        State.WITHDRAWN: state("is-idle"),
        State.REVOKED: state("is-late"),
    },
    transitions=(
        *FILING.transitions(),
        Transition(
            "withdraw", "撤回转入", (State.DRAFT, State.SUBMITTED, State.RETURNED), State.WITHDRAWN, FILER, "撤回转入",
            style="danger",
        ),
        Transition(
            "refuse", "不予认可", (State.SUBMITTED,), State.REFUSED, REVIEWER, "不予认可",
            effect=tell_filer, form=REASON, style="danger", many=True,
        ),
        Transition(
            "accept", "认可并入账", (State.SUBMITTED,), State.ACCEPTED, REVIEWER, "认可",
            guards=(*STANDS, is_decided), effect=enter_into_ledger, style="primary", form=ACCEPT, slow=is_big,
        ),
        Transition(
            "revoke", "撤销认可并冲销", (State.ACCEPTED,), State.REVOKED, APPROVER, "撤销认可",
            effect=take_out_of_ledger, form=REASON, style="danger", slow=is_big,
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申报单位"),
        Step("审核", (State.SUBMITTED,), "审核人员"),
        Step("入账", (), "认可后自动"),
    ),
)  # fmt: skip

KIND = CaseKind(
    Transfer,
    TRANSFER,
    rows=lambda rows: rows.select_related("person", "district"),
    finds=by_number("ZR", "paper_number"),
    places=lambda case: {"电子记录": reverse("record:take_over")},
    phrases=(("纸质证明没有带来核对", "请带证明原件到区人社局核对"),),
    entries=(
        NavItem(
            "外区记录转入",
            "file-input",
            "record:transfers",
            READ_PEOPLE.roles,
            group=Section.ELSEWHERE,
            order=46,
            also=("record:take_over", "record:transfer"),
            whole=False,
        ),
    ),
    demo=Demo("外区记录转入", "verification.record.demo.build_transfers", order=98),
    clauses=("一(四)",),
)
