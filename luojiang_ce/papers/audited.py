"""The register of seal use against the papers that it is of, and against its own count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.chain import Done, batches
from luojiang_ce.workflow.models import Event

from .models import NumberSeries, Paper, SealUse
from .numbering import REGISTER
from .seal_approval import by_rule

AT_ONCE = timedelta(minutes=1)
_BATCH = 500


def comparison() -> Compared:
    """For `register_comparison`."""
    return Compared("用印登记", SealUse.objects.count, _check)


def _check(done: Done) -> Iterator[str]:
    expected: dict[int, int] = {}
    rows = SealUse.objects.select_related("paper__approver", "paper__second_approver").order_by("pk")
    for lines in batches(rows.iterator(_BATCH), _BATCH):
        for line in lines:
            number = int(line.number.partition("-")[2])
            following = expected.get(line.year, 0) + 1
            if number != following:
                yield f"{line.number} 之前应是 {line.year}-{following:05d}：登记被删除、插入或改动"
            expected[line.year] = number
            yield from (f"{line.number} {problem}" for problem in _check_line(line))
        done(len(lines))
    for series in NumberSeries.objects.filter(series=REGISTER).exclude(last=0):
        if expected.get(series.year, 0) != series.last:
            yield f"{series.year} 年发出 {series.last} 个登记编号，登记到第 {expected.get(series.year, 0)} 个：被删除"
    without = Paper.objects.filter(issued_at__isnull=False, seal__isnull=False, seal_uses=None)
    for paper in without.only("number", "title"):
        yield f"文书 {paper} 盖了章，没有登记：被删除"


def _check_line(line: SealUse) -> Iterator[str]:
    paper: Any = line.paper
    told = {
        "文件": (line.document, f"{paper.title}（{paper.number}）"),
        "文件的指纹": (line.sha256, paper.sha256),
        "份数": (line.copies, paper.copies),
        "申请部门/人": (line.applicant, paper.applicant),
        "事由": (line.reason, paper.reason),
    }
    for name, (registered, issued) in told.items():
        if registered != issued:
            yield f"的{name}与文书不符：被改动"
    if line.seal_id not in (paper.seal_id, paper.second_seal_id):
        yield "的印章不是文书上的：被改动"
    if paper.issued_at and abs(line.used_at - paper.issued_at) > AT_ONCE:
        yield "的用印时间不是文书签发的时间：被改动"
    approver = paper.second_approver or paper.approver if line.seal_id == paper.second_seal_id else paper.approver
    if approver and line.approver not in (approver.name, by_rule(approver.name)) and not _was_renamed(approver):
        yield f"的审批人不是“{approver.name}”：被改动"


def _was_renamed(account: Any) -> bool:
    """Names are kept as they were that day."""
    return Event.objects.filter(case_type="units.account", case_id=account.pk, name="edited").exists()
