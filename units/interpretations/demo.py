"""Interpretations in every state, invented."""

from __future__ import annotations

from datetime import timedelta

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from units.demo import account, moment
from units.interpretations import services
from units.interpretations.models import Interpretation

# Clause, question, answer, how many days ago it was written, and how far it went.
MADE = (
    (
        *("一(五)3", "半日里签到、签退只有一次的，能不能计学时"),
        "签到、签退各一次才计。确已到课而漏签的，由申办单位写明理由更正，更正留有记录。（演示）",
        *(200, ("propose", "publish")),
    ),
    (
        *("二(三)2", "年底调出本区的人员要不要报送当年的验证"),
        "2月底前已不在本区任职的，由调入地办理。（演示）",
        *(90, ("propose", "publish", "withdraw")),
    ),
    (
        *("一(四)", "听一次学术讲座怎样折算学时"),
        "省里没有下发折算标准以前，由单位据实申报，附讲座通知。（演示）",
        *(5, ("propose",)),
    ),
    ("一(五)2", "同一项目的第二期要不要另行申请", "每期单独申请。（演示）", 1, ()),
)


def build() -> str:
    """Nothing where there are interpretations already."""
    if Interpretation.objects.exists():
        return "演示条款解释已有，未改动"
    for clause, question, answer, ago, steps in MADE:
        day = clock.today() - timedelta(days=ago)
        with clock.at(moment(day)):
            facts = {"clause": clause, "question": question, "answer": answer, "document": "", "holds_from": day}
            case = services.draft(actor=account("handler"), **facts)
            for step in steps:
                who = account("handler" if step == "propose" else "approver")
                fire(case, step, actor=who, note="解释有误，另行公布" if step == "withdraw" else "")
    return f"{Interpretation.objects.count()} 条"
