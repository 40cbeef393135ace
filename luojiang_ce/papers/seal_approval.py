"""Who approved of the use of a seal, as the register says it.

The register asks for the 审批人 of each use (domain.md §5). What a handler issues because a rule of the notice says so
(一次性补正, 取消办班, a year verified at the counter) nobody has approved: the line says that, and who handled it, so
that a handler never stands there as if an approver.
"""

from __future__ import annotations

from typing import Any

from luojiang_ce.access import Role

MOST = 50  # letters of the column
BY_RULE = "按规定出具"


def approved_by(account: Any) -> str:
    """The approver by name; of the bureau's handler that no approver stands behind a rule; of nobody the rule alone."""
    if account is None:
        return BY_RULE
    handles = account.holds(Role.BUREAU_HANDLER) and not account.holds(Role.BUREAU_APPROVER)
    return by_rule(account.name) if handles else str(account.name)


def by_rule(name: str) -> str:
    """按规定出具（经办 郑若溪）"""
    return f"{BY_RULE}（经办 {name}）"[:MOST]
