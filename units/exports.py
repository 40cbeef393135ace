"""The lists of this app as workbooks: which rows an account sees, which columns, in words. ID numbers stay masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import QueryDict

from luojiang_ce import clock
from luojiang_ce.access import READ_LOG
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.exports import ListExport, register_export
from luojiang_ce.sheets.writing import Plain
from luojiang_ce.workflow.models import Event
from units.audit import case_label, event_label, state_label
from units.forms.filters import (
    AccountFilter,
    EventFilter,
    LeaveFilter,
    LeaversFilter,
    PeopleFilter,
    UnitFilter,
)
from units.models import Account, Employment, Leave, Person, Unit

Row = dict[str, Plain]
Rows = TypeVar("Rows", bound=QuerySet[Any])
CHUNK = 1000

PEOPLE = SheetForm(
    "people",
    "人员名册",
    (
        Column("name", "姓名", kind="name"),
        Column("id", "证件号码（已遮盖）", kind="id", width=22),
        Column("sex", "性别", width=6),
        Column("birth", "出生年月", kind="month"),
        Column("unit", "单位", width=30),
        Column("department", "部门", width=16),
        Column("category", "人员类别", width=10),
        Column("series", "系列"),
        Column("title", "专业技术职务", width=16),
        Column("level", "级别", width=10),
        Column("since", "任职时间", kind="month"),
        Column("away", "长期离岗", width=24),
    ),
)
LEAVERS = SheetForm(
    "leavers",
    "离开人员",
    (
        Column("name", "姓名", kind="name"),
        Column("id", "证件号码（已遮盖）", kind="id", width=22),
        Column("unit", "单位", width=30),
        Column("started", "到单位日期", kind="date"),
        Column("ended", "最后一天", kind="date"),
        Column("reason", "原因", width=10),
    ),
)
UNITS = SheetForm(
    "units",
    "单位",
    (
        Column("code", "单位代码", width=16),
        Column("name", "单位名称", width=36),
        Column("uscc", "统一社会信用代码", kind="id", width=22),
        Column("nature", "性质", width=14),
        Column("functions", "职能", width=30),
        Column("level", "级别"),
        Column("medical_level", "医疗机构等级", width=14),
        Column("supervisor", "主管部门", width=30),
        Column("phone", "电话", width=16),
        Column("status", "状态"),
    ),
)
LEAVES = SheetForm(
    "leaves",
    "长期外出与病假",
    (
        Column("name", "姓名", kind="name"),
        Column("unit", "单位", width=30),
        Column("reason", "原因", width=16),
        Column("first", "起", kind="date"),
        Column("last", "止", kind="date"),
        Column("state", "状态"),
    ),
)
ACCOUNTS = SheetForm(
    "accounts",
    "账号与角色",
    (
        Column("username", "登录名", width=18),
        Column("name", "姓名", kind="name"),
        Column("phone", "电话", width=16),
        Column("roles", "现任角色", width=50),
        Column("state", "状态"),
        Column("last_login", "上次登录", kind="date"),
    ),
)

EVENTS = SheetForm(
    "events",
    "操作记录",
    (
        Column("at", "时间", width=22),
        Column("actor", "账号", width=18),
        Column("name", "姓名", kind="name"),
        Column("what", "操作", width=18),
        Column("case", "对象", width=18),
        Column("case_id", "编号", kind="integer", width=10),
        Column("source", "原状态"),
        Column("target", "新状态"),
        Column("note", "说明", width=50),
        Column("data", "内容", width=50),
        Column("uid", "记录号", width=38),
    ),
)


def people_rows(people: QuerySet[Person]) -> Iterator[Row]:
    """Rows of PEOPLE; the query set comes with_present."""
    for person in people.iterator(CHUNK):
        job, title, away = person.job, person.title, person.away
        yield {
            "name": person.name,
            "id": person.masked_id,
            "sex": person.sex,
            "birth": person.birth,
            "unit": job.unit.name if job else "",
            "department": job.department if job else "",
            "category": person.get_category_display(),
            "series": title.series if title else "",
            "title": title.name if title else "",
            "level": title.get_level_display() if title else "",
            "since": title.since if title else None,
            "away": str(away) if away else "",
        }


def leaver_rows(jobs: QuerySet[Employment]) -> Iterator[Row]:
    """Rows of LEAVERS."""
    for job in jobs.iterator(CHUNK):
        yield {
            "name": job.person.name,
            "id": job.person.masked_id,
            "unit": job.unit.name,
            "started": job.started_on,
            "ended": job.ended_on,
            "reason": job.get_end_reason_display(),
        }


def unit_rows(units: QuerySet[Unit]) -> Iterator[Row]:
    """Rows of UNITS."""
    for unit in units.iterator(CHUNK):
        yield {
            "code": unit.code,
            "name": unit.name,
            "uscc": unit.uscc,
            "nature": unit.get_nature_display(),
            "functions": "、".join(unit.functions),
            "level": unit.get_level_display(),
            "medical_level": unit.get_medical_level_display(),
            "supervisor": unit.supervisor.name if unit.supervisor else "",
            "phone": unit.phone,
            "status": unit.get_status_display(),
        }


def leave_rows(leaves: QuerySet[Leave]) -> Iterator[Row]:
    """Rows of LEAVES."""
    for leave in leaves.iterator(CHUNK):
        yield {
            "name": leave.person.name,
            "unit": leave.unit.name,
            "reason": leave.get_reason_display(),
            "first": leave.starts_on,
            "last": leave.ends_on,
            "state": leave.get_state_display(),
        }


def account_rows(accounts: QuerySet[Account]) -> Iterator[Row]:
    """Rows of ACCOUNTS; the query set comes with_roles."""
    for account in accounts.iterator(CHUNK):
        yield {
            "username": account.username,
            "name": account.name,
            "phone": account.phone,
            "roles": "、".join(f"{a.get_role_display()}（{a.unit.short}）" for a in account.current_assignments),
            "state": "启用" if account.is_active else "停用",
            "last_login": clock.local(account.last_login).date() if account.last_login else None,
        }


def event_rows(events: QuerySet[Event]) -> Iterator[Row]:
    """Rows of EVENTS."""
    for event in events.iterator(CHUNK):
        yield {
            "at": f"{clock.local(event.at):%Y-%m-%d %H:%M:%S}",
            "actor": event.actor.get_username() if event.actor else "",
            "name": str(event.actor) if event.actor else "系统",
            "what": event_label(event.case_type, event.name),
            "case": case_label(event.case_type),
            "case_id": event.case_id,
            "source": state_label(event.case_type, event.source),
            "target": state_label(event.case_type, event.target),
            "note": event.note_row.text if hasattr(event, "note_row") else "",
            "data": json.dumps(event.data, ensure_ascii=False) if event.data else "",
            "uid": str(event.uid),
        }


def _filtered(filters: Any, rows: Rows, account: Any, query: QueryDict) -> Rows:
    """The rows as the page's filters leave them; of a request they look at nothing but the user."""
    found: Rows = filters(query, queryset=rows, request=SimpleNamespace(user=account)).qs
    return found


