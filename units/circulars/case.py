"""Circulars and their receipts (notice 三1; product.md S10): states, guards and transitions, and the two kinds."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.access import FOLLOW_CIRCULARS, SEND_CIRCULARS, Actor, Role
from luojiang_ce.files.materials import Material, files_of
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.notices.services import notify
from luojiang_ce.words import first_of
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, Rules, the_day_itself
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Who, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, fire, fire_many
from luojiang_ce.workflow.events import history, record_many
from units.access import FILER, NOBODY
from units.circulars.audiences import SHOWN, audience_of, recipients, without_clerk
from units.circulars.models import Circular, Receipt
from units.models import Unit
from units.notify import clerks_of_units, tell

# notice 三1: 及时传达文件精神; the day is the sender's.
PASS_ON = DeadlineKind(
    "circular", "传达文件", "通知 三1", the_day_itself("发件单位要求在 {day} 前传达"), public=False, filed=False
)
MATERIALS = (
    Material("document", "文件", "印发的文件，PDF 为好；正文已在页面上写全的可以不附", required=lambda case: False),
    Material("annex", "附件", "附表、材料，可以多份", required=lambda case: False),
)


def _writes_for(actor: Actor, circular: Circular) -> bool:
    """In whose hands a circular of this unit is. A provider's clerk writes about the own class alone."""
    if not circular.about_id and circular.unit_id in actor.unit_ids(*SEND_CIRCULARS.roles):
        return True
    if circular.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        return False
    unit = circular.unit
    return bool(circular.about_id or (unit.is_authority and not unit.is_bureau))


SENDER = Who("发件单位", (*SEND_CIRCULARS.roles, Role.UNIT_CLERK), _writes_for)
# Whose start page a draft is on: the officers', of a class the provider's clerk.
OFFICER, PROVIDER = Who("发件单位", SEND_CIRCULARS.roles, _writes_for), Who("发件单位专办员", FILER.roles, _writes_for)
RECIPIENT = Who("收件单位专办员", FILER.roles, FILER.test)


def may_change(circular: Circular, actor: Actor) -> bool:
    """Its sender's, as long as it is a draft: what was sent is corrected by a new one."""
    return circular.state == Circular.State.DRAFT and SENDER.test(actor, circular)


# --- guards -----------------------------------------------------------------------------------------------------------


def says_something(context: Context) -> str | None:
    if context.case.text.strip() or files_of(context.case):
        return None
    return "还没有正文，也没有文件：请写正文，或上传文件"


def day_is_ahead(context: Context) -> str | None:
    due = context.case.read_by
    if due >= clock.local(context.now).date():
        return None
    return f"传达期限 {full_with_weekday(due)} 已经过去，请改为今天或以后的日期"


def has_recipients(context: Context) -> str | None:
    if recipients(context.case).exists():
        return None
    return "按现在的收件范围没有一个单位，请修改收件范围"


def about_stands(context: Context) -> str | None:
    """Who is not with the class any more, or whose class was taken back, writes to nobody of it."""
    case: Circular = context.case
    if not case.about_id or audience_of(case.about_type).may_write(case.about, context.actor):
        return None
    return "现在不能给这个培训班学员的单位发通知：培训班须已准予开班"


def corrected_stands(context: Context) -> str | None:
    old = context.case.corrects
    if old is None or old.state == Circular.State.SENT:
        return None
    return f"要更正的通知《{old.title}》{old.get_state_display()}，不能再更正；请另发新的通知"


# --- effects ----------------------------------------------------------------------------------------------------------


def deliver(context: Context) -> None:
    """A receipt for each unit, fixed from now on; clerks are told, and the sender whom nobody can read it for."""
    case: Circular = context.case
    case.sent_at = context.now
    units = list(recipients(case))
    rows = [Receipt(circular=case, unit=unit, created_by_id=context.actor.pk) for unit in units]
    made = Receipt.objects.bulk_create(rows)
    record_many([(row, {}) for row in made], DELIVERED, actor=context.actor)
    keys = [unit.pk for unit in units]
    day = full_with_weekday(case.read_by)
    tell(clerks_of_units(keys), f"通知：{case.title}", context, text=f"{case.unit.name}要求在 {day} 前传达")
    _tell_of_bare(context, without_clerk(Unit.objects.filter(pk__in=keys).order_by("code")))
    if case.corrects:
        fire(case.corrects, "supersede", actor=context.actor, note=f"已由新的通知《{case.title}》更正")


def _tell_of_bare(context: Context, bare: list[Unit]) -> None:
    if not bare:
        return
    case = context.case
    named = first_of([unit.short for unit in bare], SHOWN, "个单位")
    text = f"{named}。任命专办员以后，专办员会在首页看到；急的请电话告知"
    title = f"{len(bare)} 个单位没有专办员，暂时送不到：{case.title}"
    notify([context.actor], title, key=f"circular-{case.pk}-bare", text=text, case=case)


def take_back(context: Context) -> None:
    """Nobody needs to read it any more; who had read it stays on record."""
    case: Circular = context.case
    fire_many(case.receipts.exclude(state=Receipt.State.CLOSED), "close", actor=SYSTEM)
    keys = case.receipts.values("unit")
    tell(clerks_of_units(keys), f"通知已撤回：{case.title}", context)


