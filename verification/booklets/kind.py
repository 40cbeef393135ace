"""The marks as a kind: what the log and the navigation call them."""

from __future__ import annotations

from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.workflow.case_kind import CaseKind
from verification.booklets.models import WrittenPage

KIND = CaseKind(
    WrittenPage,
    events={"booklet_written": "登记证书", "booklet_unwritten": "终止证书登记"},
    demo=Demo("证书登记", "verification.booklets.demo.build", order=96),
    entries=(
        NavItem("证书登记", "notebook-pen", "booklets:list", READ_PEOPLE.roles, group=Section.VERIFICATION, order=66),
    ),
    clauses=("二(一)卫生", "二(一)教师考核"),
)
