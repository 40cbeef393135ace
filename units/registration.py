"""What units put into the registries of the building blocks; called once, by the app's `ready()`."""

from __future__ import annotations

from typing import Any

from luojiang_ce.access.cases import register_case
from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.files.registry import FileRules, register_files
from luojiang_ce.home import registry
from luojiang_ce.workflow.pages import EDIT_LABELS
from luojiang_ce.workflow.table import register_workflow
from units import demo
from units.models import Account, Leave, Person, Unit
from units.workflow import LEAVE, materials

LABELS = {
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
}


def register() -> None:
    """Cases, workflow, files, labels of events."""
    for model in (Unit, Person, Account, Leave):
        register_case(model)
    register_workflow(LEAVE)
    register_files(Leave, FileRules(materials, _may_change_evidence))
    EDIT_LABELS.update(LABELS)
    registry.register_demo("单位与人员", demo.build, order=10)
    for account in demo.demo_accounts():
        registry.register_demo_account(account)


def _may_change_evidence(leave: Any, account: Actor) -> bool:
    """The unit's clerk, as long as the leave is not with the bureau."""
    is_clerk = leave.unit_id in account.unit_ids(Role.UNIT_CLERK)
    return is_clerk and leave.state in (Leave.State.DRAFT, Leave.State.RETURNED)
