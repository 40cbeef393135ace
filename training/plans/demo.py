"""Plans of the demo district in every state: published, a second batch under consent, others on the way.

Everything is filed and decided through the services and guards, with the clock set to the day it would have happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.services import attach
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from training.choices import Category, Form, Funding
from training.plans import bodies, consents, services
from training.plans.case import PLAN_DUE
from training.plans.models import Consent, ConsentBody, Plan, PlanBatch, PlanItem
from units.demo import a_paper, account, clerk_of, moment, workdays_from_today
from units.models import Account, Unit
from units.opinions.services import give_opinion
from verification.choices import Measure

# unit code -> its classes: (title, content, category, public, professional, people, month of the first session)
CLASSES: Mapping[str, tuple[tuple[str, str, str, str, str, int, int], ...]] = {
    "LJHR": (("专业技术人员公共科目培训班", "公共科目", Category.PUBLIC, "24", "0", 120, 9),),
    "QLNJ": (
        ("农产品质量安全检测技术培训班", "抽检规范、样品制备、快检方法", Category.PROFESSIONAL, "0", "22", 60, 10),
        ("果蔬冷链保鲜技术培训班", "采后处理、冷链保鲜", Category.PROFESSIONAL, "0", "20", 50, 12),
        ("水肥一体化技术培训班", "灌溉施肥、设备运行", Category.PROFESSIONAL, "0", "16", 40, 11),
        ("农机安全操作培训班", "操作规程、事故案例", Category.PROFESSIONAL, "0", "12", 40, 6),
    ),
    "HSSL": (("小型水库安全运行培训班", "巡查、调度、应急", Category.PROFESSIONAL, "0", "16", 40, 11),),
    "JSJX": (("小学数学命题与评价研修班", "命题、评价", Category.SEMINAR, "0", "24", 40, 10),),
    "YLYY": (("压疮护理新进展培训班", "护理新进展", Category.PROFESSIONAL, "0", "12", 60, 11),),
    "DZJG": (("危大工程专项方案编审培训班", "专项方案编审", Category.PROFESSIONAL, "0", "20", 45, 11),),
}
MORE = ("茶叶加工技能研修班", "短视频营销技能培训班", "赴外研学活动")
LATER = {"YLYY": "急诊分诊与院前急救培训班"}


def build() -> str:
    """Plans, items, batches; nothing where there are plans already."""
    if Plan.objects.exists():
        return "演示计划已有，未改动"
    today = clock.today()
    for year in _years(today):
        due = current_rules().due(PLAN_DUE, year).due
        if today < due + timedelta(days=125):  # classes that lie before the spring were planned in the autumn before
            due = date(year - 1, 11, 14)
        plans = [_filed_plan(code, year, due - timedelta(days=12)) for code in CLASSES]
        _publish(plans, year, due)
    _go_on_line()
    year = today.year
    _second_batch(year)
    _being_gathered(year)
    _on_the_way(year)
    return f"{Plan.objects.count()} 份计划，{PlanItem.objects.count()} 个项目"


def _years(today: date) -> list[int]:
    """The years in which the classes of the demo lie, of the last three months and the next five weeks."""
    return sorted({(today + timedelta(days=days)).year for days in (-90, 40)})


def _filed_plan(code: str, year: int, day: date) -> Plan:
    unit = Unit.objects.get(code=code)
    clerk = clerk_of(unit)
    with clock.at(moment(day)):
        plan = services.open_plan(unit=unit, year=year, actor=clerk)
        for row in CLASSES[code]:
            services.save_item(item=_item(plan, *row), actor=clerk)
        attach(case=plan, material="scheme", upload=a_paper(f"{year} 年度培训方案"), actor=clerk)
        fire(plan, "submit", actor=clerk)
    return plan


def _item(
    plan: Plan, title: str, content: str, category: str, public: str, professional: str, people: int, month: int
) -> PlanItem:
    starts = date(plan.year, month, 12)
    medical = plan.unit.nature == Unit.Nature.MEDICAL
    facts: dict[str, Any] = {"measure": Measure.CREDITS if medical else Measure.HOURS, "form": Form.FACE}
    return PlanItem(
        plan=plan,
        unit=plan.unit,
        organiser=plan.unit.name,
        title=title,
        basis=f"{plan.year} 年度培训方案",
        content=content,
        category=category,
        audience="本区相关专业技术人员",
        sessions=3,
        people=people,
        starts_on=starts,
        ends_on=starts + timedelta(days=2),
        days=Decimal(3),
        place="单位培训室",
        public_amount=Decimal(public),
        professional_amount=Decimal(professional),
        funding=Funding.BUDGET,
        budget=Decimal(300 * people),
        contact=plan.filler or "联系人",
        phone="0595-0000-0126",
        **facts,
    )


def _publish(plans: list[Plan], year: int, due: date) -> None:
    handler, approver = account("handler"), account("approver")
    with clock.at(moment(due - timedelta(days=9))):
        items = [{"where": "第 1 行", "wrong": "办班依据不具体", "mend": "写明文件名和文号"}]
        fire(plans[1], "return", actor=handler, data={"items": items})
    with clock.at(moment(due - timedelta(days=7))):
        answers = {str(item.pk): "已写明年度培训方案的文号" for item in open_items(plans[1])}
        fire(plans[1], "resubmit", actor=clerk_of(plans[1].unit), data={"answers": answers})
    with clock.at(moment(due - timedelta(days=5))):
        for plan in plans:
            fire(plan, "check", actor=handler)
        batch = services.open_batch(year=year, actor=handler)
        services.gather(batch=batch, items=list(PlanItem.objects.filter(plan__in=plans)), actor=handler)
        fire(batch, "send", actor=handler)
    with clock.at(moment(due + timedelta(days=6))):
        for body in ConsentBody.objects.all():
            _consent(batch, body, handler)
    with clock.at(moment(due + timedelta(days=10))):
        day = clock.today()
        number = f"泉洛政人社〔{day.year}〕{15 if day.year == year else 41}号"
        document = {"document_number": number, "published_on": day}
        fire(batch, "publish", actor=approver, data=document)


def _consent(batch: PlanBatch, body: ConsentBody, handler: Account) -> None:
    facts = {
        "result": Consent.Result.AGREED,
        "given_on": clock.today(),
        "document": f"会议纪要〔{batch.year}〕3号",
        "person": "宁致远",
        "note": "",
    }
    consents.record_consent(batch=batch, body=body, facts=facts, scans=[checked(a_paper(f"{body}意见"))], actor=handler)


def _go_on_line() -> None:
    """Until now both bodies answered on paper."""
    for body, code in zip(ConsentBody.objects.all(), ("LJHR", "LJJW"), strict=True):
        facts = {"name": body.name, "position": body.position, "starts_on": None, "ends_on": None}
        unit = Unit.objects.get(code=code)
        bodies.save_body(body=body, facts={**facts, "unit": unit}, actor=account("handler"))


def _second_batch(year: int) -> None:
    """A supplement under consent: one body has agreed on-line but for one item, the other one has struck one by letter
    and has the rest to answer."""
    handler, today = account("handler"), clock.today()
    plans = [
        _supplement("YLYY", year, today - timedelta(days=20)),
        _supplement("QLNJ", year, today - timedelta(days=19), titles=MORE),
    ]
    with clock.at(moment(today - timedelta(days=15))):
        for plan in plans:
            fire(plan, "check", actor=handler)
        batch = services.open_batch(year=year, actor=handler)
        services.gather(batch=batch, items=list(PlanItem.objects.filter(plan__in=plans)), actor=handler)
        fire(batch, "send", actor=handler)
    officer, body = account("consent"), ConsentBody.objects.get(unit__code="LJHR")
    with clock.at(moment(today - timedelta(days=13))):
        objections = {batch.items.get(title=MORE[1]).pk: "与其他单位的班重复"}
        facts = {"result": Consent.Result.AGREED, "note": "", "document": ""}
        consents.give_consent(batch=batch, body=body, facts=facts, objections=objections, actor=officer)
        struck, why = batch.items.get(title=MORE[2]), "不属于培训，来函要求划去"
        fire(struck, "strike", actor=handler, note=why, data={"body": ConsentBody.objects.get(unit__code="LJJW")})


def _being_gathered(year: int) -> None:
    """A third batch: one item is in it, one still waits to be put in."""
    handler, today = account("handler"), clock.today()
    plan = _supplement("LJHR", year, today - timedelta(days=7), titles=("数字技能提升培训班", "档案管理培训班"))
    with clock.at(moment(today - timedelta(days=5))):
        fire(plan, "check", actor=handler)
        services.gather(
            batch=services.open_batch(year=year, actor=handler), items=list(plan.items.all()[:1]), actor=handler
        )


def _on_the_way(year: int) -> None:
    """Supplements: filed, returned, refused in part and as a whole; a plan of this year and one of the next begun."""
    handler, today = account("handler"), clock.today()
    _supplement("DZJG", year, workdays_from_today(-8))  # the bureau's five working days are over
    returned = _supplement("HSSL", year, today - timedelta(days=6))
    with clock.at(moment(today - timedelta(days=3))):
        items = [{"where": "经费", "wrong": "经费预算没有明细", "mend": "在培训方案中附预算明细"}]
        fire(returned, "return", actor=handler, data={"items": items})
    checked = _supplement("JSJX", year, today - timedelta(days=9))
    with clock.at(moment(today - timedelta(days=8))):
        said = "列入本系统培训，讲授内容须与教研安排衔接"
        give_opinion(case=checked, result="agreed", text=said, file=None, actor=account("authority"))
    with clock.at(moment(today - timedelta(days=4))):
        fire(checked.items.first(), "refuse", actor=handler, note="内容与已公布的项目相同")
        fire(checked, "check", actor=handler)
    _supplement("JSJX", year, workdays_from_today(-2), titles=("班主任工作研修班",))
    refused = _supplement("YLYY", year, today - timedelta(days=10))
    with clock.at(moment(today - timedelta(days=4))):
        fire(refused, "refuse", actor=account("approver"), note="与已报的增补计划相同")
    for code, of_year in (("HPJD", year), ("QLNJ", year + 1)):
        unit = Unit.objects.get(code=code)
        services.open_plan(unit=unit, year=of_year, actor=clerk_of(unit))


def _supplement(code: str, year: int, day: date, titles: tuple[str, ...] = ()) -> Plan:
    unit = Unit.objects.get(code=code)
    clerk = clerk_of(unit)
    with clock.at(moment(day)):
        leave = "区人社局局务会同意"
        plan = services.allow_supplement(unit=unit, year=year, leave=leave, actor=account("approver"))
        for title in titles or (LATER.get(code, "专业技能提升培训班"),):
            row = (title, "专业技能", Category.PROFESSIONAL, "0", "16", 40, 12)
            services.save_item(item=_item(plan, *row), actor=clerk)
        attach(case=plan, material="scheme", upload=a_paper("增补培训方案"), actor=clerk)
        fire(plan, "submit", actor=clerk)
    return plan
