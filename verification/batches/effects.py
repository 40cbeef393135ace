"""What the transitions of batches, records and appointments do besides changing the state."""

from __future__ import annotations

from typing import Any

from luojiang_ce.papers.numbering import next_number
from luojiang_ce.papers.services import request_paper, request_papers, revoke_standing
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.engine import SYSTEM, Refused, fire, fire_many
from luojiang_ce.workflow.events import last_actor
from units.filed_case import MENDING, tell_filer
from units.notify import clerks_of, handlers, tell

from . import letters, waivers
from .certificates import number_and_keep
from .coming_back import bring_back
from .completeness import missing_of
from .facts import freeze_records, outdated
from .filers import filing_clerks
from .models import AnnualRecord, Appointment, Batch, Path
from .papers import page_kind, roster_kind
from .routing import authority_of
from .two_seals import Pair, pair_of, said_of
from .who import keepers

R, A = AnnualRecord.State, Appointment.State
ROSTER_REVOKED = "册内有人的验证结论已撤销，本花名册作废，以重新签发的为准"
DECIDED_BY = ("finish", "validate")  # the steps whose actor answers for the seals of a batch (审批人)
BATCH_CLOSED = (Batch.State.DECIDED, Batch.State.STAMPED)


# --- batches ----------------------------------------------------------------------------------------------------------


def give_number(context: Context) -> None:
    """No gaps, no doubles."""
    batch: Batch = context.case
    batch.number = next_number("verification_batch", batch.year, seed="{year}-V-{seq:04d}", title="验证批次")


def file_rows(context: Context) -> None:
    """What decides about the rows is frozen as of now (V3), and they are filed with their batch."""
    batch: Batch = context.case
    bring_back(list(batch.records.filter(state=R.GIVEN_UP)), "list_again", actor=context.actor)
    freeze_records(list(batch.records.filter(state__in=AnnualRecord.UNDECIDED)))
    if problems := missing_of(batch):
        raise Refused(context.transition, [f"{each.where}：{each.text}" for each in problems])
    fire_many(batch.records.filter(state=R.LISTED), "file", actor=context.actor)


def send_rows(context: Context) -> None:
    """Filed for review: to whom it goes is settled now."""
    context.case.authority = authority_of(context.case.unit, context.case.path)
    file_rows(context)


def reopen_rows(context: Context) -> None:
    """The rows can be mended again; a seat that was booked is kept."""
    fire_many(context.case.records.filter(state=R.FILED), "unfile", actor=context.actor)


def take_rows_back(context: Context) -> None:
    """What was taken back was not filed, neither the batch nor its rows."""
    reopen_rows(context)
    context.case.records.update(first_submitted_at=None, submitted_at=None)
    _give_seat_back(context, "批次已撤回")


def _give_seat_back(context: Context, why: str) -> None:
    """The seat is free again, unless other batches come with it."""
    appointment = context.case.appointment
    if appointment and appointment.state == A.BOOKED and appointment.batches.count() == 1:
        fire(appointment, "cancel", actor=context.actor, note=why)
    context.case.appointment = None


def send_back(context: Context) -> None:
    reopen_rows(context)
    tell_filer(context)


def pass_on(context: Context) -> None:
    """Reviewed: the unit may book, the bureau knows."""
    batch: Batch = context.case
    tell(clerks_of(batch.unit_id), f"{batch}：初审通过，请预约办理时间", context)
    tell(handlers(), f"收到{batch}，初审已通过", context)


def validate(context: Context) -> None:
    """notice 二(一): the education bureau looks at a teacher's year and stamps it."""
    rows = list(context.case.records.filter(state=R.FILED))
    fire_many(rows, "validate", actor=context.actor, data={"newer": sorted(outdated(rows))})
    tell(keepers(context.case), f"{context.case}待验印", context)
    tell_filer(context)


def unvalidate(context: Context) -> None:
    fire_many(context.case.records.filter(state=R.VERIFIED), "withdraw_year", actor=context.actor, note=context.note)
    tell_filer(context)