def _people(account: Any, query: QueryDict) -> QuerySet[Person]:
    seen = Person.objects.visible_to(account).with_present().order_by("pinyin", "pk")
    return _filtered(PeopleFilter, seen, account, query)


def _leavers(account: Any, query: QueryDict) -> QuerySet[Employment]:
    seen = Employment.objects.visible_to(account).ended().order_by("-ended_on", "pk")
    return _filtered(LeaversFilter, seen, account, query)


def _units(account: Any, query: QueryDict) -> QuerySet[Unit]:
    seen = Unit.objects.visible_to(account).select_related("supervisor").order_by("code")
    return _filtered(UnitFilter, seen, account, query)


def _leaves(account: Any, query: QueryDict) -> QuerySet[Leave]:
    seen = Leave.objects.visible_to(account).select_related("person", "unit").order_by("-starts_on", "pk")
    return _filtered(LeaveFilter, seen, account, query)


def _accounts(account: Any, query: QueryDict) -> QuerySet[Account]:
    seen = Account.objects.visible_to(account).with_roles().order_by("username")
    return _filtered(AccountFilter, seen, account, query)


def _events(account: Any, query: QueryDict) -> QuerySet[Event]:
    seen = Event.objects.select_related("actor", "note_row").order_by("-pk")
    return _filtered(EventFilter, seen if account.holds(*READ_LOG.roles) else seen.none(), account, query)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("people", ListExport(PEOPLE, _people, people_rows))
    register_export("leavers", ListExport(LEAVERS, _leavers, leaver_rows))
    register_export("units", ListExport(UNITS, _units, unit_rows))
    register_export("leaves", ListExport(LEAVES, _leaves, leave_rows))
    register_export("accounts", ListExport(ACCOUNTS, _accounts, account_rows))
    register_export("events", ListExport(EVENTS, _events, event_rows))
