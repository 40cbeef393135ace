"""The way of the yearly verification (notice 二, product.md V3–V6): a batch, its rows, its appointment.

General staff: filed → appointment → counter → finished → stamped. Medical: the health bureau first. Teachers: each year
the education bureau alone, at the end of a cycle the education bureau and then the counter.
"""

from __future__ import annotations

from luojiang_ce.workflow import guards as shared
from luojiang_ce.workflow.table import StateInfo, Step, Transition, Workflow
from units.returns import leave_to_return
from units.who import APPROVER, BUREAU, FILER, HANDLER, NOBODY

from . import effects, guards
from .models import AnnualRecord, Appointment, Batch, Path
from .who import (
    ANY_EDUCATION,
    ANY_KEEPER,
    BOOKER,
    COUNTER,
    COUNTER_APPROVER,
    DECIDER,
    EDUCATION,
    EDUCATION_OF_A_CYCLE,
    EDUCATION_OF_A_YEAR,
    GENERAL_FILER,
    HEALTH,
    KEEPER,
    REVIEWED_FILER,
    REVIEWER,
    ROW_OPENER,
)

B, R, A = Batch.State, AnnualRecord.State, Appointment.State
REASON = "luojiang_ce.workflow.forms.ReasonForm"
RESUBMIT = "luojiang_ce.workflow.forms.ResubmitForm"
SEAL = "verification.batches.forms.SealForm"
REVOKE = "verification.batches.forms.RevokeForm"
SLOT = "verification.batches.forms.MoveForm"
WHOLE = (guards.has_people, guards.nothing_missing)