def finish(context: Context) -> None:
    batch: Batch = context.case
    _settle_seat(context)
    tell(keepers(batch), f"{batch}待用印", context)
    tell_filer(context)


def _settle_seat(context: Context) -> None:
    """Who came, came; who was served before the day that was booked does not need the seat any more."""
    appointment = context.case.appointment
    if appointment is None or appointment.state != A.BOOKED:
        return
    if appointment.slot.date <= context.now.date():
        fire(appointment, "come", actor=context.actor)
    else:
        _give_seat_back(context, "已提前办结")


def stamp_pages(context: Context) -> None:
    """Papers for everybody verified and not yet stamped; they are rendered by the worker. Where two seals are asked,
    for those who have both now; the others' pages bear this one from now on. Whoever decided the batch, or before that
    the person, stands in the register as the one who approved of it."""
    batch: Batch = context.case
    rows = batch.records.filter(state=R.VERIFIED).select_related("person", "first_seal", "first_keeper", "decided_by")
    found = [(row, _pair(context, row)) for row in rows.order_by("person__pinyin", "pk")]
    seal = {"first_seal": context.data["seal"].pk}
    fire_many([row for row, pair in found if pair is None], "seal", actor=context.actor, data=seal)
    records = [row for row, pair in found if pair]
    number_and_keep(records, context.actor)
    fire_many(records, "stamp", actor=context.actor)
    whole = None if context.transition.name == "stamp_pages" else last_actor(batch, *DECIDED_BY)
    passed_on = last_actor(batch, "education_pass")
    for pair, approver in dict.fromkeys((pair, whole or row.decided_by) for row, pair in found if pair):
        request_papers(
            page_kind(batch).key,
            batch,
            actor=context.actor,
            subjects=[row for row, each in found if each == pair and (whole or row.decided_by) == approver],
            by_hand=context.data.get("by_hand", ""),
            reason=f"{batch.year}年度继续教育验证",
            applicant=batch.unit.name,
            approver=approver,
            second_approver=passed_on,
            **pair.options(),
        )


def _pair(context: Context, row: Batch | AnnualRecord) -> Pair | None:
    keeper: Any = context.actor
    return pair_of(context.case, row, context.data["seal"], keeper)


def stamp_first(context: Context) -> None:
    """One of two organs has put its seal to all of it (notice 二(一)): the other one's keeper is told."""
    stamp_pages(context)
    batch: Batch = context.case
    put_first(context)
    tell(keepers(batch), f"{batch}待用印：{'、'.join(said_of(batch))}", context)


def stamp(context: Context) -> None:
    """The last pages and the roster as a whole."""
    batch: Batch = context.case
    pair = _pair(context, batch)
    assert pair is not None  # it is the last seal that was awaited
    stamp_pages(context)
    request_paper(
        roster_kind(batch).key,
        batch,
        actor=context.actor,
        by_hand=context.data.get("by_hand", ""),
        reason=f"{batch.year}年度继续教育验证花名册",
        applicant=batch.unit.name,
        approver=last_actor(batch, *DECIDED_BY),
        second_approver=last_actor(batch, "education_pass"),
        **pair.options(),
    )
    tell(clerks_of(batch.unit_id), f"{batch}已盖章，文书正在生成", context)


def reopen(context: Context) -> None:
    """What is decided anew is stamped anew: a first seal on the whole does not stand any more."""
    take_first_off(context.case)
    tell_filer(context)


# --- records ----------------------------------------------------------------------------------------------------------


def mark_filed(context: Context) -> None:
    """When a person was first filed decides whether the year was in time (P2)."""
    record: AnnualRecord = context.case
    record.submitted_at, record.mend_by = context.now, None
    record.first_submitted_at = record.first_submitted_at or context.now


def let_in_again(context: Context) -> None:
    """A proved reason undoes what was given up (V8): the year may be filed although it is late; in a batch of its own
    where the one in which it was filed is closed."""
    context.case.restored_at, context.case.mend_by = context.now, None
    letters.withdraw_refusals([context.case], actor=context.actor)
    tell_of_record(context)
    if context.case.was_filed and not context.case.goes_on_in_its_batch:
        context.case.batch = None


