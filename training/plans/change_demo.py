"""Changes of published projects in the demo district: one withdrawn and one changed by decision, others on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.services import run
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from training.plans.changing import draft_of, put_into, save_change
from training.plans.models import PlanBatch, PlanItem, ProjectChange
from training.plans.publication import proposed
from units.demo import a_paper, account, clerk_of, moment
from units.models import Account

What = ProjectChange.What
WITHDRAWN = "农机安全操作培训班"  # published, then withdrawn at its unit's wish; no class was filed


def build() -> str:
    """Nothing where there are changes already."""
    if ProjectChange.objects.exists():
        return "演示变更已有，未改动"
    today = clock.today()
    withdrawn = _asked(_project(WITHDRAWN), today - timedelta(days=25), "单位来函：设备未到位，本年度不办")
    _decided(withdrawn, 3, "局务会纪要〔{year}〕9号")
    place = {"place": "区农业技术推广实训基地", "people": "45"}
    moved = _asked(_project("水肥一体化技术培训班"), today - timedelta(days=18), "原场地装修，改在实训基地", place)
    _decided(moved, 1, "局务会纪要〔{year}〕10号")
    _on_the_way(today)
    return f"{ProjectChange.objects.count()} 件公布项目变更"


def _on_the_way(today: date) -> None:
    """One in each state in which nothing is decided, and one that was refused."""
    more = {"people": "60"}
    _asked(_project("危大工程专项方案编审培训班"), today - timedelta(days=2), "报名人数超出预计", more)
    refused = _asked(_project("小学数学命题与评价研修班"), today - timedelta(days=9), "拟并入其他班")
    with clock.at(moment(today - timedelta(days=6))):
        fire(refused, "check", actor=account("handler"))
        fire(refused, "refuse", actor=account("approver"), note="报名已经开始，应当如期办班")
    checked = _asked(_project("压疮护理新进展培训班"), today - timedelta(days=4), "报名人数超出预计", {"people": "80"})
    with clock.at(moment(today - timedelta(days=2))):
        attach(case=checked, material="decision", upload=a_paper("局务会纪要"), actor=account("handler"))
        fire(checked, "check", actor=account("handler"))
    returned = _asked(_project("小型水库安全运行培训班"), today - timedelta(days=5), "场地不够", {"place": "水利会堂"})
    with clock.at(moment(today - timedelta(days=3))):
        items = [{"where": "理由", "wrong": "没有写明新场地能坐多少人", "mend": "写明人数"}]
        fire(returned, "return", actor=account("handler"), data={"items": items})
    given_up = _drafted(_project("专业技术人员公共科目培训班"), today - timedelta(days=3), "报名人数不足", more)
    with clock.at(moment(today - timedelta(days=1))):
        fire(given_up, "cancel", actor=clerk_of(given_up.unit))
    _drafted(_project("农产品质量安全检测技术培训班"), today, "增加一期", {"sessions": "4"})


def _project(title: str) -> PlanItem:
    """That of this year."""
    projects = PlanItem.objects.published().select_related("unit", "plan", "batch")
    return projects.get(title=title, plan__year=clock.today().year, plan__supplement=0)


def _asked(item: PlanItem, day: date, reason: str, values: Mapping[str, str] | None = None) -> ProjectChange:
    """Asked for by the unit, with its letter; a withdrawal where there are no values."""
    change, clerk = _drafted(item, day, reason, values), clerk_of(item.unit)
    with clock.at(moment(day)):
        attach(case=change, material="letter", upload=a_paper("申请报告"), actor=clerk)
        fire(change, "submit", actor=clerk)
    return change


def _drafted(item: PlanItem, day: date, reason: str, values: Mapping[str, str] | None = None) -> ProjectChange:
    clerk, what = clerk_of(item.unit), What.CHANGE if values else What.WITHDRAWAL
    with clock.at(moment(day)):
        wanted = put_into(PlanItem.objects.select_related("plan").get(pk=item.pk), values) if values else None
        return save_change(change=draft_of(item, what, clerk), wanted=wanted, reason=reason, actor=clerk)


def _decided(change: ProjectChange, days_ago: int, decision: str) -> None:
    """Prepared by the handler, decided by the approver, the list issued on the same day: some days ago, no earlier than
    the document before it."""
    _issued(change)
    before = PlanBatch.objects.aggregate(last=Max("published_on"))["last"]
    day = max(clock.today() - timedelta(days=days_ago), before)
    handler: Account = account("handler")
    with clock.at(moment(day)):
        attach(case=change, material="decision", upload=a_paper("局务会纪要"), actor=handler)
        fire(change, "check", actor=handler)
        document: Mapping[str, Any] = {"document_number": str(proposed(day)), "published_on": day}
        decided = {"decision": decision.format(year=day.year), "decided_on": day}
        fire(change, "decide", actor=account("approver"), note=change.reason, data={**document, **decided})


def _issued(change: ProjectChange) -> None:
    """The document that will be replaced was issued in its time."""
    for paper in Paper.objects.of(change.batch).filter(state=Paper.State.PENDING):
        run(paper.job_id or 0)