BATCH = Workflow(
    model=Batch,
    states={
        B.DRAFT: StateInfo("is-idle", FILER),
        B.IN_REVIEW: StateInfo("is-wait", REVIEWER),
        B.SUBMITTED: StateInfo("is-turn", BUREAU),
        B.RETURNED: StateInfo("is-soon", FILER),
        B.DECIDED: StateInfo("is-wait", KEEPER),
        B.STAMPED: StateInfo("is-done"),
    },
    transitions=(
        Transition(
            "submit", "报送花名册", (B.DRAFT,), B.SUBMITTED, GENERAL_FILER, "报送",
            guards=(*WHOLE, guards.filed_in_time), effect=effects.submit, style="primary",
        ),
        Transition(
            "send", "报送主管部门初审", (B.DRAFT,), B.IN_REVIEW, REVIEWED_FILER, "报送初审",
            guards=(*WHOLE, guards.has_an_authority, guards.filed_in_time), effect=effects.submit, style="primary",
        ),
        Transition(
            "resubmit", "重新报送", (B.RETURNED,), B.SUBMITTED, GENERAL_FILER, "重新报送",
            guards=(*WHOLE, guards.mended_in_time, guards.nobody_added_late),
            effect=effects.submit, form=RESUBMIT, style="primary",
        ),
        Transition(
            "resend", "重新报送初审", (B.RETURNED,), B.IN_REVIEW, REVIEWED_FILER, "重新报送初审",
            guards=(*WHOLE, guards.has_an_authority, guards.mended_in_time, guards.nobody_added_late),
            effect=effects.submit, form=RESUBMIT, style="primary",
        ),
        Transition(
            "take_back", "撤回修改", (B.IN_REVIEW, B.SUBMITTED), B.DRAFT, FILER, "撤回",
            guards=(guards.before_deadline, guards.nothing_decided), effect=effects.take_back,
        ),
        Transition(
            "return", "退回补正", (B.SUBMITTED,), B.RETURNED, HANDLER, "退回补正",
            guards=(guards.nothing_decided, shared.returned_once), effect=effects.send_back, returns=True,
        ),
        leave_to_return(B.SUBMITTED),
        # notice 二(一): 卫生系列的先送卫计局初审，再预约时间
        Transition(
            "health_return", "退回补正", (B.IN_REVIEW,), B.RETURNED, HEALTH, "初审退回",
            effect=effects.send_back, returns=True,
        ),
        Transition(
            "health_pass", "初审通过，送区人社局", (B.IN_REVIEW,), B.SUBMITTED, HEALTH, "初审通过",
            effect=effects.pass_on, style="primary",
        ),
        # notice 二(一): 每年由同级教育行政部门审核验印一次，周期满由教育行政部门会同人社行政部门统一验证
        Transition(
            "education_return", "退回补正", (B.IN_REVIEW,), B.RETURNED, EDUCATION, "审核退回",
            guards=(guards.nothing_decided,), effect=effects.send_back, returns=True,
        ),
        Transition(
            "education_pass", "审核通过，送区人社局", (B.IN_REVIEW,), B.SUBMITTED, EDUCATION_OF_A_CYCLE, "审核通过",
            effect=effects.pass_on, style="primary",
        ),
        Transition(
            "validate", "审核通过，送验印", (B.IN_REVIEW,), B.DECIDED, EDUCATION_OF_A_YEAR, "年度审核通过",
            effect=effects.validate, style="primary",
        ),
        Transition(
            "unvalidate", "撤回年度审核", (B.DECIDED,), B.IN_REVIEW, EDUCATION_OF_A_YEAR, "撤回年度审核",
            effect=effects.unvalidate, form=REASON,
        ),
        Transition(
            "finish", "办结，送用印", (B.SUBMITTED,), B.DECIDED, BUREAU, "办结",
            guards=(guards.has_people, guards.everybody_settled, guards.materials_checked),
            effect=effects.finish, style="primary",
        ),
        Transition(
            "reopen", "撤回办结", (B.DECIDED, B.STAMPED), B.SUBMITTED, COUNTER, "撤回办结",
            guards=(guards.no_roster_stands, guards.has_reason), effect=effects.tell_unit, form=REASON,
        ),
        Transition(
            "reopen_year", "撤回验印", (B.DECIDED, B.STAMPED), B.IN_REVIEW, EDUCATION_OF_A_YEAR, "撤回验印",
            guards=(guards.no_roster_stands, guards.has_reason), effect=effects.tell_unit, form=REASON, hidden=True,
        ),
        Transition(
            "stamp_pages", "先盖已验证的人", (B.SUBMITTED,), B.SUBMITTED, KEEPER, "个人页用印",
            guards=(guards.something_to_stamp, guards.not_the_decider, guards.seal_in_use),
            effect=effects.stamp_pages, form=SEAL,
        ),
        Transition(
            "stamp", "花名册用印", (B.DECIDED,), B.STAMPED, KEEPER, "用印",
            guards=(guards.not_the_decider, guards.seal_in_use), effect=effects.stamp, form=SEAL, style="primary",
        ),
    ),
    path=(
        Step("报送", (B.DRAFT, B.RETURNED), "申报单位"),
        Step("主管部门初审", (B.IN_REVIEW,), "主管部门", lambda batch: Path(batch.path).needs_review),
        Step("柜台验证", (B.SUBMITTED,), "区人社局", lambda batch: batch.path != Path.TEACHER),
        Step("用印", (B.DECIDED,), "监印人"),
    ),
)  # fmt: skip

