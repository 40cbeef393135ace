"""The lists of this app as workbooks: which rows an account sees, which columns, in words. ID numbers stay masked."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.access import READ_LOG
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from luojiang_ce.workflow.events import without_account
from luojiang_ce.workflow.models import Event
from units.audit import case_label, contents, event_label, note, state_label, with_seconds
from units.forms.filters import AccountFilter, EventFilter, LeaveFilter, LeaversFilter, PeopleFilter, UnitFilter
from units.models import Account, Employment, Leave, Person, Unit

PEOPLE = ListExport(
    "人员名册",
    lambda account: Person.objects.visible_to(account).with_present().order_by("pinyin", "pk"),
    PeopleFilter,
    (
        Told("姓名", "name", "name"),
        Told("证件号码（已遮盖）", "id_end", "id", 22),
        Told("性别", "sex", width=6),
        Told("出生年月", "birth", "month"),
        Told("单位", "job.unit.name", width=30),
        Told("部门", "job.department", width=16),
        Told("人员类别", "get_category_display", width=10),
        Told("系列", "title.series"),
        Told("专业技术职务", "title.name", width=16),
        Told("级别", "title.get_level_display", width=10),
        Told("任职时间", "title.since", "month"),
        # Since when and until when; why, the list of absences says to whom it may.
        Told("长期离岗", lambda person: person.away.span if person.away else "", width=24),
    ),
)
LEAVERS = ListExport(
    "离开人员",
    lambda account: Employment.objects.visible_to(account).ended().order_by("-ended_on", "pk"),
    LeaversFilter,
    (
        Told("姓名", "person.name", "name"),
        Told("证件号码（已遮盖）", "person.masked_id", "id", 22),
        Told("单位", "unit.name", width=30),
        Told("到单位日期", "started_on", "date"),
        Told("最后一天", "ended_on", "date"),
        Told("原因", "get_end_reason_display", width=10),
    ),
)
UNITS = ListExport(
    "单位",
    lambda account: Unit.objects.visible_to(account).select_related("supervisor").order_by("code"),
    UnitFilter,
    (
        Told("单位代码", "code", width=16),
        Told("单位名称", "name", width=36),
        Told("统一社会信用代码", "uscc", "id", 22),
        Told("性质", "get_nature_display", width=14),
        Told("职能", lambda unit: "、".join(unit.functions), width=30),
        Told("级别", "get_level_display"),
        Told("医疗机构等级", "get_medical_level_display", width=14),
        Told("主管部门", "supervisor.name", width=30),
        Told("电话", "phone", width=16),
        Told("状态", "get_status_display"),
    ),
)
LEAVES = ListExport(
    "长期离岗",
    lambda account: Leave.objects.visible_to(account).select_related("person", "unit").order_by("-starts_on", "pk"),
    LeaveFilter,
    (
        Told("姓名", "person.name", "name"),
        Told("单位", "unit.name", width=30),
        Told("原因", "get_reason_display", width=16),
        Told("起", "starts_on", "date"),
        Told("止", "ends_on", "date"),
        Told("状态", "get_state_display"),
    ),
)


ACCOUNTS = ListExport(
    "账号与角色",
    lambda account: Account.objects.visible_to(account).with_roles().order_by("username"),
    AccountFilter,
    (
        Told("登录名", "username", width=18),
        Told("姓名", "name", "name"),
        Told("电话", "phone", width=16),
        Told(
            "现任角色",
            lambda account: "、".join(f"{a.get_role_display()}（{a.unit.short}）" for a in account.current_assignments),
            width=50,
        ),
        Told("状态", lambda account: "启用" if account.is_active else "停用"),
        Told("上次登录", lambda account: account.last_login and clock.local(account.last_login).date(), "date"),
    ),
)


def _log(account: Any) -> QuerySet[Event]:
    seen = Event.objects.select_related("actor", "note_row").order_by("-pk")
    return seen if account.holds(*READ_LOG.roles) else seen.none()


EVENTS = ListExport(
    "操作记录",
    _log,
    EventFilter,
    (
        Told("时间", lambda event: f"{clock.local(event.at):%Y-%m-%d %H:%M:%S}", width=22),
        Told("账号", "actor.get_username", width=18),
        Told("姓名", lambda event: event.actor.name if event.actor else without_account(event), "name"),
        Told("网络地址", "address", width=18),
        Told("操作", lambda event: event_label(event.case_type, event.name), width=18),
        Told("对象", lambda event: case_label(event.case_type), width=18),
        Told("编号", "case_id", "integer", 10),
        Told("原状态", lambda event: state_label(event.case_type, event.source)),
        Told("新状态", lambda event: state_label(event.case_type, event.target)),
        Told("说明", note, width=50),
        Told("内容", contents, width=50),
        Told("记录号", lambda event: str(event.uid), width=38),
    ),
    dress=lambda rows, query, account: with_seconds(rows),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("people", PEOPLE)
    register_export("leavers", LEAVERS)
    register_export("units", UNITS)
    register_export("leaves", LEAVES)
    register_export("accounts", ACCOUNTS)
    register_export("events", EVENTS)
