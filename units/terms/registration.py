"""What extensions and lapses put into the registries of the building blocks; called once, by the app's `ready()`."""

from __future__ import annotations

from typing import Any

from luojiang_ce.access.roles import Actor, Role


def register() -> None:
    """Cases, workflows, files, navigation, things to do."""
    from luojiang_ce.access.cases import register_case
    from luojiang_ce.files.registry import FileRules, register_files
    from luojiang_ce.home import registry
    from luojiang_ce.workflow.pages import EDIT_LABELS
    from luojiang_ce.workflow.table import register_workflow

    from . import demo, todos, workflow
    from .models import Extension, Lapse

    for model, table in ((Extension, workflow.EXTENSION), (Lapse, workflow.LAPSE)):
        register_case(model)
        register_workflow(table)
    register_files(Extension, FileRules(workflow.materials, may_change))
    for item in todos.NAV:
        registry.register_nav(item)
    registry.register_todo(todos.extensions_to_do)
    registry.register_demo("延期与逾期", demo.build, order=70)
    EDIT_LABELS.update(
        lapsed="登记逾期",
        deemed_received="视为已受理（本局超期未答复）",
        year_confirmed="确认年度放假安排",
        closure_entered="登记停工",
        closure_removed="撤销停工",
        settings_entered="录入期限参数",
    )


def may_change(extension: Any, account: Actor) -> bool:
    """Whoever drafted it, as long as it is not with the bureau."""
    from .models import Extension

    if extension.state not in (Extension.State.DRAFT, Extension.State.RETURNED):
        return False
    if extension.by_bureau:
        return account.holds(Role.BUREAU_HANDLER)
    return extension.unit_id in account.unit_ids(Role.UNIT_CLERK)
