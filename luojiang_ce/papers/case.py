"""The life of a paper, read top to bottom. Papers move with their case: nobody presses a button on a paper itself."""

from __future__ import annotations

from luojiang_ce.access import ISSUE_PAPERS
from luojiang_ce.filters import by_words
from luojiang_ce.workflow.case_kind import CaseKind, Context, Step, Transition, Turn, Who, Workflow, state

from .kinds import kind_of
from .models import Paper, Seal

S = Paper.State
APPLIED = "seal_applied"
PRINTED_WHOLE, OPENED_WHOLE = "printed_with_whole_ids", "opened_with_whole_ids"
WORKER = Who("系统", (), lambda actor, case: False)


ISSUER = Who("签发机关", ISSUE_PAPERS.roles, lambda actor, paper: actor.holds(*ISSUE_PAPERS.roles))
# Which case may withdraw its papers when is decided by the case's own workflow; this is the second gate.
WITHDRAWER = Who(
    "签发机关",
    ISSUE_PAPERS.roles,
    lambda actor, paper: actor.holds(*ISSUE_PAPERS.roles) or actor.holds(*kind_of(paper).withdrawn_by),
)


def _needs_reason(context: Context) -> str | None:
    return None if context.ahead or context.note.strip() else "撤销文书须写明原因，核验页会向公众显示"


def _stamp_issued(context: Context) -> None:
    context.case.issued_at = context.now


def _stamp_revoked(context: Context) -> None:
    context.case.revoked_at = context.now
    context.case.revoked_by_id = context.actor.pk
    context.case.revoke_reason = context.note


PAPER = Workflow(
    states={
        S.PENDING: state("is-wait", Turn(WORKER)),
        S.FAILED: state("is-soon", Turn(ISSUER)),
        S.ISSUED: state("is-done"),
        S.REVOKED: state("is-late"),
    },
    transitions=(
        Transition("issue", "签发", (S.PENDING,), S.ISSUED, WORKER, "签发", effect=_stamp_issued, hidden=True),
        Transition("fail", "记为生成失败", (S.PENDING,), S.FAILED, WORKER, "生成失败", hidden=True),
        Transition("retry", "重新生成", (S.FAILED,), S.PENDING, ISSUER, "重新生成", hidden=True),
        Transition(
            "revoke", "撤销", (S.PENDING, S.FAILED, S.ISSUED), S.REVOKED, WITHDRAWER, "撤销",
            guards=(_needs_reason,), effect=_stamp_revoked, style="danger", hidden=True,
        ),
    ),
    path=(Step("生成", (S.PENDING, S.FAILED), "系统"), Step("签发", (S.ISSUED,))),
)  # fmt: skip

KIND = CaseKind(
    Paper,
    PAPER,
    events={
        PRINTED_WHOLE: "印有完整证件号码",
        OPENED_WHOLE: "打开文书，含完整证件号码",
        APPLIED: "登记已加盖印章",
    },
    finds=by_words("number", "title"),
)
SEALS = CaseKind(
    Seal,
    events={
        "seal_registered": "登记印章",
        "seal_approved": "批准启用印章",
        "seal_ended": "停用印章",
        "seal_way_changed": "改变用印方式",
        "seal_picture_set": "上传印章图样",
        "seal_picture_ended": "停用印章图样",
    },
)
