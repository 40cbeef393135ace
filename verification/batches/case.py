"""The way of the yearly verification (notice 二, product.md V3–V6): a batch and its rows.

General staff: filed → appointment → counter → finished → stamped. Medical: the health bureau first. Teachers: each year
the education bureau alone, at the end of a cycle the education bureau and then the counter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import UNIT, by_words
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Duty, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.places import fields_at
from units.access import BUREAU, FILER, NOBODY, SECURITY_OFFICER
from units.filed_case import Filing, ask_for_time, materials_at, may_edit, tell_filer
from units.notify import handlers
from verification.batches import effects, guards, letters, materials, papers, seasons, second_look, supplements, waivers
from verification.batches.facts import counting_changes, waits_for_another_look
from verification.batches.in_time import VERIFICATION, first_filing
from verification.batches.models import AnnualRecord, Appointment, Batch, Path
from verification.batches.owing import rosters_to_file, to_file
from verification.batches.reference import FOR_BATCHES, FOR_ROWS
from verification.batches.routing import seals_to_register, seats_to_fill
from verification.batches.season_days import SEASON, TAKEN_OUT
from verification.batches.summary import summary_of
from verification.batches.turns import (
    RECHECK,
    REVIEW,
    day_of_seat,
    is_booked,
    is_served,
    left_unmended,
    people_in,
    progress,
    review_due,
    seat_or_season,
    settled,
    since_when,
    some_are_left,
    what_to_recheck,
    when_and_where,
    who_is_left,
    who_is_unmended,
)
from verification.batches.two_seals import said_of
from verification.batches.who import (
    ANY_EDUCATION,
    ANY_KEEPER,
    BRINGER,
    COUNTER,
    COUNTER_APPROVER,
    DECIDER,
    EDUCATION,
    EDUCATION_OF_A_CYCLE,
    EDUCATION_OF_A_YEAR,
    FIRST_KEEPER,
    GENERAL_FILER,
    HEALTH,
    KEEPER,
    LAST_KEEPER,
    LETS_COME,
    OPENER,
    REVIEWED_FILER,
    REVIEWER,
    ROW_FILER,
    ROW_OPENER,
    reviewers,
)

B, R, A = Batch.State, AnnualRecord.State, Appointment.State
SEAL = "verification.batches.forms.SealForm"
REVOKE = "verification.batches.forms.RevokeForm"
SEEN, WAIVE = "verification.batches.forms.SeenForm", "verification.batches.forms.WaiveForm"


# --- tables -----------------------------------------------------------------------------------------------------------


BASE = Filing(
    "报送花名册",
    first=first_filing,
    act="报送",
    noted=lambda batch: batch.get_path_display(),
    says=to_file,
    done="报送",
    again="重新报送",
    told=lambda batch: reviewers(batch) if Path(batch.path).needs_review and batch.state != B.SUBMITTED else handlers(),
    lateness=guards.filed_in_time,
    whole=(guards.has_people, guards.nothing_missing),
    mended=(guards.nobody_added_late, guards.nobody_gone),
    undisturbed=(guards.nothing_decided,),
    number=effects.give_number,
    filed=effects.file_rows,
    taken_back=effects.take_rows_back,
)
GENERAL = replace(BASE, filer=GENERAL_FILER)
REVIEWED = replace(
    BASE,
    submit="报送主管部门初审",
    done="报送初审",
    again="重新报送初审",
    filer=REVIEWED_FILER,
    whole=(*BASE.whole, guards.somebody_reviews),
    filed=effects.send_rows,
)

BATCH = Workflow(
    states={
        **BASE.states(),
        B.RETURNED: state(
            "is-soon",
            *(replace(turn, when=seasons.may_be_mended) for turn in BASE.states()[B.RETURNED].turns),
            # notice 二(三)2: it was filed in time; when its days of mending are over, the season is what is left, and
            # after it no day for whoever was on leave on its last.
            Turn(
                FILER, "补正", seasons.still_to_come, seasons.is_left_unmended, note=left_unmended,
                names=who_is_unmended,
            ),
        ),
        B.IN_REVIEW: state("is-wait", Turn(REVIEWER, "审核", review_due, note=since_when)),
        B.SUBMITTED: state(
            "is-turn",
            Turn(
                FILER, "预约办理时间", seasons.still_to_come, lambda batch: not batch.has_seat and not settled(batch),
                at=lambda batch: f"{reverse('batches:book')}?batch={batch.pk}",
                note=lambda batch: "报送后按预约时间到柜台办理", names=who_is_left,
            ),
            Turn(
                FILER, "到柜台办理", seat_or_season, is_booked, says=when_and_where, names=who_is_left,
            ),
            Turn(
                FILER, "带未办的人到柜台", seasons.still_to_come, some_are_left, note=progress, names=who_is_left,
            ),
            Turn(
                BUREAU, "柜台验证", day_of_seat, is_served,
                at=lambda batch: reverse("batches:counter", args=[batch.pk]), note=progress,
            ),
        ),
        B.DECIDED: state(
            "is-wait",
            # No seal is put on what was decided on other hours; whoever can take it back has to.
            Turn(COUNTER, RECHECK, when=waits_for_another_look, note=what_to_recheck),
            Turn(EDUCATION_OF_A_YEAR, RECHECK, when=waits_for_another_look, note=what_to_recheck),
            Turn(
                KEEPER, "用印", when=lambda batch: not waits_for_another_look(batch),
                note=lambda batch: next(said_of(batch), "核对后盖章"),
            ),
        ),
        B.STAMPED: state("is-done"),
        B.NEVER_CAME: state("is-late"),
    },
    transitions=(
        *GENERAL.handing_over(),
        *REVIEWED.handing_over(("send", "resend"), B.IN_REVIEW),
        BASE.taking_back(B.IN_REVIEW, B.SUBMITTED),
        *BASE.sending_back(effects.send_back),
        # notice 二(一): 卫生系列的先送卫计局初审，再预约时间
        Transition(
            "health_return", "退回补正", (B.IN_REVIEW,), B.RETURNED, HEALTH, "初审退回",
            effect=effects.send_back, returns=True,
        ),
        Transition(
            "health_pass", "初审通过，送区人社局", (B.IN_REVIEW,), B.SUBMITTED, HEALTH, "初审通过",
            effect=effects.pass_on, style="primary", many=True,
        ),
        # notice 二(一): 每年由同级教育行政部门审核验印一次，周期满由教育行政部门会同人社行政部门统一验证
        Transition(
            "education_return", "退回补正", (B.IN_REVIEW,), B.RETURNED, EDUCATION, "审核退回",
            guards=(guards.nothing_decided,), effect=effects.send_back, returns=True,
        ),
        Transition(
            "education_pass", "审核通过，送区人社局", (B.IN_REVIEW,), B.SUBMITTED, EDUCATION_OF_A_CYCLE, "审核通过",
            guards=(guards.can_be_stamped,), effect=effects.pass_on, style="primary", many=True,
        ),
        Transition(
            "validate", "审核通过，送验印", (B.IN_REVIEW,), B.DECIDED, EDUCATION_OF_A_YEAR, "年度审核通过",
            guards=(guards.nobody_outdated, guards.can_be_stamped, guards.certificates_are_sound),
            effect=effects.validate, style="primary",
        ),
        Transition(
            "unvalidate", "撤回年度审核", (B.DECIDED,), B.IN_REVIEW, EDUCATION_OF_A_YEAR, "撤回年度审核",
            effect=effects.unvalidate, form=REASON,
        ),
        Transition(
            "finish", "办结，送用印", (B.SUBMITTED,), B.DECIDED, BUREAU, "办结",
            guards=(
                guards.has_people, guards.everybody_settled, guards.nothing_changed, guards.certificates_are_sound,
                guards.materials_checked,
            ),
            effect=effects.finish, style="primary",
        ),
        Transition(
            "reopen", "撤回办结", (B.DECIDED, B.STAMPED), B.SUBMITTED, COUNTER, "撤回办结",
            guards=(guards.no_roster_stands, guards.has_reason), effect=effects.reopen, form=REASON,
        ),
        Transition(
            "reopen_year", "撤回验印", (B.DECIDED, B.STAMPED), B.IN_REVIEW, EDUCATION_OF_A_YEAR, "撤回验印",
            guards=(guards.no_roster_stands, guards.has_reason), effect=tell_filer, form=REASON, hidden=True,
        ),
        # notice 二(三)2: nobody of it came to the counter in the season
        Transition(
            "close_unpresented", "结案（未到柜台）", (B.SUBMITTED,), B.NEVER_CAME, NOBODY, "未到柜台，结案", hidden=True
        ),
        # and what was sent back was not filed again by then
        Transition(
            "close_unmended", "结案（未再报送）", (B.RETURNED,), B.NEVER_CAME, NOBODY, "未再报送，结案", hidden=True
        ),
        Transition(
            "open_again", "恢复到柜台办理", (B.NEVER_CAME,), B.SUBMITTED, NOBODY, "恢复到柜台办理", hidden=True
        ),
        Transition(
            "stamp_pages", "先盖已验证的人", (B.SUBMITTED,), B.SUBMITTED, KEEPER, "个人页用印",
            guards=(
                guards.something_to_stamp, guards.nothing_changed, guards.certificates_are_sound,
                guards.not_the_decider, guards.seal_in_use,
            ),
            effect=effects.stamp_pages, form=SEAL,
        ),
        # notice 二(一): 周期满由教育行政部门会同人社行政部门统一验证: two seals on one paper, in any order
        Transition(
            "stamp_first", "盖本机关的印章", (B.DECIDED,), B.DECIDED, FIRST_KEEPER, "用印（两枚之一）",
            guards=(
                guards.nothing_changed, guards.certificates_are_sound, guards.not_the_decider, guards.seal_in_use,
            ),
            effect=effects.stamp_first, form=SEAL, style="primary",
        ),
        Transition(
            "stamp", "花名册用印", (B.DECIDED,), B.STAMPED, LAST_KEEPER, "用印",
            guards=(
                guards.nothing_changed, guards.certificates_are_sound, guards.not_the_decider, guards.seal_in_use,
            ),
            effect=effects.stamp, form=SEAL, style="primary",
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
    within="batch",
    filed_with="batch",
    states={
        R.LISTED: state("is-idle"),
        R.FILED: state("is-wait", Turn(DECIDER)),
        R.SUPPLEMENT: state(
            "is-soon",
            Turn(
                BRINGER, "补材料", supplements.brought_by, note=lambda record: record.reason,
                names=lambda record: [record.person.name],
            ),
            Turn(
                DECIDER, "办理逾期未补材料的人", supplements.decided_by, supplements.is_overdue,
                note=lambda record: record.reason,
            ),
        ),
        R.ASKED: state("is-soon", Turn(COUNTER_APPROVER, note=lambda record: record.reason)),
        R.VERIFIED: state("is-done"),
        R.FAILED: state("is-late"),
        R.STAMPED: state("is-done"),
        R.GIVEN_UP: state("is-late"),
    },
    transitions=(
        Transition("file", "报送", (R.LISTED,), R.FILED, ROW_FILER, "报送", effect=effects.mark_filed, hidden=True),
        # notice 二(三)2: 未能按时参加当年度验证的视同放弃验证权利
        Transition("give_up", "视同放弃", (R.LISTED,), R.GIVEN_UP, NOBODY, "视同放弃", hidden=True),
        Transition("list_again", "恢复列入", (R.GIVEN_UP,), R.LISTED, ROW_FILER, "恢复列入", hidden=True),
        Transition(
            "restore", "恢复验证权利", (R.GIVEN_UP,), R.LISTED, OPENER, "恢复验证权利",
            guards=(guards.has_reason,), effect=effects.let_in_again, form=REASON,
        ),
        # notice 二(三)2: filed, and never brought to the counter in the season
        Transition("never_came", "视同放弃", (R.FILED,), R.GIVEN_UP, NOBODY, "视同放弃（未到柜台）", hidden=True),
        Transition(
            "present_again", "恢复到柜台办理", (R.GIVEN_UP,), R.FILED, NOBODY, "恢复到柜台办理", hidden=True
        ),
        Transition(
            "let_come", "恢复验证权利", (R.GIVEN_UP,), R.FILED, LETS_COME, "恢复验证权利",
            guards=(guards.has_reason,), effect=effects.let_come, form=REASON,
        ),
        Transition(
            "decline", "出具不予受理通知书", (R.GIVEN_UP,), R.GIVEN_UP, COUNTER, "出具不予受理通知书",
            guards=(guards.has_reason,), effect=effects.decline, form=REASON,
        ),
        Transition("unfile", "退回修改", (R.FILED,), R.LISTED, ROW_OPENER, "退回修改", hidden=True),
        Transition(
            "verify", "通过", (R.FILED, R.SUPPLEMENT), R.VERIFIED, DECIDER, "验证通过",
            guards=(
                guards.at_the_counter, waivers.as_it_was_seen, guards.ledger_unchanged, guards.requirements_met,
            ),
            effect=effects.verify, style="primary",
        ),
        # Where the rules leave the figure open (a third-level hospital) nobody is judged; what it rests on is printed.
        Transition(
            "verify_unjudged", "附注通过", (R.FILED, R.SUPPLEMENT), R.VERIFIED, DECIDER, "附注通过（未判定）",
            guards=(
                guards.at_the_counter, waivers.as_it_was_seen, guards.ledger_unchanged, guards.cannot_be_judged,
                guards.has_reason,
            ),
            effect=effects.decide, form=REASON,
        ),
        # notice 一(三)1: 一般不少于; the reason is printed
        Transition(
            "waive", "未达标仍通过", (R.FILED, R.SUPPLEMENT, R.ASKED), R.VERIFIED, COUNTER_APPROVER,
            "审批通过（未达标）",
            guards=(
                guards.at_the_counter, waivers.not_who_asked, waivers.as_it_was_seen, guards.ledger_unchanged,
                guards.requirements_open, guards.has_reason,
            ),
            effect=effects.waive, form=WAIVE,
        ),
        Transition(
            "ask", "请审批人同意", (R.FILED, R.SUPPLEMENT), R.ASKED, DECIDER, "请审批人同意",
            guards=(
                guards.at_the_counter, waivers.as_it_was_seen, guards.ledger_unchanged, guards.requirements_open,
                guards.has_reason,
            ),
            effect=effects.ask, form=SEEN,
        ),
        Transition(
            "refuse_waiver", "不同意", (R.ASKED,), R.FILED, COUNTER_APPROVER, "审批不同意",
            guards=(guards.at_the_counter, waivers.not_who_asked, guards.has_reason),
            effect=effects.refuse_waiver, form=REASON, style="danger",
        ),
        Transition(
            "unask", "请示作废", (R.ASKED,), R.FILED, NOBODY, "请示作废", effect=effects.unask, hidden=True
        ),
        Transition(
            "supplement", "待补材料", (R.FILED,), R.SUPPLEMENT, DECIDER, "待补材料",
            guards=(guards.at_the_counter, waivers.as_it_was_seen, guards.has_reason),
            effect=effects.ask_for_more, form=REASON,
        ),
        Transition(
            "fail", "不通过", (R.FILED, R.SUPPLEMENT), R.FAILED, DECIDER, "验证不通过",
            guards=(guards.at_the_counter, waivers.as_it_was_seen, guards.has_reason), effect=effects.fail,
            form=REASON, style="danger",
        ),
        Transition(
            "not_brought", "不通过", (R.SUPPLEMENT,), R.FAILED, NOBODY, "逾期未补材料，不通过", effect=effects.fail,
            hidden=True,
        ),
        Transition(
            "withdraw", "撤回结论", (R.VERIFIED, R.FAILED, R.SUPPLEMENT, R.ASKED), R.FILED, DECIDER, "撤回结论",
            guards=(guards.at_the_counter, guards.has_reason), effect=effects.take_back, form=REASON,
        ),
        Transition(
            "validate", "年度审核通过", (R.FILED,), R.VERIFIED, ANY_EDUCATION, "年度审核通过",
            guards=(guards.ledger_unchanged,), effect=effects.verify, hidden=True,
        ),
        Transition(
            "withdraw_year", "撤回年度审核", (R.VERIFIED,), R.FILED, ANY_EDUCATION, "撤回年度审核",
            effect=effects.undecide, hidden=True,
        ),
        Transition(
            "seal", "用印（两枚之一）", (R.VERIFIED,), R.VERIFIED, ANY_KEEPER, "用印（两枚之一）",
            effect=effects.put_first, hidden=True,
        ),
        Transition("stamp", "用印", (R.VERIFIED,), R.STAMPED, ANY_KEEPER, "用印", hidden=True),
        Transition(
            "revoke", "撤销已盖章的结论", (R.STAMPED,), R.FILED, COUNTER_APPROVER, "撤销结论",
            guards=(guards.has_reason, guards.fit_for_the_public), effect=effects.revoke, form=REVOKE, style="danger",
        ),
        Transition(
            "stands", "复核：结论不变", (R.STAMPED,), R.STAMPED, COUNTER_APPROVER, "复核确认",
            guards=(second_look.nothing_changed, guards.has_reason), effect=second_look.confirm, form=REASON,
        ),
        Transition(
            "stands_year", "复核：年度审核不变", (R.STAMPED,), R.STAMPED, EDUCATION_OF_A_YEAR, "复核确认",
            guards=(second_look.nothing_changed, guards.has_reason), effect=second_look.confirm, form=REASON,
        ),
        # notice 二(一): what the education bureau stamped alone, it alone revokes
        Transition(
            "revoke_year", "撤销已盖章的年度审核", (R.STAMPED,), R.FILED, EDUCATION_OF_A_YEAR, "撤销年度审核",
            guards=(guards.has_reason, guards.fit_for_the_public), effect=effects.revoke, form=REVOKE, style="danger",
        ),
    ),
    path=(
        Step("列入花名册", (R.LISTED,), "申报单位"),
        Step("验证", (R.FILED, R.SUPPLEMENT, R.ASKED), "区人社局"),
        Step("用印", (R.VERIFIED,), "监印人"),
    ),
)  # fmt: skip

# --- kinds ------------------------------------------------------------------------------------------------------------


def with_what_is_asked(rows: Any) -> Any:
    """Batches with their seats and counts, and what their season asks."""
    told = rows.select_related("appointment__slot", "first_seal", "authority").with_counts()
    return seasons.with_season(counting_changes(told))


def places(batch: Batch) -> dict[str, str]:
    """Where the unit mends what a return names; a person's row is found by its name in the list."""
    head, rows = reverse("batches:head", args=[batch.pk]), reverse("batches:rows", args=[batch.pk])
    return {
        **fields_at(Batch, head, ("filler", "phone", "note")),
        "花名册": rows,
        "人员": reverse("batches:choose", args=[batch.pk]),
        **materials_at(batch, materials.LINES),
    }


