"""What must be so before a batch or a record moves: each gives the reason why not, or None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.once import once_per_row
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.public import NotForThePublic, refuse_id_numbers
from luojiang_ce.refusals import Mended, Particular
from luojiang_ce.words import first_of
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.engine import four_eyes
from units.filed_case import in_time, mended_at, too_late
from units.models import Person
from verification.requirements.display import NO_PERIOD

from .certificates import unsound
from .completeness import known_problems, place_of_problem
from .facts import changed_decided, changed_rows, outdated
from .in_time import due_of, late_rows
from .materials import needed
from .models import AnnualRecord, Batch, Material, Path
from .papers import roster_kind
from .routing import authority_of, missing_to_stamp, sealing_unit
from .seasons import gone, gone_since, over_at, season_over
from .two_seals import has_two, lacks_seal, seals_of

SHOWN = 3  # of many places that are wrong; the page lists them all
LISTED = AnnualRecord.State.LISTED


# --- batches ----------------------------------------------------------------------------------------------------------


def has_people(context: Context) -> str | None:
    if context.case.standings:
        return None
    said = "花名册里还没有人，请先从应验证人员中选入"
    return mended_at(context, said, {"选入": reverse("batches:choose", args=[context.case.pk])})


def nothing_missing(context: Context) -> str | None:
    problems = known_problems(context.case)
    if not problems:
        return None
    shown = problems[:SHOWN]
    said = "；".join(f"{problem.where}：{problem.text}" for problem in shown)
    if len(problems) > SHOWN:
        said = f"{said}；另有 {len(problems) - SHOWN} 处，见本页清单"
    return mended_at(context, said, {problem.where: place_of_problem(context.case, problem) for problem in shown})


def somebody_reviews(context: Context) -> str | None:
    """What nobody can look at is not sent: it would lie where no clock runs."""
    if authority_of(context.case.unit, context.case.path):
        return None
    role = Path(context.case.path).reviewed_by
    label = role.label if role else ""
    return f"全区还没有“{label}”人员，不能送初审；请联系区人社局促进就业和培训股，由安全管理员任命"


def can_be_stamped(context: Context) -> str | None:
    """What the authority passes on it can stamp: there is a seal, and a keeper who is not who passes it on."""
    actor = context.actor if settings.FOUR_EYES else None
    owner = context.case.authority or sealing_unit(context.case)
    return "；".join(missing_to_stamp(owner, context.now.date(), but=actor)) or None


def filed_in_time(context: Context) -> str | None:
    """notice 二(一): by the deadline; afterwards who was filed in time before, or is excused (二(三)2)."""
    late = in_time(context)
    if late is None:
        return None
    rows = late_rows(context.case, context.now)
    if not rows:
        return None
    return late if len(rows) == len(context.case.standings) else f"{_named(rows)}没有在期限内申报。{late}"


def nobody_added_late(context: Context) -> str | None:
    """What was filed in time may be mended after the deadline; who is new in it is late (P2)."""
    deadline = due_of(context.case.unit, context.case.year)
    if is_in_time(deadline, context.now):
        return None
    rows = late_rows(context.case, context.now)
    if not rows:
        return None
    late = f"{_named(rows)}是期限（{month_day(deadline.due)}）以后新列入的"
    return f"{late}，不能随补正报送，请移出；有特殊情况的，另行申请延期"


def nobody_gone(context: Context) -> str | None:
    """notice 二(三)2: who was sent back and not filed again by the end of the season has given the year up, whether or
    not it is written down yet; who was on leave that day has not."""
    ends = over_at(context.case, context.now)
    if ends is None:
        return None
    rows = list(context.case.records.filter(pk__in=gone_since(context.case, ends)).select_related("person"))
    if not rows:
        return None
    late = too_late(ends, context.case)
    if len(rows) == len(context.case.standings):
        return late
    return f"{_named(rows)}没有在集中验证截止前报送，请移出后再报送其余的人。{late}"


def _named(rows: Sequence[AnnualRecord]) -> str:
    return first_of([row.person.name for row in rows], SHOWN)


def nothing_decided(context: Context) -> str | None:
    done = sum(state not in (LISTED, AnnualRecord.State.FILED) for state, _ in context.case.standings)
    return f"已有 {done} 人办理，不能整批退回；请先逐人撤回结论" if done else None


def everybody_settled(context: Context) -> str | None:
    states = [state for state, _ in context.case.standings]
    waiting = sum(state == AnnualRecord.State.FILED for state in states)
    short = sum(state == AnnualRecord.State.SUPPLEMENT for state in states)
    asked = sum(state == AnnualRecord.State.ASKED for state in states)
    said = [f"还有 {waiting} 人未办"] if waiting else []
    said += [f"{short} 人待补材料"] if short else []
    said += [f"{asked} 人待审批"] if asked else []
    counter = reverse("batches:counter", args=[context.case.pk])
    return Mended("，".join(said), dict.fromkeys(said, counter)) if said else None


def materials_checked(context: Context) -> str | None:
    """notice 二(一)1–7: what the batch's people and their hours need was looked at."""
    seen = set(context.case.materials_seen)
    missing = [Material(code).label for code in needed(context.case) if code not in seen]
    if not missing:
        return None
    seven = f"{reverse('batches:counter', args=[context.case.pk])}#seven"
    return Mended(f"还没有查验：{'、'.join(missing)}", dict.fromkeys(missing, seven))