RECORD = Workflow(
    model=AnnualRecord,
    states={
        R.LISTED: StateInfo("is-idle"),
        R.FILED: StateInfo("is-wait", DECIDER),
        R.SUPPLEMENT: StateInfo("is-soon", FILER),
        R.VERIFIED: StateInfo("is-done"),
        R.FAILED: StateInfo("is-late"),
        R.STAMPED: StateInfo("is-done"),
        R.GIVEN_UP: StateInfo("is-late"),
    },
    transitions=(
        Transition("file", "报送", (R.LISTED,), R.FILED, FILER, "报送", effect=effects.mark_filed, hidden=True),
        # notice 二(三)2: 未能按时参加当年度验证的视同放弃验证权利
        Transition("give_up", "视同放弃", (R.LISTED,), R.GIVEN_UP, NOBODY, "视同放弃", hidden=True),
        Transition("list_again", "恢复列入", (R.GIVEN_UP,), R.LISTED, FILER, "恢复列入", hidden=True),
        Transition(
            "restore", "恢复验证权利", (R.GIVEN_UP,), R.LISTED, APPROVER, "恢复验证权利",
            guards=(guards.has_reason,), effect=effects.let_in_again, form=REASON,
        ),
        Transition("unfile", "退回修改", (R.FILED,), R.LISTED, ROW_OPENER, "退回修改", hidden=True),
        Transition(
            "verify", "通过", (R.FILED, R.SUPPLEMENT), R.VERIFIED, DECIDER, "验证通过",
            guards=(guards.at_the_counter, guards.ledger_unchanged, guards.requirements_met),
            effect=effects.decide, style="primary",
        ),
        # notice 一(三)1: 一般不少于; the reason is printed
        Transition(
            "waive", "未达标仍通过", (R.FILED, R.SUPPLEMENT), R.VERIFIED, COUNTER_APPROVER, "审批通过（未达标）",
            guards=(guards.at_the_counter, guards.ledger_unchanged, guards.requirements_open, guards.has_reason),
            effect=effects.waive, form=REASON,
        ),
        Transition(
            "supplement", "待补材料", (R.FILED,), R.SUPPLEMENT, DECIDER, "待补材料",
            guards=(guards.at_the_counter, guards.has_reason), effect=effects.ask_for_more, form=REASON,
        ),
        Transition(
            "fail", "不通过", (R.FILED, R.SUPPLEMENT), R.FAILED, DECIDER, "验证不通过",
            guards=(guards.at_the_counter, guards.has_reason), effect=effects.fail, form=REASON, style="danger",
        ),
        Transition(
            "withdraw", "撤回结论", (R.VERIFIED, R.FAILED, R.SUPPLEMENT), R.FILED, DECIDER, "撤回结论",
            guards=(guards.at_the_counter, guards.has_reason), effect=effects.undecide, form=REASON,
        ),
        Transition(
            "validate", "年度审核通过", (R.FILED,), R.VERIFIED, ANY_EDUCATION, "年度审核通过",
            guards=(guards.ledger_unchanged,), effect=effects.decide, hidden=True,
        ),
        Transition(
            "withdraw_year", "撤回年度审核", (R.VERIFIED,), R.FILED, ANY_EDUCATION, "撤回年度审核",
            effect=effects.undecide, hidden=True,
        ),
        Transition("stamp", "用印", (R.VERIFIED,), R.STAMPED, ANY_KEEPER, "用印", hidden=True),
        Transition(
            "revoke", "撤销已盖章的结论", (R.STAMPED,), R.FILED, COUNTER_APPROVER, "撤销结论",
            guards=(guards.has_reason, guards.fit_for_the_public), effect=effects.revoke, form=REVOKE, style="danger",
        ),
        # notice 二(一): what the education bureau stamped alone, it alone revokes
        Transition(
            "revoke_year", "撤销已盖章的年度审核", (R.STAMPED,), R.FILED, EDUCATION_OF_A_YEAR, "撤销年度审核",
            guards=(guards.has_reason, guards.fit_for_the_public), effect=effects.revoke, form=REVOKE, style="danger",
        ),
    ),
    path=(
        Step("列入花名册", (R.LISTED,), "申报单位"),
        Step("验证", (R.FILED, R.SUPPLEMENT), "区人社局"),
        Step("用印", (R.VERIFIED,), "监印人"),
    ),
)  # fmt: skip

APPOINTMENT = Workflow(
    model=Appointment,
    states={
        A.BOOKED: StateInfo("is-wait", BOOKER),
        A.CANCELLED: StateInfo("is-idle"),
        A.MISSED: StateInfo("is-soon"),
        A.CAME: StateInfo("is-done"),
    },
    transitions=(
        Transition(
            "move", "改期", (A.BOOKED,), A.BOOKED, BOOKER, "改期",
            guards=(guards.not_begun,), effect=effects.move, form=SLOT, style="primary",
        ),
        Transition(
            "cancel", "取消预约", (A.BOOKED,), A.CANCELLED, BOOKER, "取消",
            guards=(guards.not_begun,), effect=effects.cancel, form=REASON, style="danger",
        ),
        Transition(
            "come", "登记到场", (A.BOOKED, A.MISSED), A.CAME, BUREAU, "到场", guards=(guards.on_the_day,),
        ),
        Transition(
            "miss", "登记未到", (A.BOOKED,), A.MISSED, BUREAU, "未到", guards=(guards.begun,), effect=effects.miss,
        ),
    ),
)  # fmt: skip

# Events of these cases that change no state.
EDITS = {
    "booked": "预约时间",
    "refrozen": "按现有学时重新核算",
    "materials": "查验资料",
    "slot_opened": "开放预约时段",
    "slot_changed": "修改预约时段",
}
