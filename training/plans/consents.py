"""Writing the bodies' answers (notice 一(五)1, P3): on-line by their officers, or by the bureau from paper.

Whichever came first stands until it is replaced, with a reason and on record. When every body has answered, what one
of them objected to is struck, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Role, is_same_person
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.services import attach
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Standing
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import event_since, last_of, record
from luojiang_ce.workflow.models import Event
from units.models import Account, Assignment
from units.notify import approvers, handlers

from .bodies import asked_of, bodies_of, unanswered
from .consenting import agreed_of, waits_for_publication
from .materials import consent_code, has_scan
from .models import Consent, ConsentBody, ItemAnswer, Plan, PlanBatch, PlanItem

FROZEN = "只有会签中的汇总可以登记会签意见；公布后意见不能改动"
AGREED, OBJECTED = Consent.Result.AGREED, Consent.Result.OBJECTED
ASIDE = ItemAnswer.Answer.ASIDE
Objections = Mapping[int, str]  # by the id of an item: why the body does not agree to it


# --- what stands there ------------------------------------------------------------------------------------------------


def answer_of(batch: PlanBatch, body: ConsentBody) -> Consent | None:
    """The body's answer as it stands, with who gave or recorded it and what it says of single items. Two queries."""
    rows = Consent.objects.filter(batch=batch, body=body).select_related("recorded_by", "body")
    return rows.prefetch_related("items__item").first()


def objections_of(answer: Consent | None) -> dict[int, str]:
    """The items that an answer objects to, with the reasons."""
    said = answer.items.all() if answer else ()
    return {each.item_id: each.reason for each in said if each.answer == ItemAnswer.Answer.OBJECTED}


def standing(answer: Consent | None) -> Standing:
    """An answer as what two people may have open at once."""
    if answer is None:
        return Standing(())
    of_items = sorted((each.item_id, each.answer, each.reason) for each in answer.items.all())
    values = (answer.way, answer.result, answer.given_on, answer.document, answer.person, answer.note, of_items)
    return Standing(values, answer.recorded_by, answer.recorded_at)


def in_words(answer: Consent) -> str:
    """Who answered how, when and what: for the history, beside what replaces it."""
    single = "；".join(
        f"“{each.item.title}”{each.get_answer_display()}{f'（{each.reason}）' if each.reason else ''}"
        for each in answer.items.select_related("item")
    )
    said = f"{answer.get_way_display()}，{full(answer.given_on)}，{answer.person}：{answer.get_result_display()}"
    return "。".join(filter(None, (said, answer.note, single)))


def own_items(batch: PlanBatch, account: Account) -> set[int]:
    """The items about which a person does not decide, whatever the account: of a unit whose clerk the person is, or of
    a plan that the person has filed."""
    rows = list(batch.items.values_list("pk", "unit_id", "plan_id"))
    clerks = Assignment.objects.current().filter(role=Role.UNIT_CLERK, unit__in={unit for _, unit, _ in rows})
    units = {each.unit_id for each in clerks.select_related("account") if is_same_person(each.account, account)}
    filings = Event.objects.filter(case_type=Plan._meta.label_lower, case_id__in={plan for *_, plan in rows})
    handed = filings.filter(name__in=("submit", "resubmit")).select_related("actor")
    plans = {each.case_id for each in handed if each.actor and is_same_person(each.actor, account)}
    return {item for item, unit, plan in rows if unit in units or plan in plans}


def problems(
    batch: PlanBatch, result: str, note: str, objections: Objections, *, replaced: Consent | None, why: str
) -> Iterator[tuple[str, str]]:
    """What is wrong with an answer, each with the field it belongs to; the same for form and act."""
    if result == OBJECTED and not note.strip():
        yield "note", "不同意须写明理由"
    for item in batch.items.filter(pk__in=objections):
        if result == AGREED and not objections[item.pk].strip():
            yield f"why_{item.pk}", f"“{item.title}”不同意须写明理由"
    if replaced and not why.strip():
        yield "why", f"{replaced.body}的意见已有记录（{in_words(replaced)}），替换须写明原因"