def no_roster_stands(context: Context) -> str | None:
    rosters = Paper.objects.of(context.case).filter(kind=roster_kind(context.case).key)
    if not rosters.standing().exists():
        return None
    return "花名册已盖章；结论有误的，由审批人在个人页撤销，花名册随之撤销"


def something_to_stamp(context: Context) -> str | None:
    ready = context.case.records.filter(state=AnnualRecord.State.VERIFIED)
    if not has_two(context.case):
        return None if ready.exists() else "没有已验证而未盖章的人"
    own = context.actor.unit_ids(Role.SEAL_KEEPER)
    lacking = any(lacks_seal(row, own) for row in ready.select_related("first_seal"))
    return None if lacking else "没有已验证而本机关未盖章的人"


def seal_in_use(context: Context) -> str | None:
    """notice 一(一): the sealing unit's own verification seal, of the name in force today."""
    seals = seals_of(context.case, context.actor).in_use_on(context.now.date())
    chosen: Seal | None = context.data.get("seal")
    if chosen is None:
        return None if seals.exists() else "今天没有启用中的验证印章，请先在“印章与监印人”中登记"
    if not seals.filter(pk=chosen.pk).exists():
        return f"印章“{chosen.name}”不是本机关现行的验证印章"
    return chosen.problem_on(context.now.date())


# Who had a hand in the batch, or in one of the people in it, does not stamp it.
not_the_decider = four_eyes(
    lambda batch: batch.records.all(), said="办理与用印须为两人，本批您办过“{}”，请另一位监印人用印"
)


# --- records ----------------------------------------------------------------------------------------------------------


def at_the_counter(context: Context) -> str | None:
    """Rows are decided while their batch is. Bulk acts bring the batch along, so that it is read once."""
    batch: Batch = context.data.get("batch") or context.case.batch
    if batch.state == Batch.State.SUBMITTED:
        return _came_too_late(context.case, batch)
    return f"所在批次的状态是“{batch.get_state_display()}”，不能改动结论"


def _came_too_late(record: AnnualRecord, batch: Batch) -> str | None:
    """notice 二(三)2: who never came by the last day has given the year up, whether or not it is written down yet."""
    ends = season_over(batch) if record.pk in gone(batch) else None
    if ends is None:
        return None
    return f"{ends.explanation}有正当理由的，由审批人在个人页恢复"


def requirements_met(context: Context) -> str | None:
    """notice 一(三)1: whoever has not met the requirements is verified by the approver alone, with a reason."""
    if may_be_verified(context.case):
        return None
    if why_judged(context.case) is None:
        return "规则没有写明应有数，不能判定；请点“附注通过”并写明依据，附注印在证明上"
    approver = "确需通过的，请审批人同意并写明理由，理由印在证明上"
    return Particular(f"{shortfall(context.case.verdict)}。{approver}", f"没有达标。{approver}")