def numbered(batch: Batch) -> dict[int, int]:
    """The ids of the rows of 附件4, by their 序号. One query."""
    return dict(enumerate(batch.records.order_by("person__pinyin", "pk").values_list("pk", flat=True), 1))


KINDS = (
    CaseKind(
        Batch,
        BATCH,
        filing=first_filing,
        deadlines=(
            *(VERIFICATION, TAKEN_OUT, supplements.SUPPLEMENT_DUE, supplements.NOT_BROUGHT),
            *(REVIEW, SEASON, seasons.CAME_LATE),
        ),
        duties=(
            Duty(FILER, rosters_to_file),
            Duty(BUREAU, seals_to_register, clocked=False),
            Duty(SECURITY_OFFICER, seats_to_fill, clocked=False),
        ),
        subject=lambda batch: str(batch.year),
        # Lateness is decided person by person: a draft with nobody in it keeps nobody from being filed.
        missable=lambda batch: batch.submitted_at is None and people_in(batch) > 0,
        leads=ask_for_time,
        rows=with_what_is_asked,
        finds=by_words("number", *UNIT),
        places=places,
        numbered=numbered,
        phrases=FOR_BATCHES,
        summary=summary_of,
        files=FileRules(lambda batch: materials.LINES, materials.may_change),
        papers=(*papers.KINDS, *letters.OF_BATCHES),
        entries=(
            NavItem(
                "年度验证",
                "badge-check",
                "batches:list",
                READ_PEOPLE.roles,
                order=50,
                tab=True,
                group=Section.VERIFICATION,
            ),
        ),
        events={"refrozen": "按现有学时重新核算", "materials": "查验资料", "season_set": "设定集中验证截止日"},
        drafts=may_edit,
        clauses=(
            "二(一)",
            "二(一)1",
            "二(一)2",
            "二(一)3",
            "二(一)7",
            "二(一)卫生",
            "二(一)教师验印",
        ),
    ),
    CaseKind(
        AnnualRecord,
        RECORD,
        duties=(waivers.WAIVERS, *second_look.SECOND_LOOKS),
        named=lambda record: f"{record.person.name} {record.year} 年度验证",
        phrases=FOR_ROWS,
        papers=letters.OF_RECORDS,
        rows=lambda rows: rows.select_related("person", "batch"),
        events={"certificate_typed": "填写证书编号"},
        clauses=(
            "一(三)1",
            "一(三)2",
            "一(三)3",
            "二(三)2",
        ),
    ),
)
