"""What is to be done about classes, for the start page and the navigation."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import NavItem, Todo
from units.models import Account
from units.terms.grants import Terms
from units.terms.reading import current_terms

from .models import ClassApplication, Enrolment

CLERK, HANDLER, APPROVER = Role.UNIT_CLERK, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER
NAV = (
    NavItem(
        "开班申请", "presentation", "classes:list", (CLERK, HANDLER, APPROVER, Role.AUDIT_ADMIN), order=30, tab=True
    ),
    NavItem("培训报名", "user-plus", "classes:open", (CLERK,), order=31, also=()),
    NavItem(
        "公共科目目录", "library", "classes:catalogue", (HANDLER, APPROVER, Role.SYSTEM_ADMIN), group="查阅", order=60
    ),
)
State = ClassApplication.State


def classes_to_do(account: Account) -> Iterator[Todo]:
    """Applications to finish or mend and trainees to answer for (clerk), to check (handler), to decide (approver)."""
    if not account.holds(CLERK, HANDLER, APPROVER):
        return
    terms = current_terms()
    if account.holds(CLERK):
        yield from _of_clerk(account, terms)
        yield from _agreements(account)
    if account.holds(HANDLER):
        yield from _of_bureau(terms, State.SUBMITTED, "审核", "审核开班申请")
    if account.holds(APPROVER):
        yield from _of_bureau(terms, State.CHECKED, "审批", "审批开班申请")


def _of_clerk(account: Account, terms: Terms) -> Iterator[Todo]:
    own = ClassApplication.objects.filter(unit__in=account.unit_ids(CLERK))
    for case in own.select_related("unit").filter(
        state__in=[State.DRAFT, State.RETURNED, State.SUBMITTED, State.CHECKED]
    ):
        if case.state == State.DRAFT:
            due = terms.opening_for(case.unit, case.pk, case.opens_on) if case.opens_on else None
            yield Todo(
                f"提交开班申请：{case}", case.get_absolute_url(), due.explanation if due else "还没有填开班日期",
                due.due if due else None, bool(due and due.provisional), action_label="继续填写",
            )  # fmt: skip
        elif case.state == State.RETURNED:
            yield Todo(
                f"补正：{case}", case.get_absolute_url(), "退回补正，须在开班日之前重新提交并获批准", case.opens_on,
                action_label="查看并补正",
            )  # fmt: skip
        else:
            waiting = "区人社局经办审核" if case.state == State.SUBMITTED else "区人社局审批"
            yield Todo(str(case), case.get_absolute_url(), waiting_for=waiting, mine=False)


def _agreements(account: Account) -> Iterator[Todo]:
    waiting = (
        Enrolment.objects.answerable()
        .of_units(account.unit_ids(CLERK))
        .values("application__title", "application__opens_on")
        .annotate(count=Count("pk"))
        .order_by("application__opens_on")
    )
    for row in waiting:
        yield Todo(
            f"答复报名：{row['application__title']}，本单位 {row['count']} 人", reverse("classes:own_trainees"),
            "参加培训须经所在单位同意（通知 二(一)3）", row["application__opens_on"], action_label="同意或不同意",
        )  # fmt: skip


def _of_bureau(terms: Terms, state: str, verb: str, label: str) -> Iterator[Todo]:
    for case in ClassApplication.objects.filter(state=state).select_related("unit"):
        assert case.submitted_at is not None
        reply = terms.reply(clock.local(case.submitted_at).date())
        yield Todo(
            f"{verb}：{case}", case.get_absolute_url(), f"{case.unit.short}，{reply.explanation}", reply.due,
            reply.provisional, action_label=label,
        )  # fmt: skip