def problems_of_day(batch: PlanBatch, day: date) -> str:
    """Why an answer on paper cannot bear this date; empty where it can."""
    if day > clock.today():
        return "会签日期在今天之后，请核对"
    sent = clock.local(batch.sent_at).date() if batch.sent_at else None
    return f"会签日期早于送会签的日期（{full(sent)}），请核对" if sent and day < sent else ""


# --- answers ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def give_consent(
    *,
    batch: PlanBatch,
    body: ConsentBody,
    facts: Mapping[str, Any],
    actor: Account,
    objections: Objections | None = None,
    why: str = "",
    version: int | None = None,
) -> Consent:
    """A body's own officer answers on-line; the date is today's. `facts`: result, note, document.

    Raises PermissionDenied unless the actor answers for the body; NotPossible where the batch is not before it, the
    same person has answered for another body, or something is missing; Conflict.
    """
    if body.pk not in {each.pk for each in bodies_of(actor)}:
        raise PermissionDenied(f"account {actor.pk} does not answer for body {body.pk}")
    locked = _under_consent(batch, body)
    _only_for_one(locked, body, actor)
    aside = own_items(locked, actor)
    if aside and facts["result"] == OBJECTED:
        raise NotPossible(result="汇总里有您单位的项目，您不能对整批表态，请逐项写明")
    if len(aside) == locked.items.count():
        raise NotPossible("汇总里的项目都是您单位的，请本会签单位的其他账号办理，或交书面意见")
    said = {**facts, "way": Consent.Way.ONLINE, "given_on": clock.today(), "person": actor.name}
    return _put(locked, body, said, objections or {}, actor=actor, why=why, version=version, aside=aside)


@transaction.atomic
def record_consent(
    *,
    batch: PlanBatch,
    body: ConsentBody,
    facts: Mapping[str, Any],
    scans: Sequence[Checked],
    actor: Account,
    objections: Objections | None = None,
    why: str = "",
    version: int | None = None,
) -> Consent:
    """Record, or correct, a body's answer given on paper (notice 一(五)1). Frozen once published (NotPossible).

    `facts`: result, given_on, document, person, note. The answer needs its scan (P3, NotPossible): one of these or
    one that is there. Raises Conflict when another answer was given or recorded since `version`.
    """
    locked = _under_consent(batch, body)
    standing(answer_of(locked, body)).must_be(version)
    if wrong := problems_of_day(locked, facts["given_on"]):
        raise NotPossible(given_on=wrong)
    for scan in scans:
        attach(case=locked, material=consent_code(body), upload=scan, actor=actor)
    if not scans and not has_scan(locked, body):
        raise NotPossible(f"还没有{body}意见的扫描件，请选择扫描件后再登记")
    said = {**facts, "way": Consent.Way.PAPER}
    return _put(locked, body, said, objections or {}, actor=actor, why=why, version=version)


def _under_consent(batch: PlanBatch, body: ConsentBody) -> PlanBatch:
    """The batch, locked, while it lies before this body. Raises NotPossible."""
    locked = PlanBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != PlanBatch.State.CONSENTING:
        raise NotPossible(FROZEN)
    if body.pk not in {each.pk for each in asked_of(locked)}:
        raise NotPossible(f"送会签那天“{body}”不在会签单位之列，不需要它的意见")
    return locked


def _only_for_one(batch: PlanBatch, body: ConsentBody, actor: Account) -> None:
    """notice 一(五)1 asks two bodies: nobody answers for both."""
    others = batch.consents.exclude(body=body).filter(way=Consent.Way.ONLINE).select_related("recorded_by", "body")
    for other in others:
        if is_same_person(other.recorded_by, actor):
            raise NotPossible(f"您已为{other.body}出具意见，两家的意见须由两人分别出具")


