"""Corrections of the demo district: one that was decided, one that a provider asks for.

Everything goes through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from training.recognition.corrections import services
from training.recognition.counting import tally
from training.recognition.models import Recognition, RecognitionCorrection
from units.demo import a_paper, account, clerk_of, moment

FOUND = "检查发现一名学员第二天由他人代签"
ASKED = "一名学员第一天上午在场，签到表原件有本人签名，系统中漏录签退"


def build() -> str:
    """Nothing where there are corrections already."""
    if RecognitionCorrection.objects.exists():
        return "演示更正已有，未改动"
    posted = Recognition.objects.filter(state__in=Recognition.POSTED)
    _decided(posted.get(application__project__title__startswith="农产品质量安全检测"))
    _asked_for(posted.get(application__project__title__startswith="专业技术人员公共科目"))
    return f"{RecognitionCorrection.objects.count()} 件学时更正"


def _decided(case: Recognition) -> None:
    """The bureau found it: the last trainee who earned something gets half."""
    handler, today = account("handler"), clock.today()
    with clock.at(moment(today - timedelta(days=4))):
        made = services.begin(recognition=case, reason=FOUND, actor=handler)
        trainee = [each for each in tally(case).trainees if each.finals][-1]
        amounts = {(final.year, final.subject): final.amount / 2 for final in trainee.finals}
        services.set_amounts(
            correction=made, enrolment=trainee.enrolment, amounts=amounts, reason="第二天由他人代签", actor=handler
        )
        made = RecognitionCorrection.objects.get(pk=made.pk)
        fire(made, "propose", actor=handler, note="已与班主任核对")
    with clock.at(moment(today - timedelta(days=3))):
        fire(made, "correct", actor=account("approver"))


def _asked_for(case: Recognition) -> None:
    """A provider's application, which waits for the handler."""
    clerk = clerk_of(case.unit)
    with clock.at(moment(clock.today() - timedelta(days=2))):
        made = services.begin(recognition=case, reason=ASKED, actor=clerk)
        attach(case=made, material="evidence", upload=a_paper("签到表原件"), actor=clerk)
        fire(made, "submit", actor=clerk)
