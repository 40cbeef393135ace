"""Circulars of the demo district: one under way, one withdrawn, a draft, one of an authority to its schools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from units.circulars.models import Circular, Receipt
from units.circulars.services import Written, draft, remind
from units.demo import a_paper, account, moment, workdays_from_today
from units.models import Account, Unit
from units.notify import clerks_of

VERIFY = "关于做好本年度专业技术人员继续教育验证准备工作的通知"
TEXT = "请各单位核对在册人员名单和学时，缺学时的及早安排。\n有关材料按通知附件4的格式准备。\n（演示内容，为虚构）"
PEOPLE = {"QLNJ": 42, "BXXX": 36}  # units that passed it on, and to how many
READ = ("HSSL", "YLYY")


def build() -> str:
    """Nothing where there are circulars already."""
    if Circular.objects.exists():
        return "演示通知已有，未改动"
    handler, bureau = account("handler"), Unit.objects.get(is_bureau=True)
    with clock.at(moment(clock.today() - timedelta(days=6))):
        sent = _sent(bureau, handler, VERIFY, "泉洛政人社〔2026〕演示1号")
    with clock.at(moment(clock.today() - timedelta(days=4))):
        _answered(sent)
    with clock.at(moment(clock.today() - timedelta(days=1))):
        remind(circular=sent, actor=handler)
    with clock.at(moment(clock.today() - timedelta(days=3))):
        wrong = _sent(bureau, handler, "关于系统停机维护的通知", "", ("school", "medical"))
        fire(wrong, "withdraw", actor=handler, note="停机时间改期，另行通知")
    education = Unit.objects.get(code="LJJY")
    _sent(education, account("education"), "关于报送教师校本研修安排的通知", "")
    draft(unit=bureau, written=_written("关于举办公共科目培训的通知", ""), actor=handler)
    return f"{Circular.objects.count()} 份通知，{Receipt.objects.count()} 份回执"


def _written(title: str, number: str, natures: Sequence[str] = ()) -> Written:
    audience = Circular.Audience.KINDS if natures else Circular.Audience.ALL
    scope = {"natures": list(natures)} if natures else {}
    return Written(title, number, TEXT, workdays_from_today(5), True, audience, scope)


def _sent(unit: Unit, sender: Account, title: str, number: str, natures: Sequence[str] = ()) -> Circular:
    made = draft(unit=unit, written=_written(title, number, natures), actor=sender)
    attach(case=made, material="document", upload=a_paper(title), actor=sender)
    fire(made, "send", actor=sender)
    return made


def _answered(sent: Circular) -> None:
    for receipt in sent.receipts.select_related("unit").filter(unit__code__in=[*PEOPLE, *READ]):
        clerk = clerks_of(receipt.unit_id).first()
        if clerk and receipt.unit.code in PEOPLE:
            fire(receipt, "pass_on", actor=clerk, data={"people": PEOPLE[receipt.unit.code]})
        elif clerk:
            fire(receipt, "read", actor=clerk)
