"""What anyone may know of published projects and their approved sessions (notice 一(五)1, 一(五)2): no person's name,
no telephone, nothing of what was not approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.urls import reverse
from icalendar import Event

from luojiang_ce import clock
from luojiang_ce.deadlines.feed import new_calendar
from luojiang_ce.papers.models import Paper
from training.classes.models import ClassApplication, TimetableRow
from training.classes.papers import OPENING_NOTICE
from training.plans.models import PlanItem
from verification.choices import Measure

State = ClassApplication.State
NOT_OPEN, ENROLLING, FULL, UNDER_WAY, ENDED = "未开班", "报名中", "名额已满", "进行中", "已结束"
CANCELLED, WITHDRAWN, NOT_HELD = "已取消", "已撤销", "未举办"
APPROVED = (*ClassApplication.ALLOWED, State.NOT_HELD)
MEANINGS = {
    NOT_OPEN: "is-wait",
    ENROLLING: "is-turn",
    FULL: "is-wait",
    UNDER_WAY: "is-soon",
    ENDED: "is-done",
    CANCELLED: "is-late",
    WITHDRAWN: "is-late",
    NOT_HELD: "is-late",
}
GONE = (CANCELLED, WITHDRAWN, NOT_HELD)


@dataclass(frozen=True)
class Session:
    """An approved session of a project as the public sees it."""

    case: ClassApplication
    state: str
    amount: str

    @property
    def meaning(self) -> str:
        return MEANINGS[self.state]


@dataclass(frozen=True)
class Project:
    """A published project with its sessions."""

    item: PlanItem
    sessions: Sequence[Session]

    @property
    def state(self) -> str:
        """That of the project itself; while it has sessions they speak for it."""
        return WITHDRAWN if self.item.state == PlanItem.State.WITHDRAWN else "" if self.sessions else NOT_OPEN

    @property
    def meaning(self) -> str:
        return MEANINGS.get(self.state, "")


def projects() -> QuerySet[PlanItem]:
    """Published projects and those that were withdrawn since: those of this year first, then the newest year."""
    shown = (PlanItem.State.PUBLISHED, PlanItem.State.WITHDRAWN)
    rows = PlanItem.objects.filter(state__in=shown, number__isnull=False, batch__state="published")
    other_year = Case(When(plan__year=clock.today().year, then=0), default=1)
    return rows.select_related("unit", "plan", "batch").order_by(other_year, "-plan__year", "number")


def sessions() -> QuerySet[ClassApplication]:
    """Approved sessions of those projects, and those that were cancelled after they had been approved; each with the
    places `taken` and the `hours` of its timetable."""
    notices = Paper.objects.filter(case_type=ClassApplication._meta.label_lower, kind=OPENING_NOTICE.key)
    was_approved = Exists(notices.filter(case_id=OuterRef("pk")))
    hours = TimetableRow.objects.filter(application=OuterRef("pk"), counts=True).order_by().values("application")
    rows = ClassApplication.objects.filter(Q(state__in=APPROVED) | Q(was_approved, state=State.CANCELLED))
    counted = rows.with_places().annotate(hours=Subquery(hours.annotate(sum=Sum("hours")).values("sum")))
    return counted.select_related("unit", "project__plan").order_by("opens_on", "pk")


def with_sessions(items: Iterable[PlanItem], month: str = "") -> list[Project]:
    """Each project with its sessions; of a month, those that open in it. One query."""
    rows = {item.pk: item for item in items}
    found = defaultdict(list)
    for each in _opening_in(month, sessions().select_related(None).filter(project__in=rows)):
        each.project = rows[each.project_id]
        found[each.project_id].append(told(each))
    return [Project(item, found[pk]) for pk, item in rows.items()]


def told(case: Any) -> Session:
    """A row of `sessions` in the words of the page."""
    return Session(case, state_of(case), amount_of(case))


def state_of(case: Any) -> str:
    """How a session stands today; its enrolment is open while there are places and it has not begun. The dates alone
    say whether it has: somebody may be looking whether it took place at all."""
    today = clock.today()
    if case.state == State.CANCELLED:
        return WITHDRAWN if case.project.state == PlanItem.State.WITHDRAWN else CANCELLED
    if case.state == State.NOT_HELD:
        return NOT_HELD
    if case.ends_on < today:
        return ENDED
    if case.opens_on <= today:
        return UNDER_WAY
    return ENROLLING if case.taken < (case.people or 0) else FULL


def amount_of(case: Any) -> str:
    """What full attendance gives: 22 学时, 3 学分."""
    credited = case.measure == Measure.CREDITS
    amount = sum(case.credit_amounts.values(), Decimal(0)) if credited else case.hours or Decimal(0)
    return f"{amount.normalize():f} {case.get_measure_display()}"


def as_calendar(rows: Iterable[Any], base: str) -> bytes:
    """Sessions as an iCalendar file (RFC 5545), all-day events; `base`: address of the site, without a slash."""
    calendar = new_calendar("classes", "公布的培训班")
    for case in rows:
        calendar.add_component(_event(case, base))
    return bytes(calendar.to_ical())


def _event(case: Any, base: str) -> Event:
    state = state_of(case)
    event = Event()
    event.add("uid", f"class-{case.pk}@luojiang-ce")
    event.add("dtstamp", clock.now())
    event.add("dtstart", case.opens_on)
    event.add("dtend", case.ends_on + timedelta(days=1))
    event.add("summary", f"{state}：{case}" if state in GONE else str(case))
    event.add("location", case.place)
    event.add("description", "\n".join(f"{label}：{value}" for label, value in facts_of(case)))
    event.add("url", f"{base}{reverse('published:project', args=[case.project_id])}")
    # Who has taken it before is told by the higher number that it was changed, or does not take place.
    event.add("sequence", case.version + (state in GONE))
    event.add("status", "CANCELLED" if state in GONE else "CONFIRMED")
    return event


def facts_of(case: Any) -> list[tuple[str, str]]:
    """What is said of a session besides its title, dates and place."""
    return [
        ("施教机构", case.unit.name),
        ("项目编号", case.project.number or ""),
        ("对象", case.audience),
        ("学时", amount_of(case)),
        ("收费", fee_of(case)),
        ("状态", state_of(case)),
    ]


def fee_of(row: Any) -> str:
    """What a trainee pays, with the number of its approval (notice 三2)."""
    if not row.charges:
        return "不收费"
    return f"{row.fee or 0:,.2f} 元/人（{row.fee_document or '批准文号未设定'}）"


def of_filtered(rows: QuerySet[PlanItem], month: str) -> QuerySet[ClassApplication]:
    """The sessions of the filtered projects; of a month, those that open in it."""
    return _opening_in(month, sessions().filter(project__in=rows.order_by().values("pk")))


def _opening_in(month: str, rows: QuerySet[ClassApplication]) -> QuerySet[ClassApplication]:
    return rows.filter(opens_on__month=month) if month else rows
