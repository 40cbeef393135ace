"""Sanctions of one unit of the demo district in every state, through the services and guards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from units.demo import a_paper, account, moment
from units.models import Person, Unit
from units.sanctions import services
from units.sanctions.models import Sanction

# What happened in which learning, the measures, how many days ago it was decided, for how many days it holds, and how
# far it went.
MADE: tuple[tuple[dict[str, Any], int, int | None, tuple[str, ...]], ...] = (
    (
        {
            "breach": "own_time",
            "learning": "植物保护自费研修班（外地民办培训学校）",
            "narrative": "未经单位批准，工作日连续三天外出参加培训，未办理请假手续。",
            "criticism": True,
            "no_refund": True,
        },
        40,
        365,
        ("record",),
    ),
    (
        {
            "breach": "failed",
            "learning": "农产品质量安全检测进修",
            "narrative": "结业考核两次不合格，未取得结业证书。",
            "no_refund": True,
        },
        100,
        None,
        ("record",),
    ),
    (
        {
            "breach": "broken_off",
            "learning": "农业技术推广高级研修班",
            "narrative": "开班第二天起不再到课，事后未说明理由。",
            "criticism": True,
        },
        120,
        90,
        ("record",),
    ),
    (
        {
            "breach": "misconduct",
            "learning": "乡村振兴专题培训班",
            "narrative": "在课堂上与他人争执，影响教学秩序。",
            "criticism": True,
        },
        150,
        None,
        ("record", "withdraw"),
    ),
    (
        {
            "breach": "other",
            "breach_detail": "请他人代签到",
            "learning": "公需科目面授班",
            "narrative": "经核对签到表，两个半日由同事代签。",
            "criticism": True,
            "other_measure": "取消当年评优资格",
        },
        3,
        None,
        (),
    ),
)
WITHDRAWN = "复核认定：争执由对方挑起，本人已说明情况"


def build() -> str:
    """Nothing where there are sanctions already."""
    if Sanction.objects.exists():
        return "演示个人违规处理已有，未改动"
    people = Person.objects.employed_in(Unit.objects.get(code="QLNJ")).order_by("pk")[35:]
    for serial, (person, made) in enumerate(zip(people, MADE, strict=False), 1):
        _sanction(person, serial, *made)
    return f"{Sanction.objects.count()} 件"


def _sanction(person: Person, serial: int, facts: dict[str, Any], ago: int, lasts: int | None, steps: Any) -> None:
    clerk, decided = account("clerk"), clock.today() - timedelta(days=ago)
    told: Any = {"breach_detail": "", "criticism": False, "no_refund": False, "dismissal": False, "other_measure": ""}
    told |= facts | {
        "happened_on": decided - timedelta(days=20),
        "decided_on": decided,
        "document": f"洛青农〔{decided.year}〕{serial}号（虚构）",
        "ends_on": decided + timedelta(days=lasts) if lasts else None,
    }
    with clock.at(moment(decided)):
        case = services.draft(person=person, actor=clerk, **told)
        attach(case=case, material="decision", upload=a_paper("处理决定"), actor=clerk)
    for step in steps:
        day = decided + timedelta(days=30 * steps.index(step))
        with clock.at(moment(day, hour=11)):
            note, data = (WITHDRAWN, {"withdrawn_on": day}) if step == "withdraw" else ("", {})
            fire(case, step, actor=clerk, note=note, data=data)
