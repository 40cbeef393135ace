"""Rule sets on their way: one that nobody has figures for yet, and the alternative of 2024, tried and proposed."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow.engine import fire
from units.demo import account
from verification.requirements import services
from verification.requirements.models import Level, Rule, RuleSet

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
    run(services.try_out(rule_set=revised, year=clock.today().year, actor=handler).pk)
    fire(revised, "propose", actor=handler, note="与省卫健委官网核对过学分和学时")
    return f"{RuleSet.objects.count()} 套"
