"""Draws of the demo district: one carried out, one whose list lies open until a public number is known, and a random
audit of declarations with originals in every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from units.demo import account, clerk_of, moment, workdays_from_today

from .models import Draw, DrawFigures, OriginalsCheck
from .services import freeze_classes, freeze_declarations, set_figures

AHEAD = timedelta(days=120)
LAST_YEARS = timedelta(days=730)
# What becomes of the originals that were drawn, in their order.
OUTCOMES = ("agree", "differ", "provide", "not_provided", "")
NOTES = {"differ": "原件上的学时与申报的不一致，已转审批人处理", "not_provided": "过期未提供，已电话催告"}


def build() -> str:
    """Figures, draws, originals; nothing where there are any already, or where there is nothing to draw."""
    if Draw.objects.exists():
        return "演示抽查已有，未改动"
    _figures()
    _classes()
    _declarations()
    return f"{Draw.objects.count()} 次抽取，{OriginalsCheck.objects.count()} 件原件核查"


def _figures() -> None:
    figures = DrawFigures(record_weight=2, first_weight=1, yearly=True, reason="演示：局务会研究确定，无上位文件规定")
    set_figures(figures=figures, actor=account("handler"))


def _classes() -> None:
    """One class now, after a list that was given up; the next one waits for a number that nobody knows yet."""
    handler, today = account("handler"), clock.today()
    span: dict[str, Any] = {"since": today, "until": today + AHEAD, "count": 1, "actor": handler}
    try:
        given_up = freeze_classes(**span, seed_from=Draw.Seed.SYSTEM)
        fire(given_up, "cancel", actor=handler, note="范围填错，重新列名单")
        case = freeze_classes(**span, seed_from=Draw.Seed.SYSTEM)
        fire(case, "draw_by_system", actor=handler)
        fire(case, "assign", actor=handler)
        source = "福建省体育彩票 31选7 开奖号码（当日一期）"
        freeze_classes(**span, seed_from=Draw.Seed.PUBLIC, source=source, seed_on=workdays_from_today(2))
    except NotPossible:
        return  # a district in which no class is to come


def _declarations() -> None:
    """What was accepted in the last two years: drawn three weeks ago, and once more today, unknown to the units."""
    handler, since = account("handler"), clock.today() - LAST_YEARS
    span: dict[str, Any] = {"since": since, "seed_from": Draw.Seed.SYSTEM, "actor": handler}
    with clock.at(moment(workdays_from_today(-15))):
        try:
            case = freeze_declarations(**span, until=clock.today(), count=len(OUTCOMES))
        except NotPossible:
            return  # fewer were accepted
        fire(case, "draw_by_system", actor=handler)
        fire(case, "ask", actor=handler, data={"wanted_on": workdays_from_today(10)})
    for check, outcome in zip(case.checks.order_by("pk"), OUTCOMES, strict=False):
        if outcome == "provide":
            fire(check, outcome, actor=clerk_of(check.unit), data={"how": OriginalsCheck.How.BROUGHT})
        elif outcome:
            fire(check, outcome, actor=account("approver"), note=NOTES.get(outcome, ""))
    fire(freeze_declarations(**span, until=clock.today(), count=1), "draw_by_system", actor=handler)
