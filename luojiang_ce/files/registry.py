"""What each case type says about its files: its materials, and who may change them when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from luojiang_ce.access import Actor
from luojiang_ce.workflow.case_kind import kind_of

from .materials import Material


@dataclass(frozen=True)
class FileRules:
    """`materials(case)`: the checklist; `may_change(case, account)`: may files be added or removed now?

    `may_read(case, account)`: does everybody who sees the case see its files too? `compared`: is a reviewer told what
    other cases have the same (files.fingerprints)?
    """

    materials: Callable[[Any], Sequence[Material]]
    may_change: Callable[[Any, Actor], bool]
    may_read: Callable[[Any, Actor], bool] = lambda case, account: True
    compared: bool = False


def rules_for(case: Any) -> FileRules:
    """The rules of this case's kind; LookupError when it takes no files."""
    rules = kind_of(case).files
    if rules is None:
        raise LookupError(f"{case._meta.label_lower} takes no files")
    return rules
