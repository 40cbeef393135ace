"""The states of a declaration and who moves it: read the table from top to bottom."""

from __future__ import annotations

from typing import Any

from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.files.materials import missing_titles
from luojiang_ce.workflow.guards import mark_submitted
from luojiang_ce.workflow.table import Context, StateInfo, Step, Transition, Who, Workflow
from units.models import Person
from units.who import APPROVER, FILER
from verification.declarations.effects import enter_into_ledger, take_out_of_ledger, tell_the_unit
from verification.declarations.materials import materials
from verification.declarations.models import Declaration
from verification.ledger.registry import year_filed_on
from verification.terms import Form

State = Declaration.State
REASON_FORM = "luojiang_ce.workflow.forms.ReasonForm"


def _reviews(actor: Actor, case: Any) -> bool:
    """The bureau's handler, or the reviewer of the authority that the unit belongs to (V1)."""
    own_system = actor.unit_ids(Role.HEALTH_REVIEWER, Role.EDUCATION_REVIEWER)
    return actor.holds(Role.BUREAU_HANDLER) or case.unit.supervisor_id in own_system


REVIEWER = Who(
    "区人社局经办或主管部门审核人员",
    (Role.BUREAU_HANDLER, Role.HEALTH_REVIEWER, Role.EDUCATION_REVIEWER),
    _reviews,
)


def evidence_is_complete(context: Context) -> str | None:
    """notice 二(一) 2 to 7."""
    missing = missing_titles(context.case, materials(context.case))
    return f"还缺材料：{'、'.join(missing)}。请在“材料”中上传" if missing else None


def person_works_here(context: Context) -> str | None:
    """A unit declares for its own people only."""
    case = context.case
    if Person.objects.employed_in(case.unit).filter(pk=case.person_id).exists():
        return None
    return f"{case.person}已不在本单位，由现单位申报"


def self_study_is_filed(context: Context) -> str | None:
    """notice 一(四): self-study counts only after it was approved and filed, which is not offered yet."""
    if context.case.form == Form.SELF_STUDY:
        return "自学须事先经区人社局核准备案（通知 一(四)），自学备案尚未开通，暂不能申报"
    return None


def confirmed_before_the_year_was_filed(context: Context) -> str | None:
    """notice 二(一)6: 必须事先办好确认手续, that is before the year was filed for verification (V1)."""
    case = context.case
    if case.form != Form.PAPER:
        return None
    filed = year_filed_on(case.person_id, case.year)
    if filed is None or case.confirmed_on <= filed:
        return None
    return (
        f"论文须事先办好确认手续（通知 二(一)6）：确认日期 {case.confirmed_on:%Y-%m-%d} "
        f"晚于该年度验证的首次报送日 {filed:%Y-%m-%d}"
    )


FILING = (evidence_is_complete, person_works_here, self_study_is_filed, confirmed_before_the_year_was_filed)

WORKFLOW = Workflow(
    model=Declaration,
    states={
        State.DRAFT: StateInfo("idle", FILER),
        State.SUBMITTED: StateInfo("turn", REVIEWER),
        State.RETURNED: StateInfo("soon", FILER),
        State.ACCEPTED: StateInfo("done"),
        State.REFUSED: StateInfo("late"),
        State.WITHDRAWN: StateInfo("idle"),
        State.REVOKED: StateInfo("late"),
    },
    transitions=(
        Transition(
            name="submit",
            label="提交审核",
            done="提交",
            sources=(State.DRAFT,),
            target=State.SUBMITTED,
            who=FILER,
            guards=FILING,
            effect=mark_submitted,
            style="primary",
        ),
        Transition(
            name="resubmit",
            label="补正后重新提交",
            done="重新提交",
            sources=(State.RETURNED,),
            target=State.SUBMITTED,
            who=FILER,
            guards=FILING,
            effect=mark_submitted,
            form="luojiang_ce.workflow.forms.ResubmitForm",
            style="primary",
        ),
        Transition(
            name="withdraw",
            label="撤回申报",
            done="撤回",
            sources=(State.DRAFT, State.SUBMITTED, State.RETURNED),
            target=State.WITHDRAWN,
            who=FILER,
            style="danger",
        ),
        Transition(
            name="return",
            label="退回补正",
            done="退回补正",
            sources=(State.SUBMITTED,),
            target=State.RETURNED,
            who=REVIEWER,
            effect=tell_the_unit,
            returns=True,
        ),
        Transition(
            name="refuse",
            label="不予认可",
            done="不予认可",
            sources=(State.SUBMITTED,),
            target=State.REFUSED,
            who=REVIEWER,
            effect=tell_the_unit,
            form=REASON_FORM,
            style="danger",
        ),
        Transition(
            name="accept",
            label="认可并入账",
            done="认可",
            sources=(State.SUBMITTED,),
            target=State.ACCEPTED,
            who=REVIEWER,
            guards=(evidence_is_complete, confirmed_before_the_year_was_filed),
            effect=enter_into_ledger,
            style="primary",
        ),
        Transition(
            name="revoke",
            label="撤销认可并冲销",
            done="撤销认可",
            sources=(State.ACCEPTED,),
            target=State.REVOKED,
            who=APPROVER,
            effect=take_out_of_ledger,
            form=REASON_FORM,
            style="danger",
        ),
    ),
    path=(
        Step("提交", (State.DRAFT, State.RETURNED), "申报单位"),
        Step("审核", (State.SUBMITTED,), "审核人员"),
        Step("入账", (), "认可后自动"),
    ),
)
