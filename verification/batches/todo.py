"""What is to be done about the yearly verification, for the start page and the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import NavItem, Todo
from units.models import Account, Unit
from units.terms.grants import Terms
from units.terms.reading import current_terms

from .models import AnnualRecord, Appointment, Batch, Path
from .services import default_year

CLERK, HANDLER, APPROVER = Role.UNIT_CLERK, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER
REVIEWERS = (Role.HEALTH_REVIEWER, Role.EDUCATION_REVIEWER)
NAV = (
    NavItem(
        "年度验证",
        "badge-check",
        "batches:list",
        (CLERK, HANDLER, APPROVER, *REVIEWERS, Role.SEAL_KEEPER, Role.AUDIT_ADMIN),
        order=50,
        tab=True,
    ),
    NavItem("预约时段", "calendar-days", "batches:slots", (HANDLER, APPROVER), order=51),
    NavItem("预约办理", "calendar-days", "batches:book", (CLERK, *REVIEWERS), order=51),
)
S = Batch.State


def batches_to_do(account: Account) -> Iterator[Todo]:
    """Batches to file, book, review, decide and stamp."""
    if not account.holds(CLERK, HANDLER, APPROVER, *REVIEWERS, Role.SEAL_KEEPER):
        return
    terms = current_terms()
    open_ones = Batch.objects.visible_to(account).exclude(state=S.STAMPED).with_counts()
    rows = list(open_ones.select_related("unit", "appointment__slot"))
    if account.holds(CLERK):
        yield from _to_file(account, terms, rows)
        yield from _of_clerk(account, rows)
    if account.holds(HANDLER):
        yield from _of_counter(rows)
    if account.holds(*REVIEWERS):
        yield from _of_reviewer(account, rows)
    if account.holds(Role.SEAL_KEEPER):
        yield from _of_keeper(account, rows)


def _of_keeper(account: Account, rows: list[Batch]) -> Iterator[Todo]:
    """Only what this account's own seal is for: the bureau's, or the education bureau's for a teacher's year."""
    keeps = account.unit_ids(Role.SEAL_KEEPER)
    bureau = set(Unit.objects.filter(pk__in=keeps, is_bureau=True).values_list("pk", flat=True))
    for row in rows:
        is_own = row.unit.supervisor_id in keeps if row.path == Path.TEACHER else bool(bureau)
        if row.state == S.DECIDED and is_own:
            yield _todo(f"用印：{row}", row, "核对后盖章", "用印")


def _todo(title: str, row: Batch, note: str = "", label: str = "办理") -> Todo:
    return Todo(title, row.get_absolute_url(), note, action_label=label)


def _to_file(account: Account, terms: Terms, rows: list[Batch]) -> Iterator[Todo]:
    """The season's filing, while a unit has filed nothing for the year."""
    year = default_year(clock.today())
    filed = Batch.objects.filter(unit__in=account.unit_ids(CLERK), year=year, first_submitted_at__isnull=False)
    done = set(filed.values_list("unit_id", flat=True))
    drafts = {row.unit_id: row for row in rows if row.state == S.DRAFT and row.year == year}
    for unit in Unit.objects.filter(pk__in=account.unit_ids(CLERK) - done):
        draft = drafts.get(unit.pk)
        due = terms.verification_for(unit, year)
        url = draft.get_absolute_url() if draft else reverse("batches:new")
        label = "继续填写" if draft else "选人员"
        yield Todo(f"报送 {year} 年度验证花名册", url, due.explanation, due.due, due.provisional, action_label=label)


def _of_clerk(account: Account, rows: list[Batch]) -> Iterator[Todo]:
    own = account.unit_ids(CLERK)
    for row in rows:
        if row.unit_id not in own:
            continue
        if row.state == S.RETURNED:
            yield _todo(f"补正：{row}", row, "退回补正，须一次补齐", "继续补正")
        elif row.state == S.SUBMITTED and not row.has_seat:
            url = f"{reverse('batches:book')}?batch={row.pk}"
            yield Todo(f"预约办理时间：{row}", url, "报送后按预约时间到柜台办理", action_label="预约")
        elif row.state == S.SUBMITTED:
            seat = row.appointment
            due = seat.slot.date if seat and seat.state == Appointment.State.BOOKED else None
            yield Todo(f"到柜台办理：{row}", row.get_absolute_url(), str(seat), due, action_label="看预约")
        elif row.state in (S.IN_REVIEW, S.DECIDED):
            whom = "主管部门审核" if row.state == S.IN_REVIEW else "用印"
            yield Todo(str(row), row.get_absolute_url(), waiting_for=whom, mine=False)
    yield from _to_supplement(account)


def _to_supplement(account: Account) -> Iterator[Todo]:
    """People whose papers were not whole at the counter, with the day by which they are awaited."""
    asked = AnnualRecord.objects.filter(unit__in=account.unit_ids(CLERK), state=AnnualRecord.State.SUPPLEMENT)
    for record in asked.select_related("person"):
        title = f"补材料：{record.person.name} {record.year} 年度验证"
        yield Todo(title, record.get_absolute_url(), record.reason, record.supplement_by, action_label="看要补什么")


def _of_counter(rows: list[Any]) -> Iterator[Todo]:
    """Who is booked for today or has come is the counter's; the others are awaited."""
    today = clock.today()
    for row in rows:
        if row.state != S.SUBMITTED:
            continue
        seat = row.appointment if row.has_seat else None
        url = reverse("batches:counter", args=[row.pk])
        note = f"{row.people} 人，已办 {row.settled} 人"
        if seat and seat.slot.date <= today:
            yield Todo(f"柜台验证：{row}", url, f"{note}；{seat}", seat.slot.date, action_label="到柜台办理")
        elif row.settled:
            yield Todo(f"继续柜台验证：{row}", url, note, action_label="到柜台办理")
        else:
            yield Todo(str(row), row.get_absolute_url(), note, waiting_for=str(seat or "单位预约"), mine=False)


def _of_reviewer(account: Account, rows: list[Any]) -> Iterator[Todo]:
    paths = [Path.MEDICAL] if account.holds(Role.HEALTH_REVIEWER) else []
    paths += [Path.TEACHER, Path.CYCLE] if account.holds(Role.EDUCATION_REVIEWER) else []
    for row in rows:
        if row.state == S.IN_REVIEW and row.path in paths:
            yield _todo(f"审核：{row}", row, f"{row.get_path_display()}，{row.people} 人", "审核")