def requirements_open(context: Context) -> str | None:
    return "已达标，直接通过即可" if may_be_verified(context.case) else None


def cannot_be_judged(context: Context) -> str | None:
    """notice 一(三)2: of whom the rules ask no figure nobody can say that it was met or not."""
    return why_judged(context.case)


def why_judged(record: AnnualRecord) -> str | None:
    """Why the year can be judged, or what of the person is missing for it; None where the rules leave it open."""
    if record.verdict.get("outcome") != "undetermined":
        return "达标情况已经判定，请按判定办理"
    if record.facts.get("category") == Person.Category.MEDICAL and not record.facts.get("institution_level"):
        return "没有登记医疗机构级别，不能判定；请先在单位信息中补登，重新核算后再办理"
    if any(row["conclusion"] == NO_PERIOD for row in record.verdict.get("rows", [])):
        return str(record.verdict["remark"])
    return None


def may_be_verified(record: AnnualRecord) -> bool:
    """Met; or a teacher's year inside the cycle, which is decided at its end (notice 一(三)3)."""
    outcome = record.verdict.get("outcome")
    return outcome == "met" or (outcome == "in_progress" and record.path != Path.CYCLE)


def shortfall(verdict: dict[str, Any]) -> str:
    """What is missing, in one line: 年度总学时差 4.0，专业科目差 2.0."""
    short = [f"{row['title']}{row['conclusion']}" for row in verdict.get("rows", []) if row["css"] == "unmet"]
    return "，".join(short) or verdict.get("remark") or "尚未达标"


def has_reason(context: Context) -> str | None:
    return None if context.ahead or context.note.strip() else "请写明理由，申报单位会看到"


def fit_for_the_public(context: Context) -> str | None:
    """The reason of a revocation stands on the public check page."""
    try:
        refuse_id_numbers(context.note)
    except NotForThePublic:
        return "理由会向公众显示，请勿写证件号码"
    return None


def nothing_changed(context: Context) -> str | None:
    """What was decided on hours that are others now does not go under a seal: neither who passed nor who failed."""
    rows = changed_decided(context.case)
    return f"{_named(rows)}办理以后学时有变动，{_mended(context.case)}" if rows else None


def nobody_outdated(context: Context) -> str | None:
    """The authority passes its people on the hours that they have now; the button says so beforehand."""
    rows = [row for row in changed_rows(context.case) if row.state == AnnualRecord.State.FILED]
    return f"{_named(rows)}学时有变动，请先按现有学时重新核算" if rows else None


def certificates_are_sound(context: Context) -> str | None:
    """附件4: nobody's page goes under a seal without the number of the booklet, or with that of somebody else."""
    without, others = unsound(context.case)
    said = [f"{_named(without)}发证、换证还没有编号（编号规则未设定），请在个人页填写"] if without else []
    said += [f"{_named(others)}的证书编号已登记给另一人，请在个人页更正"] if others else []
    return "；".join(said) or None


def _mended(batch: Batch) -> str:
    """How those whose hours have changed are decided anew, from where the batch stands."""
    if batch.path == Path.TEACHER:
        return "不能用印：请主管部门撤回年度审核，按现有学时重新核算后再审核"
    if batch.state == Batch.State.SUBMITTED:
        return "请撤回其结论，按现有学时重新核算后再办理"
    return "不能用印：请区人社局撤回办结，撤回其结论，按现有学时重新核算后再办理"


def ledger_unchanged(context: Context) -> str | None:
    """A verdict that a later entry of the ledger may have changed is frozen anew before it is relied on."""
    newer = context.data.get("newer")
    stale = _is_outdated(context.case) if newer is None else context.case.pk in newer
    return "学时有变动，请先按现有学时重新核算" if stale else None


@once_per_row
def _is_outdated(record: AnnualRecord) -> bool:
    """Asked for each button of the record's page."""
    return bool(outdated([record]))
