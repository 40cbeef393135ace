"""Cycles as a kind: what clerks are asked to enter, and what the history says."""

from __future__ import annotations

from luojiang_ce.workflow.case_kind import CaseKind, Duty
from units.access import FILER

from .lacking import cycles_to_enter
from .models import CycleSetting

KIND = CaseKind(
    CycleSetting,
    duties=(Duty(FILER, cycles_to_enter, clocked=False),),
    events={"cycle_flags_set": "设定教师周期的评聘要求", "cycle_flags_unset": "撤销教师周期的评聘要求"},
    clauses=("一(三)3", "二(一)教师未完成"),
)
