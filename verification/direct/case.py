"""The bureau's own training, from its pass list to the stamp (notice 二(二)): one table, one kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, STAMP_DIRECTLY, Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_number
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.services import request_paper, request_papers, revoke_standing, supersede
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.case_kind import (
    ISSUE,
    REASON,
    CaseKind,
    Context,
    Step,
    Transition,
    Turn,
    Who,
    Workflow,
    state,
)
from luojiang_ce.workflow.engine import four_eyes
from luojiang_ce.workflow.events import last_actor
from units.access import APPROVER, HANDLER
from units.models import Employment
from units.notify import approvers, clerks_of_units, handlers, holders_at, tell
from units.seals import FOR_VERIFICATION
from verification.batches.guards import fit_for_the_public, has_reason
from verification.choices import Form, Measure
from verification.direct import papers
from verification.direct.courses import left_the_catalogue
from verification.direct.models import WHY, DirectTraining, PassedQuerySet
from verification.direct.pass_list import LISTED, UNLISTED, is_big, is_over, listed_twice, may_edit
from verification.ledger.models import LedgerEntry
from verification.ledger.services import NewEntry, counter_many, post

D = DirectTraining.State
MATERIALS = (
    Material("document", "调训文件", "区人社局印发的调训通知", "二(二)", required=lambda case: False),
    Material("pass_list", "考核合格名单", "签字或盖章的原件，扫描或拍照", "二(二)", required=lambda case: False),
)
NAMED = 10  # people whom a refusal names one by one


def _stamps(actor: Actor, case: DirectTraining) -> bool:
    """Of the keepers those of the bureau's seal alone."""
    return bool(actor.unit_ids(*STAMP_DIRECTLY.roles, of_bureau=True))


STAMPER = Who("区人社局监印人或审批", STAMP_DIRECTLY.roles, _stamps)


# --- guards -----------------------------------------------------------------------------------------------------------


def somebody_passed(context: Context) -> str | None:
    return None if context.case.passed.exists() else "合格名单还是空的，请先导入合格名单"


def was_held(context: Context) -> str | None:
    """Nobody has passed what is not over."""
    case: DirectTraining = context.case
    return None if is_over(case) else f"培训到 {full(case.date_to)} 为止，从次日起可以盖章入账"


def course_stands(context: Context) -> str | None:
    """notice 一(二): a public course stands in the catalogue of the year."""
    return left_the_catalogue(context.case.catalogue, context.case.year)


def nobody_twice(context: Context) -> str | None:
    """Nobody gets the hours of one training twice, however often its list was entered."""
    case: DirectTraining = context.case
    rows = list(case.passed.select_related("person").order_by("person__pinyin", "pk"))
    twice = listed_twice(case, [row.person_id for row in rows])
    if not twice:
        return None
    names = [f"{row.person.name}（{twice[row.person_id].number}）" for row in rows if row.person_id in twice]
    return f"同一期培训的合格名单里已经有：{first_of(names, NAMED, '人')}。请从一份名单里移出"


def seal_in_use(context: Context) -> str | None:
    """notice 二(二): the bureau's 培训专用章, as its name is in force today (一(一))."""
    return None if _seal(context) else "区人社局今天没有启用中的验证印章，请先在“印章与监印人”中登记"


def is_on_the_list(context: Context) -> str | None:
    """Who is withdrawn stands on the list, and not alone."""
    rows = context.case.passed.standing()
    if not rows.filter(person=context.data.get("person")).exists():
        return "名单上没有这个人，或已经撤回"
    return None if rows.count() > 1 else "名单上只有这一人，请撤回整期调训"


def _seal(context: Context) -> Seal | None:
    return Seal.objects.for_use(context.case.unit, FOR_VERIFICATION, clock.local(context.now).date())


SOUND = (somebody_passed, was_held, course_stands, nobody_twice, seal_in_use)


# --- effects ----------------------------------------------------------------------------------------------------------


def pass_on(context: Context) -> None:
    """Both who may stamp it know."""
    case: DirectTraining = context.case
    to = {account.pk: account for account in (*holders_at(case.unit, Role.SEAL_KEEPER), *approvers())}
    tell(to.values(), f"{case.called}待盖章入账：{case}", context)


def give_back(context: Context) -> None:
    tell(handlers(), f"{context.case.called}退回编制：{context.case}", context)


def stamp(context: Context) -> None:
    """notice 二(二): the hours of everybody who passed are posted, and stamped with them."""
    case: DirectTraining = context.case
    case.stamped_at = context.now
    post(entries=list(_entries(case)), source=case, actor=context.actor)
    # Who asked for the stamp answers for what the keeper stamps (notice 二(二)); an approver answers for the own.
    approver = context.actor if context.actor.holds(Role.BUREAU_APPROVER) else last_actor(case, "prepare")
    said = {"seal": _seal(context), "by_hand": context.data.get("by_hand", ""), "applicant": case.unit.name}
    asked = {"actor": context.actor, "approver": approver, "reason": f"调训验证：{case}"[:200], **said}
    rows = list(case.passed.order_by("person__pinyin", "pk"))
    request_papers(papers.PAGE.key, case, subjects=rows, **asked)
    request_paper(papers.ROSTER.key, case, **asked)
    _tell_units(context, f"本单位人员调训合格，学时已盖章入账：{case}")


def _entries(case: DirectTraining) -> Iterable[NewEntry]:
    """What everybody on the list gets; one query."""
    shared: dict[str, Any] = {
        "year": case.year,
        "measure": Measure.HOURS,
        "subject": case.subject,
        "form": Form.CLASS,
        "amount": case.amount,
        "title": case.title,
        "organiser": case.unit.name[:100],
        "date_from": case.date_from,
        "date_to": case.date_to,
        "intensive": case.intensive,
        "course": case.course,
        "reason": f"调训验证 {case.number}",
    }
    return (NewEntry(person_id=person, **shared) for person in case.passed.values_list("person", flat=True))


