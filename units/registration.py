"""What units put into the registries of the building blocks; called once, by the app's `ready()`."""

from __future__ import annotations

from typing import Any

from luojiang_ce.access.cases import register_case
from luojiang_ce.access.roles import OFFICERS, Actor, Role
from luojiang_ce.files.registry import FileRules, register_files
from luojiang_ce.home import registry
from luojiang_ce.home.registry import NavItem, Search, StartLink
from luojiang_ce.jobs.services import register_job
from luojiang_ce.sheets.imports import register_import
from luojiang_ce.workflow.pages import EDIT_LABELS
from luojiang_ce.workflow.table import register_guard, register_workflow
from units import audit, demo, exports, todos
from units.models import Account, Leave, Person, Unit
from units.readers import CASE_READERS, PEOPLE_READERS
from units.roster.importer import ROSTER_IMPORT
from units.seals import load_bureau_seals
from units.suspension import not_suspended
from units.workflow import LEAVE, materials

LABELS = {
    "registered": "登记",
    "suspended": "暂停单位",
    "resumed": "恢复单位",
    "merged": "并入其他单位",
    "merged_in": "并入了另一单位",
    "scope_added": "登记培训资质",
    "scope_ended": "终止培训资质",
    "taken_on": "到单位任职",
    "left": "登记离开",
    "transferred": "办理调动",
    "renamed": "更改姓名",
    "document_corrected": "更正证件",
    "id_revealed": "显示完整证件号码",
    "title_saved": "登记职称",
    "certificate_saved": "登记证书",
    "period_saved": "登记周期",
    "record_removed": "删除登记",
    "account_created": "建立账号",
    "account_disabled": "停用账号",
    "account_enabled": "启用账号",
    "account_unlocked": "解除锁定",
    "password_reset": "重设密码",
    "role_assigned": "任命角色",
    "role_ended": "结束角色",
    "role_handed_over": "交接角色",
    "exported": "导出名单",
    "roster_imported": "导入花名册",
    "returned_rows_downloaded": "下载有误的行",
}


def register() -> None:
    """Cases, workflow, files, labels of events; the check of the log; navigation and things to do."""
    for model in (Unit, Person, Account, Leave):
        register_case(model)
    register_workflow(LEAVE)
    register_guard(not_suspended)
    register_files(Leave, FileRules(materials, _may_change_evidence))
    EDIT_LABELS.update(LABELS)
    register_import(ROSTER_IMPORT)
    registry.register_reference("印章", load_bureau_seals, order=60)
    registry.register_demo("印章", load_bureau_seals, order=15)
    registry.register_demo("单位与人员", demo.build, order=10)
    registry.register_demo("长期外出或病假", demo.build_leaves, order=20)
    for account in demo.demo_accounts():
        registry.register_demo_account(account)
    exports.register()
    register_job(audit.CHECK, audit.check_chain)
    _register_shell()


def _register_shell() -> None:
    nav = (
        NavItem("长期离岗", "calendar-off", "leaves:list", CASE_READERS, group="办理", order=45),
        NavItem(
            "人员", "users-round", "people:list", PEOPLE_READERS, group="查阅", order=60, tab=True, also=("roster",)
        ),
        NavItem("单位", "building-2", "units:list", (*PEOPLE_READERS, *OFFICERS), group="查阅", order=62, tab=True),
        NavItem("账号与角色", "key-round", "accounts:list", OFFICERS, group="管理", order=80, tab=True),
        NavItem("操作记录", "scroll-text", "audit:events", (Role.AUDIT_ADMIN,), group="管理", order=82, tab=True),
    )
    for item in nav:
        registry.register_nav(item)
    registry.register_search(Search("people:list", "姓名、拼音首字母、证件后四位、证书编号", PEOPLE_READERS))
    registry.register_start_link(
        StartLink("建立账号", "user-round-plus", "accounts:new", (Role.SYSTEM_ADMIN,), primary=True)
    )
    registry.register_todo(todos.leave_todos)
    registry.register_todo(todos.officer_todos)


def _may_change_evidence(leave: Any, account: Actor) -> bool:
    """The unit's clerk, as long as the leave is not with the bureau."""
    is_clerk = leave.unit_id in account.unit_ids(Role.UNIT_CLERK)
    return is_clerk and leave.state in (Leave.State.DRAFT, Leave.State.RETURNED)