def _put(
    batch: PlanBatch,
    body: ConsentBody,
    said: Mapping[str, Any],
    objections: Objections,
    *,
    actor: Account,
    why: str,
    version: int | None,
    aside: Iterable[int] = (),
) -> Consent:
    former = answer_of(batch, body)
    standing(former).must_be(version)
    answers = _answers(former, said["result"], objections, set(aside))
    if former and _says_the_same(former, said, answers):
        return former
    wrong = list(problems(batch, said["result"], said["note"], objections, replaced=former, why=why))
    if wrong:
        raise NotPossible(**dict(wrong))
    told = f"原为{in_words(former)}。替换原因：{why}" if former else ""
    facts = {**said, "recorded_by": actor, "recorded_at": clock.now()}
    consent, _ = Consent.objects.update_or_create(batch=batch, body=body, defaults=facts)
    consent.items.all().delete()
    ItemAnswer.objects.bulk_create(
        ItemAnswer(consent=consent, item_id=pk, answer=answer, reason=reason)
        for pk, (answer, reason) in answers.items()
    )
    _tell(batch, consent, told, actor)
    return consent


def _answers(
    former: Consent | None, result: str, objections: Objections, aside: set[int]
) -> dict[int, tuple[str, str]]:
    """What the answer says of single items. Of those from which the officer stands aside it is what another of the
    body said before, or nothing yet."""
    if result == OBJECTED:
        return {}
    said = {pk: (str(ItemAnswer.Answer.OBJECTED), why) for pk, why in objections.items() if pk not in aside}
    if former is None or former.result == OBJECTED:
        return said | {pk: (str(ASIDE), "") for pk in aside}
    return said | {each.item_id: (each.answer, each.reason) for each in former.items.all() if each.item_id in aside}


def _says_the_same(former: Consent, said: Mapping[str, Any], answers: Mapping[int, tuple[str, str]]) -> bool:
    of_items = {each.item_id: (each.answer, each.reason) for each in former.items.all()}
    return of_items == answers and all(getattr(former, name) == value for name, value in said.items())


def _tell(batch: PlanBatch, consent: Consent, replaced: str, actor: Account) -> None:
    """Write the event, let what the answers say take effect, and tell the bureau how far it has come."""
    online = consent.way == Consent.Way.ONLINE
    name = "consent_replaced" if replaced else "consent_given" if online else "consent"
    note = "。".join(filter(None, (f"{consent.body}，{in_words(consent)}", replaced)))
    event = record(batch, name, actor=actor, note=note, data={"body": consent.body_id, "result": consent.result})
    fresh = PlanBatch.objects.prefetch_related("consents__items").get(pk=batch.pk)
    settle(fresh)
    title = f"{agreed_of(fresh)}：{batch}"
    if online:
        notify(handlers(), title, key=f"consent-{event.pk}", text=str(consent), case=batch)
    if waits_for_publication(fresh):
        notify(approvers(), f"会签已齐，可以发文公布：{batch}", key=f"consented-{event.pk}", case=batch)


def settle(batch: PlanBatch) -> None:
    """Once every body has answered: what one of them objects to is struck with the reason, what none objects to any
    more goes on. What the bureau struck by itself, or a body when the batch was sent before, stays struck."""
    if unanswered(batch):
        return
    reasons: dict[int, list[str]] = {}
    objected = ItemAnswer.objects.filter(consent__batch=batch, answer=ItemAnswer.Answer.OBJECTED)
    for each in objected.select_related("consent__body"):
        reasons.setdefault(each.item_id, []).append(f"{each.consent.body}不同意：{each.reason}")
    for item in batch.items.filter(state=PlanItem.State.BATCHED, pk__in=reasons):
        fire(item, "object", actor=SYSTEM, note="；".join(reasons[item.pk]))
    sent_at = batch.sent_at or batch.created_at
    for item in batch.items.filter(state=PlanItem.State.STRUCK).exclude(pk__in=reasons):
        if last_of(item, "object", "strike") == "object" and event_since(item, "object", sent_at):
            fire(item, "readmit", actor=SYSTEM, note="会签单位改为同意")
