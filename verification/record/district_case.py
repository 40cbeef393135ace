"""Districts whose files are believed: registered by a handler, approved by somebody else, ended (V10)."""

from __future__ import annotations

from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Passed, Step, Transition, Workflow, state
from luojiang_ce.workflow.engine import SYSTEM, fire, four_eyes
from units.access import APPROVER, NOBODY
from units.drafted_case import Drafting, may_change
from units.filed_case import tell_handlers
from verification.record.models import TrustedDistrict

S = TrustedDistrict.State


def take_the_place(context: Context) -> None:
    """A new key set of a district takes the place of the former one: never two at a time."""
    case: TrustedDistrict = context.case
    if former := case.former:
        fire(former, "give_way", actor=SYSTEM, note="由新登记的公钥代替")
    tell_handlers(context)


def under_its_name(context: Context) -> str | None:
    """Keys take the place of those of the same district alone: under another name it would be put out unseen."""
    case: TrustedDistrict = context.case
    former = case.former
    if former is None or former.name == case.name:
        return None
    advice = f"同一地区请用同一名称；确是两地的，先停用“{former.name}”"
    return f"这个地区标识现在登记为“{former.name}”，批准会使它停用。{advice}"


DRAFTING = Drafting("登记互认地区", "审批互认地区")

DISTRICT = Workflow(
    states={
        **DRAFTING.states(),
        S.IN_FORCE: state("is-done"),
        S.OFF: state("is-idle"),
    },
    transitions=(
        *DRAFTING.transitions(),
        Transition(
            "put_in_force", "批准互认", (S.PROPOSED,), S.IN_FORCE, APPROVER, "批准互认",
            guards=(four_eyes(), under_its_name), effect=take_the_place, style="primary",
        ),
        Transition(
            "end", "停用", (S.IN_FORCE,), S.OFF, APPROVER, "停用", effect=tell_handlers, form=REASON, style="danger",
        ),
        Transition("give_way", "被新公钥代替", (S.IN_FORCE,), S.OFF, NOBODY, "被新公钥代替", hidden=True),
    ),
    path=(
        Step("登记", (S.DRAFT,), "区人社局经办"),
        Step("审批", (S.PROPOSED,), "区人社局审批"),
        Step("执行", (S.IN_FORCE,), passed=lambda case: Passed() if case.state == S.IN_FORCE else None),
    ),
)  # fmt: skip

KIND = CaseKind(
    TrustedDistrict,
    DISTRICT,
    drafts=may_change,
    finds=by_words("name", "issuer", "document"),
    entries=(
        NavItem(
            "互认地区",
            "handshake",
            "record:districts",
            READ_PEOPLE.roles,
            group=Section.RULES,
            order=84,
            also=("record:new_district", "record:trusteddistrict", "record:edit_district"),
            whole=False,
        ),
    ),
    demo=Demo("互认地区", "verification.record.demo.build_districts", order=97),
)
