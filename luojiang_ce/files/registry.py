"""What each case type says about its files: its materials, and who may change them when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from luojiang_ce.access.roles import Actor

from .materials import Material


@dataclass(frozen=True)
class FileRules:
    """`materials(case)`: the checklist; `may_change(case, account)`: may files be added or removed now?"""

    materials: Callable[[Any], Sequence[Material]]
    may_change: Callable[[Any, Actor], bool]


_rules: dict[str, FileRules] = {}


def register_files(model: Any, rules: FileRules) -> None:
    """Called in the app's `ready()`."""
    _rules[model._meta.label_lower] = rules


def rules_for(case: Any) -> FileRules:
    """The rules of this case's type; LookupError when the type takes no files."""
    return _rules[case._meta.label_lower]
