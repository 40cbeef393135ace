"""Packages as a kind: what the log and the navigation call them, and who follows their jobs."""

from __future__ import annotations

from luojiang_ce.access import READ_ARCHIVE
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.workflow.case_kind import CaseKind

from .models import Package

KIND = CaseKind(
    Package,
    events={
        "archive_asked": "发起归档",
        "archive_made": "封装完成",
        "archive_checked": "四性检测",
        "archive_fetched": "下载归档包",
        "retention_set": "设定保管期限",
    },
    entries=(NavItem("归档", "archive", "archive:years", READ_ARCHIVE.roles, group=Section.LOOKUP, order=88),),
)
