"""Corrections of the demo district, in every state.

Everything goes through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from training.recognition.corrections import services
from training.recognition.counting import tally
from training.recognition.models import Recognition, RecognitionCorrection
from units.demo import a_paper, account, clerk_of, moment

FOUND = "检查发现一名学员第二天由他人代签"
MISTAKEN = "经核对笔迹，代签一节不成立"
ASKED = "一名学员第一天上午在场，签到表原件有本人签名，系统中漏录签退"
WITHOUT_PROOF = "一名学员称第一天下午在场"
RETURNED = ({"where": "佐证材料", "wrong": "看不清签名", "mend": "重新扫描原件"},)


def build() -> str:
    """Nothing where there are corrections already."""
    if RecognitionCorrection.objects.exists():
        return "演示更正已有，未改动"
    posted = Recognition.objects.filter(state__in=Recognition.POSTED)
    _by_the_bureau(posted.get(application__project__title__startswith="农产品质量安全检测"))
    _by_its_provider(posted.get(application__project__title__startswith="专业技术人员公共科目"))
    return f"{RecognitionCorrection.objects.count()} 件学时更正"


def _by_the_bureau(case: Recognition) -> None:
    """Decided and taken back again; refused to the provider; begun and dropped; one that waits for the approver, beside
    the draft of one that the provider still writes."""
    handler, approver = account("handler"), account("approver")
    decided = _proposed(case, FOUND, days_ago=5)
    with clock.at(_day(4)):
        fire(decided, "correct", actor=approver)
    with clock.at(_day(4, 15)):
        back = services.begin(recognition=case, reason=MISTAKEN, actor=handler)
        services.undo(correction=back, earlier=decided, actor=handler)
        fire(RecognitionCorrection.objects.get(pk=back.pk), "propose", actor=handler, note="已与班主任核对")
    with clock.at(_day(3)):
        fire(RecognitionCorrection.objects.get(pk=back.pk), "correct", actor=approver)
    refused = _asked(case, WITHOUT_PROOF, days_ago=3)
    with clock.at(_day(2)):
        _halve(refused)
        fire(RecognitionCorrection.objects.get(pk=refused.pk), "check", actor=handler)
        fire(RecognitionCorrection.objects.get(pk=refused.pk), "refuse", actor=approver, note="签到表上没有本人签名")
    with clock.at(_day(2, 15)):
        fire(services.begin(recognition=case, reason=FOUND, actor=handler), "drop", actor=handler)
    with clock.at(_day(1)):
        services.begin(recognition=case, reason=ASKED, actor=clerk_of(case.unit))
    _proposed(case, FOUND, days_ago=1)


def _by_its_provider(case: Recognition) -> None:
    """One that was sent back, and one that waits for the handler."""
    returned = _asked(case, ASKED, days_ago=4)
    with clock.at(_day(3)):
        fire(returned, "return", actor=account("handler"), data={"items": RETURNED})
    _asked(case, ASKED, days_ago=2)


def _proposed(case: Recognition, reason: str, days_ago: int) -> RecognitionCorrection:
    """What the handler found by himself, before the approver."""
    handler = account("handler")
    with clock.at(_day(days_ago)):
        made = services.begin(recognition=case, reason=reason, actor=handler)
        _halve(made)
        made = RecognitionCorrection.objects.get(pk=made.pk)
        fire(made, "propose", actor=handler, note="已与班主任核对")
    return made


def _asked(case: Recognition, reason: str, days_ago: int) -> RecognitionCorrection:
    """A provider's application, as it is filed."""
    clerk = clerk_of(case.unit)
    with clock.at(_day(days_ago)):
        made = services.begin(recognition=case, reason=reason, actor=clerk)
        attach(case=made, material="evidence", upload=a_paper("签到表原件"), actor=clerk)
        fire(made, "submit", actor=clerk)
    return made


def _halve(made: RecognitionCorrection) -> None:
    """The last trainee who earned something gets half."""
    trainee = [each for each in tally(made.recognition).trainees if each.finals][-1]
    amounts = {(final.year, final.subject): final.amount / 2 for final in trainee.finals}
    services.set_amounts(
        correction=made,
        enrolment=trainee.enrolment,
        amounts=amounts,
        reason="第二天由他人代签",
        actor=account("handler"),
    )


def _day(days_ago: int, hour: int = 10) -> datetime:
    return moment(clock.today() - timedelta(days=days_ago), hour)
