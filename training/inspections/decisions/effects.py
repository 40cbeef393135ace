"""What a decision does, at once and whole, and what its withdrawal takes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, case_key
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import as_asked, revoke_papers
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.engine import SYSTEM, fire
from training.inspections.decisions import papers
from training.inspections.decisions.models import Decision, ReachCounted
from training.inspections.decisions.scope import keep_projects
from training.recognition.corrections.case import units_of
from training.recognition.rulings import services as rulings
from training.recognition.rulings.services import Acted
from units.filed_case import titled
from units.models import ProviderRemark
from units.notify import clerks_of, clerks_of_units, handlers, tell

# As the public check gives them.
WITHDRAWN = "处理决定已撤回"
BEING_CHANGED = "拟作处理修改，以重新告知的为准"
REFUSED = "经审批不予处理"


def redraft(context: Context) -> None:
    """What was told does not stand any more; the provider hears of it, and sees it again when it is told anew."""
    case: Decision = context.case
    papers.withdraw_intention(case, context.actor, BEING_CHANGED)
    said = f"{case.number} 已告知的拟作处理不再作数，正在修改，改好后重新告知，届时再陈述申辩"
    tell(_clerks(case), f"拟作处理正在修改：{case.inspection.subject}", context, text=said, linked=False)


def drop(context: Context) -> None:
    """Nothing comes of it. Who was told before hears of that."""
    forget_reach(context)
    if context.case.told_at:
        tell_provider(context, text="原来告知的拟作处理不再作出")


def refuse(context: Context) -> None:
    """Nothing comes of what was told."""
    forget_reach(context)
    papers.withdraw_intention(context.case, context.actor, REFUSED)
    tell_outcome(context)


def decide(context: Context) -> None:
    """notice 一(五)4: hours are taken, the record says so, the notice is asked for, everybody hears of it; one act."""
    case: Decision = context.case
    case.decided_at = context.now
    forget_reach(context)
    keep_projects(case)
    asked = as_asked(context.data)
    by_hand = asked["by_hand"]
    acted = rulings.make(case=case, number=case.number or "", reason=case.reason, actor=context.actor, by_hand=by_hand)
    remark(case)
    papers.request_notice(case, context.actor, **asked)
    fire(case.inspection, "decide", actor=SYSTEM)
    tell_outcome(context)
    tell_units(context, acted, "本单位人员的培训学时经监督检查不予认定")


def forget_reach(context: Context) -> None:
    """What the worker has counted of its reach told of what is not decided."""
    ReachCounted.objects.filter(decision=context.case.pk).delete()


def withdraw(context: Context) -> None:
    """Exactly what it took comes back: the classes are counted anew with everything else that holds by now."""
    case: Decision = context.case
    acted = rulings.undo(case=case, reason=context.note, actor=context.actor, by_hand=ANY)
    remarks_of(case).delete()
    revoke_papers(Paper.objects.of(case).standing(), actor=context.actor, reason=WITHDRAWN)
    fire(case.inspection, "reopen", actor=SYSTEM)
    tell_outcome(context)
    tell_units(context, acted, "监督检查处理决定已撤回，本单位人员的培训学时已恢复")


# --- the provider's record --------------------------------------------------------------------------------------------


def remark(case: Decision) -> None:
    """What is shown at the provider's every next application; nothing where nobody knows the unit."""
    if case.unit_id is None:
        return
    kinds = "、".join(dict.fromkeys(str(each) for each in case.findings.all()))
    case_type, pk = case_key(case)
    ProviderRemark.objects.create(
        unit_id=case.unit_id,
        kind=_short(case),
        text=f"{case.number}：{case.inspection.subject}，{kinds}"[:500],
        case_type=case_type,
        case_id=pk,
    )


def _short(case: Decision) -> str:
    named = (("通报批评", case.criticised), ("学时不予认定", case.unrecognised), ("项目不合格", case.unqualified))
    return "、".join([*(label for label, is_so in named if is_so), *(["其他处理"] if case.other else [])])


def remarks_of(case: Decision) -> QuerySet[ProviderRemark]:
    """What the decision has put on the provider's record."""
    case_type, pk = case_key(case)
    return ProviderRemark.objects.filter(case_type=case_type, case_id=pk)


# --- whom to tell -----------------------------------------------------------------------------------------------------


def tell_provider(context: Context, *, text: str = "", linked: bool = True) -> None:
    """The inspected unit's clerks; nobody where the register does not know the unit. `linked`: may they open it?"""
    tell(_clerks(context.case), titled(context.case, context.transition.done), context, text=text, linked=linked)


def _clerks(case: Decision) -> Iterable[Actor]:
    return clerks_of(case.unit_id) if case.unit_id else ()


def tell_outcome(context: Context) -> None:
    """The provider, the handlers and the inspectors of the visit."""
    tell(_clerks(context.case), titled(context.case, context.transition.done), context)
    officers = {each.pk: each for each in (*handlers(), *context.case.inspection.inspectors.all())}
    tell(officers.values(), titled(context.case, context.transition.done), context)


def tell_units(context: Context, acted: Sequence[Acted], title: str) -> None:
    """The units of the persons whose hours changed: where they were, and where they work now."""
    case: Decision = context.case
    changed = [each for one in acted for each in one.changed]
    notify(
        clerks_of_units(units_of(changed) - {case.unit_id or 0}),
        f"{title}：{case.inspection.subject}",
        key=f"decision-{case.pk}-{context.transition.name}-{context.now.isoformat()}-units",
        text=f"{case.number}：学时（学分）已按变动后的重新计算；已盖章年度受影响的，由区人社局复核，复核期间核验页显示“复核中”",
        url=reverse("ledger:people"),
    )