def let_come(context: Context) -> None:
    """A proved reason undoes it (V8): whoever never came may still be brought to the counter."""
    batch: Batch = context.case.batch
    if batch.state == Batch.State.NEVER_CAME:
        fire(batch, "open_again", actor=SYSTEM, note=context.note)
    let_in_again(context)


def decide(context: Context) -> None:
    record: AnnualRecord = context.case
    letters.fulfil_alone(context)
    record.reason = context.note
    record.decided_at, record.decided_by_id = context.now, context.actor.pk
    record.waived_by_id = record.supplement_by = None


def verify(context: Context) -> None:
    """Who has what is asked is passed without a reason: one left in the field from the last person is not printed."""
    decide(context)
    context.case.reason = ""


def ask(context: Context) -> None:
    """The reason goes to the approver, with who asks."""
    decide(context)
    waivers.tell_alone(context)


def refuse_waiver(context: Context) -> None:
    """Back to the counter, which decides otherwise."""
    waivers.tell_alone(context)
    undecide(context)


def unask(context: Context) -> None:
    """The figures are others now: whoever asked looks at them again."""
    waivers.tell_alone(context)
    undecide(context)


def waive(context: Context) -> None:
    """Verified although unmet: who let it pass and why is printed (notice 一(三)1: 一般不少于)."""
    waivers.tell_alone(context)
    decide(context)
    context.case.waived_by_id = context.actor.pk


def ask_for_more(context: Context) -> None:
    decide(context)
    context.case.supplement_by = current_rules().due(MENDING, context.now.date()).due
    letters.send_alone(context)
    tell_of_record(context)


def fail(context: Context) -> None:
    decide(context)
    letters.send_alone(context)
    tell_of_record(context)


def undecide(context: Context) -> None:
    record: AnnualRecord = context.case
    record.reason = ""
    record.decided_at = record.decided_by_id = record.waived_by_id = record.supplement_by = None
    take_first_off(record)


def put_first(context: Context) -> None:
    """The seal of one of two organs is put; the paper is made when the other's is."""
    seal = context.data.get("seal")
    context.case.first_seal_id = seal.pk if seal else context.data["first_seal"]
    context.case.first_keeper_id = context.actor.pk


def take_first_off(row: Batch | AnnualRecord) -> None:
    """The first of two seals does not stand any more."""
    row.first_seal = row.first_keeper = None


def take_back(context: Context) -> None:
    """A wrong decision is withdrawn, and the letter that told of it; those of many at once by the counter."""
    undecide(context)
    if "batch" not in context.data:
        letters.withdraw(context.case.batch, [context.case], context.actor)


def decline(context: Context) -> None:
    """The unit has it in writing."""
    letters.decline(context)
    tell_of_record(context)


def tell_of_record(context: Context) -> None:
    """Only where something is wrong, and one notice for many: bulk acts bring the batch along and tell at the end.
    Whom it is about stands in the text: a title names nobody."""
    record: AnnualRecord = context.case
    if "batch" not in context.data:
        text = "：".join(filter(None, [record.person.name, context.note]))
        about = record.batch or f"{record.year} 年度验证"
        told = filing_clerks({record.unit_id, record.filing_unit_id})
        tell(told, f"{about}：1 人{context.transition.done}", context, text=text)


def revoke(context: Context) -> None:
    """A stamped decision was wrong: its page and the roster are revoked, the batch is open again for who decides it."""
    undecide(context)
    batch: Batch = context.case.batch
    revoke_standing(page_kind(batch).key, batch, subject=context.case, actor=context.actor, reason=context.note)
    again = "reopen_year" if batch.path == Path.TEACHER else "reopen"
    if batch.state in BATCH_CLOSED:
        # Anyone checks the roster: why one of its people's years was withdrawn is that person's page alone to say.
        revoke_standing(roster_kind(batch).key, batch, actor=context.actor, reason=ROSTER_REVOKED)
        fire(batch, again, actor=context.actor, note=context.note)
    tell_of_record(context)
