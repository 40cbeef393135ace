"""Rule sets on their way: one that nobody has figures for yet, and the alternative of 2024, tried and proposed."""

from __future__ import annotations

from decimal import Decimal

from luojiang_ce import clock
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow.engine import fire
from units.demo import account
from units.models import Account
from verification.requirements import services
from verification.requirements.models import FigureChange, Level, Rule, RuleSet, Setting

CHINESE = "中医药人员（试行）"


def build() -> str:
    """Nothing where they are there already."""
    if RuleSet.objects.filter(title=CHINESE).exists():
        return "演示规则已有，未改动"
    handler = account("handler")
    made = services.draft(
        actor=handler,
        title=CHINESE,
        document="国家中医药管理局《中医药继续教育管理办法（试行）》",
        category=RuleSet.Category.MEDICAL,
        levels=list(Level.values),
        series=["中医"],
        first_year=clock.today().year,
        last_year=None,
        note="学分数未见原文，未设定；核实以后再填",
    )
    unset = Rule(rule_set=made, title="年度总学分", source="待核实", measure="credits")
    services.keep_rule(rule=unset, actor=handler)
    revised = services.revise(rule_set=RuleSet.objects.get(code="medical-2024-20"), actor=handler)
    run(services.try_out(case=revised, year=clock.today().year, actor=handler).pk)
    fire(revised, "propose", actor=handler, note="与省卫健委官网核对过学分和学时")
    _figures(handler)
    return f"{RuleSet.objects.count()} 套"


def _figures(handler: Account) -> None:
    """Of years that are long over: one was set and taken back, one waits for the decision, one is being written."""
    first = clock.today().year - 6
    for amount in (Decimal(30), None):
        decided = _figure(first, amount, handler)
        fire(decided, "propose", actor=handler)
        fire(decided, "put_in_force", actor=account("approver"), note="演示")
    fire(_figure(first + 1, Decimal(30), handler), "propose", actor=handler)
    _figure(first + 2, Decimal(30), handler)


def _figure(year: int, amount: Decimal | None, handler: Account) -> FigureChange:
    facts = {"key": Setting.PUBLIC_MINIMUM, "document": "演示文件（虚构）"}
    change = services.keep_figure_change(change=FigureChange(year=year, amount=amount, **facts), actor=handler)
    run(services.try_out(case=change, year=year, actor=handler).pk)
    return change