def withdraw(context: Context) -> None:
    """What the stamp posted is countered, entry by entry, and its papers are revoked: nothing is erased."""
    case: DirectTraining = context.case
    entries = list(LedgerEntry.objects.of_source(case).standing())
    counter_many(entries=entries, reason=f"调训撤回（{case.number}）：{context.note}"[:300], actor=context.actor)
    for kind in papers.KINDS:
        revoke_standing(kind.key, case, actor=context.actor, reason=context.note)
    _tell_units(context, f"调训学时已撤回冲销：{case}")
    tell(handlers(), f"{case.called}已撤回：{case}", context)


def withdraw_one(context: Context) -> None:
    """The same for one person: the page is revoked, and a list without the person takes the place of the list."""
    case: DirectTraining = context.case
    row = case.passed.get(person=context.data["person"])
    entries = LedgerEntry.objects.of_source(case).standing().filter(person=row.person_id)
    why = f"调训撤回一人（{case.number}）：{context.note}"[:300]
    counter_many(entries=list(entries), reason=why, actor=context.actor)
    revoke_standing(papers.PAGE.key, case, actor=context.actor, reason=context.note, subject=row)
    roster = Paper.objects.of(case).standing().filter(kind=papers.ROSTER.key).first()
    row.withdrawn_at, row.withdrawn_why = context.now, context.note[:WHY]
    row.save(update_fields=["withdrawn_at", "withdrawn_why"])
    supersede(
        papers.ROSTER.key,
        case,
        actor=context.actor,
        why=context.note,
        approver=context.actor,
        applicant=case.unit.name,
        reason=f"名单撤回一人：{case}"[:200],
        by_hand=roster.by_hand if roster else "",
        seal=_seal(context),
    )
    _tell_units(context, f"本单位一人的调训学时已撤回冲销：{case}", case.passed.filter(pk=row.pk))


def _tell_units(context: Context, title: str, passed: PassedQuerySet | None = None) -> None:
    """The units of the people (of these, else of all who count): where they were, and where they work now. Whom it is
    about stands on their own page."""
    case: DirectTraining = context.case
    rows = case.passed.standing() if passed is None else passed
    now = Employment.objects.filter(person__in=rows.values("person"), ended_on=None).values_list("unit", flat=True)
    units = {*rows.values_list("unit", flat=True), *now}
    key = f"direct-{case.pk}-{context.transition.name}-{context.now.isoformat()}"
    text = f"{case.span}，{case.year} 年度{case.what}，每人 {case.amount.normalize():f} 学时"
    notify(
        clerks_of_units(units),
        title,
        key=key,
        text="。".join(filter(None, [text, context.note])),
        url=reverse("direct:list"),
    )


# --- table ------------------------------------------------------------------------------------------------------------

DIRECT = Workflow(
    states={
        D.DRAFT: state("is-idle", Turn(HANDLER, "编制调训名单")),
        D.READY: state("is-wait", Turn(STAMPER, "盖章入账")),
        D.STAMPED: state("is-done"),
        D.WITHDRAWN: state("is-late"),
        D.DROPPED: state("is-idle"),
    },
    transitions=(
        Transition(
            "prepare", "提请盖章", (D.DRAFT,), D.READY, HANDLER, "提请盖章",
            guards=SOUND, effect=pass_on, style="primary",
        ),
        Transition("drop", "作废", (D.DRAFT,), D.DROPPED, HANDLER, "作废", style="danger"),
        Transition("take_back", "取回编制", (D.READY,), D.DRAFT, HANDLER, "取回"),
        Transition(
            "send_back", "退回编制", (D.READY,), D.DRAFT, STAMPER, "退回编制",
            guards=(has_reason,), effect=give_back, form=REASON,
        ),
        Transition(
            "stamp", "盖章并入账", (D.READY,), D.STAMPED, STAMPER, "盖章入账",
            guards=(four_eyes(), *SOUND), effect=stamp, form=ISSUE, style="primary", slow=is_big,
        ),
        Transition(
            "withdraw", "撤回并冲销", (D.STAMPED,), D.WITHDRAWN, APPROVER, "撤回并冲销",
            guards=(has_reason, fit_for_the_public), effect=withdraw,
            form="verification.batches.forms.RevokeForm", style="danger", slow=is_big,
        ),
        Transition(
            "withdraw_one", "撤回一人", (D.STAMPED,), D.STAMPED, APPROVER, "撤回一人并冲销",
            guards=(has_reason, fit_for_the_public, is_on_the_list, seal_in_use), effect=withdraw_one, hidden=True,
        ),
    ),
    path=(
        Step("编制名单", (D.DRAFT,), "区人社局经办"),
        Step("盖章入账", (D.READY,), "监印人或审批"),
    ),
)  # fmt: skip

KIND = CaseKind(
    DirectTraining,
    DIRECT,
    named=str,
    finds=by_number("DX", "title"),
    files=FileRules(lambda case: MATERIALS, may_edit),
    papers=papers.KINDS,
    entries=(
        NavItem("调训验证", "badge-check", "direct:list", READ_PEOPLE.roles, group=Section.VERIFICATION, order=54),
    ),
    events={LISTED: "列入合格名单", UNLISTED: "移出合格名单"},
    demo=Demo("调训验证", "verification.direct.demo.build", order=58),
    clauses=("二(二)",),
)
