"""What a change or withdrawal of a published project reaches: its classes, which live above this app and say so once in
`ready()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .models import PlanItem


@dataclass(frozen=True)
class Reached:
    """A class of a project: how far it is, in words and a meaning class of the design.

    `begun`: its first day has come, so that it goes on whatever becomes of the project. `approved`: it was allowed to
    open. `over`: it was refused or cancelled, or somebody looks whether it took place, so that it goes its own way.
    `is_draft`: nobody but its unit has seen it.
    """

    case: Any
    label: str
    meaning: str
    begun: bool = False
    approved: bool = False
    over: bool = False
    is_draft: bool = False

    @property
    def ends_with_project(self) -> bool:
        """Is it cancelled when the project is withdrawn?"""
        return not self.begun and not self.over

    def fate(self, *, withdrawn: bool) -> str:
        """What becomes of it when the project is withdrawn, or else changed."""
        if self.over:
            return "不受影响"
        if withdrawn:
            return "按开班时的项目继续办完，学时照常认定" if self.begun else "随项目一并取消"
        return "按批准时的内容进行" if self.approved else "按变更后的项目办理"


_finders: list[Callable[[PlanItem], Sequence[Reached]]] = []


def register_reach(find: Callable[[PlanItem], Sequence[Reached]]) -> None:
    """How the classes of a project are found; a bounded number of queries. Called in `ready()`."""
    _finders.append(find)


def reach_of(project: PlanItem) -> list[Reached]:
    """Every class of a project."""
    return [reached for find in _finders for reached in find(project)]
