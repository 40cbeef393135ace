"""The round of consent in the table of a batch: whose turn it is, what stands in the way, what sending it does."""

from __future__ import annotations

from luojiang_ce.access import Role
from luojiang_ce.workflow.case_kind import Context, Who
from units.models import Account
from units.notify import tell

from .bodies import asked_of, consent_bodies, officers, owed_by, unanswered
from .materials import has_scan
from .models import Consent, ItemAnswer, PlanBatch, PlanItem

OFFICER = Who("会签单位", (Role.CONSENT_OFFICER,), lambda actor, batch: bool(owed_by(batch, actor)))

# --- whose turn it is -------------------------------------------------------------------------------------------------


def waits_for_officers(batch: PlanBatch) -> bool:
    """Is there an answer to come that somebody can give on-line?"""
    return any(body.pk in officers() for body in unanswered(batch))


def waits_for_paper(batch: PlanBatch) -> bool:
    """Is there an answer to come that nobody gives on-line?"""
    return any(body.pk not in officers() for body in unanswered(batch))


def waits_for_publication(batch: PlanBatch) -> bool:
    """Has every body answered, and is there something to be published?"""
    return not unanswered(batch) and not came_to_nothing(batch)


def came_to_nothing(batch: PlanBatch) -> bool:
    """Has every body answered, and one of them objected to the whole, or are all items struck? Then the bureau takes
    it back and gathers anew."""
    if unanswered(batch) or not asked_of(batch):
        return False
    objected = any(consent.result == Consent.Result.OBJECTED for consent in batch.consents.all())
    return objected or all(item.state == PlanItem.State.STRUCK for item in batch.items.all())


def agreed_of(batch: PlanBatch) -> str:
    """How many of the bodies agree, as every page says it: 1/2 同意."""
    asked = {body.pk for body in asked_of(batch)}
    agreed = sum(given.body_id in asked and agrees(given) for given in batch.consents.all())
    return f"{agreed}/{len(asked)} 同意"


def agrees(consent: Consent) -> bool:
    """Does the body agree, but for the items that it objects to? Not while it has left one open."""
    return consent.result == Consent.Result.AGREED and consent.is_whole


# --- guards -----------------------------------------------------------------------------------------------------------


def both_bodies_agree(context: Context) -> str | None:
    """notice 一(五)1: 经区治理整顿培训办班工作协调小组和区委反腐败领导小组办公室同意后发文公布."""
    bodies = asked_of(context.case)
    if not bodies:
        return "未设定会签单位，不能公布"
    agreed = {consent.body_id for consent in context.case.consents.all() if agrees(consent)}
    waiting = [body.name for body in bodies if body.pk not in agreed]
    return f"{agreed_of(context.case)}，还缺：{'、'.join(waiting)}" if waiting else None


def consents_have_scans(context: Context) -> str | None:
    """P3: an answer on paper is recorded with its scan, which may have been removed since."""
    on_paper = {given.body_id for given in context.case.consents.all() if given.way == Consent.Way.PAPER}
    bodies = [body for body in consent_bodies() if body.pk in on_paper]
    missing = [f"{body}意见" for body in bodies if not has_scan(context.case, body)]
    return f"还缺扫描件：{'、'.join(missing)}" if missing else None


def not_yet_answered(context: Context) -> str | None:
    """What a body has agreed to goes on; a batch that came to nothing is gathered anew."""
    if not context.case.consents.all() or came_to_nothing(context.case):
        return None
    return "已有会签意见，不能退回汇总"


# --- effects ----------------------------------------------------------------------------------------------------------


def put_before_bodies(context: Context) -> None:
    """The moment decides which bodies are asked; those who answer on-line are told."""
    context.case.sent_at = context.now
    tell(officers_asked(context.case), f"请会签：{context.case}", context)


def take_back(context: Context) -> None:
    """Sent again, it is answered anew: what was answered stays in the history alone."""
    told = officers_asked(context.case)
    ItemAnswer.objects.filter(consent__batch=context.case).delete()
    context.case.consents.all().delete()
    context.case.sent_at = None
    tell(told, f"已退回汇总，暂不会签：{context.case}", context, linked=False)


def officers_asked(batch: PlanBatch) -> list[Account]:
    """Who answers this batch on-line."""
    return [account for body in asked_of(batch) for account in officers().get(body.pk, ())]
