"""Changes of the demo district's classes in every state, filed and decided through the services and guards."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from training.classes.changes import services
from training.classes.changes.assess import held_half_days
from training.classes.changes.content import CELLS, standing
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication
from units.demo import a_paper, account, clerk_of, moment, workdays_from_today

# Of the approved classes that have not ended, the first to open first: where each is moved to, why, how far it got.
ASKED: tuple[tuple[tuple[str, str, tuple[str, ...]], ...], ...] = (
    (),  # under way: see _another_room
    (
        ("区行政服务中心 5 楼多功能厅", "原定会议室当周检修，改到同一单位较大的一间", ("submit", "check", "approve")),
        ("区图书馆报告厅", "拟就近安排食宿", ("cancel",)),
        ("区文化馆 3 楼", "报名人数多，换较大的场地", ("submit", "return")),
    ),
    (
        ("区职业中专学校实训楼", "想安排实训", ("submit", "check", "refuse")),
        ("区职业中专学校报告厅", "原场地临时用于考试", ("submit",)),
    ),
    (("区农业农村局 2 楼", "原场地停电检修", ("submit", "check")),),
)
RETURNED = {"items": [{"where": "变更依据", "wrong": "没有写明换场地的原因", "mend": "附场地方的通知"}]}
WHY_NOT = "新的场地没有培训设施，请另选场地再报"


def build() -> str:
    """One in every state; nothing where there are any already."""
    if ClassChange.objects.exists():
        return "演示变更已有，未改动"
    approved = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, ends_on__gte=clock.today())
    running = list(approved.select_related("unit").order_by("opens_on", "pk"))
    _another_room(running[0])
    for application, asked in zip(running, ASKED, strict=False):
        for place, reason, steps in asked:
            _another_place(application, place, reason, steps)
    return f"{ClassChange.objects.count()} 件培训班变更"


def _another_place(application: ClassApplication, place: str, reason: str, steps: tuple[str, ...]) -> None:
    """Filed two working days ago, decided the day after; what was decided is out of the way of the next one."""
    clerk, handler, approver = clerk_of(application.unit), account("handler"), account("approver")
    with clock.at(moment(workdays_from_today(-2))):
        application = ClassApplication.objects.get(pk=application.pk)
        change = services.begin(application=application, reason=reason, place=place, opens_on=None, actor=clerk)
        attach(case=change, material="evidence", upload=a_paper("变更依据"), actor=clerk)
    actors = {"submit": clerk, "cancel": clerk, "check": handler, "return": handler}
    for number, step in enumerate(steps):
        with clock.at(moment(workdays_from_today(-1 if number else -2), 9 + number)):
            note = WHY_NOT if step == "refuse" else ""
            data = RETURNED if step == "return" else {}
            fire(change, step, actor=actors.get(step, approver), note=note, data=data)


def _another_room(application: ClassApplication) -> None:
    """Being written: what is still to be taught, in another room."""
    clerk = clerk_of(application.unit)
    change = services.begin(
        application=application, reason="教室投影设备故障，余下的课换教室", place="", opens_on=None, actor=clerk
    )
    was = standing(application).rows
    _, free = services.split(was, was, held_half_days(application, clock.now()))
    rows = [{name: row[name] for name in CELLS} | {"room": "305"} for row in free]
    services.save_rows(change=change, rows=rows, version=change.version, actor=clerk)