def note_reading(context: Context) -> None:
    receipt: Receipt = context.case
    receipt.read_at, receipt.read_by_id = context.now, context.actor.pk


def note_passing_on(context: Context) -> None:
    """Who passes it on has read it."""
    receipt: Receipt = context.case
    if receipt.read_at is None:
        note_reading(context)
    receipt.passed_on_at, receipt.passed_on_to = context.now, context.data["people"]


def note_number(context: Context) -> None:
    context.case.passed_on_to = context.data["people"]


# --- tables -----------------------------------------------------------------------------------------------------------

C = Circular.State
CIRCULAR = Workflow(
    states={
        C.DRAFT: state(
            "is-idle",
            Turn(OFFICER, "发出通知", when=lambda case: not case.about_id),
            Turn(PROVIDER, "发出通知", when=lambda case: bool(case.about_id)),
        ),
        C.SENT: state("is-done"),
        C.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        Transition(
            "send", "发出通知", (C.DRAFT,), C.SENT, SENDER, "发出",
            guards=(says_something, day_is_ahead, has_recipients, about_stands, corrected_stands), effect=deliver,
            style="primary",
        ),
        Transition(
            "withdraw", "撤回通知", (C.SENT,), C.WITHDRAWN, SENDER, "撤回",
            effect=take_back, form=REASON, style="danger",
        ),
        Transition(
            "supersede", "更正", (C.SENT,), C.WITHDRAWN, SENDER, "更正", effect=take_back, hidden=True
        ),
    ),
)  # fmt: skip


def due(receipt: Receipt, terms: Rules) -> Deadline:
    """The day that the sender has set."""
    return terms.due(PASS_ON, receipt.circular.read_by)


R = Receipt.State
HOW_MANY = "units.circulars.forms.PassedOnForm"
RECEIPT = Workflow(
    states={
        R.WAITING: state("is-soon", Turn(RECIPIENT, "阅读通知", due)),
        R.READ: state("is-wait", Turn(RECIPIENT, "传达", due, when=lambda receipt: receipt.circular.to_people)),
        R.PASSED_ON: state("is-done"),
        R.CLOSED: state("is-idle"),
    },
    transitions=(
        Transition(
            "read", "确认已读", (R.WAITING,), R.READ, RECIPIENT, "确认已读", effect=note_reading, many=True
        ),
        Transition(
            "pass_on", "确认已传达", (R.WAITING, R.READ), R.PASSED_ON, RECIPIENT, "传达",
            effect=note_passing_on, form=HOW_MANY, style="primary",
        ),
        Transition(
            "recount", "更正传达人数", (R.PASSED_ON,), R.PASSED_ON, RECIPIENT, "更正传达人数",
            effect=note_number, form=HOW_MANY,
        ),
        Transition("close", "撤回", (R.WAITING, R.READ, R.PASSED_ON), R.CLOSED, NOBODY, "随通知撤回", hidden=True),
    ),
    path=(Step("阅读", (R.WAITING,), "收件单位"), Step("传达", (R.READ,), "收件单位", lambda r: r.circular.to_people)),
    within="circular",
)  # fmt: skip

# --- kinds ------------------------------------------------------------------------------------------------------------

DELIVERED, REMINDED = "delivered", "reminded"
SENT_ENTRY = NavItem("通知传达", "megaphone", "circulars:list", FOLLOW_CIRCULARS.roles, order=58, group=Section.OFFICE)
RECEIVED_ENTRY = NavItem("通知", "megaphone", "circulars:receipts", (Role.UNIT_CLERK,), order=58, group=Section.OFFICE)
CIRCULAR_KIND = CaseKind(
    Circular,
    CIRCULAR,
    named=lambda case: case.title,
    drafts=may_change,
    deadlines=(PASS_ON,),
    rows=lambda rows: rows.select_related("unit"),
    finds=by_words("number", "title"),
    files=FileRules(lambda case: MATERIALS, may_change),
    entries=(SENT_ENTRY,),
    events={DELIVERED: "送达", REMINDED: "催办"},
    demo=Demo("通知传达", "units.circulars.demo.build", order=96),
    clauses=("三1",),
)
RECEIPT_KIND = CaseKind(
    Receipt,
    RECEIPT,
    named=lambda case: case.circular.title,
    deadlines=(),
    missable=lambda case: False,  # who does not read loses nothing; the list of who has not is the sanction
    rows=lambda rows: rows.select_related("circular__unit", "unit"),
    entries=(RECEIVED_ENTRY,),
)


def told(receipt: Receipt) -> dict[str, Any]:
    """What a clerk needs beside the document: whom it is meant for, where the sender knows them by name."""
    about = receipt.circular.about
    names = audience_of(receipt.circular.about_type).names(about, receipt.unit_id) if about else []
    return {"about": about, "names": names}


def why_withdrawn(circular: Circular) -> str:
    """The reason that was given; empty for one that stands. One query for one that was withdrawn."""
    if circular.state != Circular.State.WITHDRAWN:
        return ""
    event = history(circular).filter(target=Circular.State.WITHDRAWN).exclude(source=F("target")).first()
    note = getattr(event, "note_row", None)
    return str(note.text) if note else ""
