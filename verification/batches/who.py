"""Who may act on batches, records and appointments, in the words of the tables; and whom a step of a batch concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.urls import reverse

from luojiang_ce.access import BOOK, REVIEW, REVIEW_SYSTEM, Actor, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.case_kind import Who
from units.access import APPROVER, BUREAU, FILER, holds
from units.models.account import Account, AccountQuerySet, Assignment
from units.notify import clerks_of, holders_at

from .models import AnnualRecord, Batch, Path
from .two_seals import awaited, is_kept_by


def _clerk_of(*paths: Path) -> Who:
    return Who(FILER.label, FILER.roles, lambda actor, case: case.path in paths and FILER.test(actor, case))


def _files(actor: Actor, record: Any) -> bool:
    """Rows are in the hands of the unit that files their batch, whoever employs the people (V3)."""
    return record.filing_unit_id in actor.unit_ids(*FILER.roles)


def _reviewer(label: str, role: Role, *paths: Path) -> Who:
    """Who holds the role at the authority to which the batch (or that of a record) was sent."""
    return Who(label, (role,), lambda actor, case: case.path in paths and _authority_id(case) in actor.unit_ids(role))


def _authority_id(case: Any) -> int | None:
    batch: Batch | None = case.batch if isinstance(case, AnnualRecord) else case
    return batch.authority_id if batch else None


def _puts_first(actor: Actor, batch: Any) -> bool:
    return is_kept_by(actor, batch) and len(awaited(batch)) > 1


def _puts_last(actor: Actor, batch: Any) -> bool:
    return is_kept_by(actor, batch) and len(awaited(batch)) == 1


def _decides(actor: Actor, record: Any) -> bool:
    """A teacher's year inside the cycle is the education bureau's alone."""
    return _not_a_year_of_a_cycle(record) and actor.holds(*BUREAU.roles)


def _not_a_year_of_a_cycle(case: Any) -> bool:
    return bool(case.path != Path.TEACHER)


GENERAL_FILER = _clerk_of(Path.GENERAL)
REVIEWED_FILER = _clerk_of(Path.MEDICAL, Path.TEACHER, Path.CYCLE)
HEALTH = _reviewer("卫健局初审", Role.HEALTH_REVIEWER, Path.MEDICAL)
EDUCATION = _reviewer("教育局审核", Role.EDUCATION_REVIEWER, Path.TEACHER, Path.CYCLE)
EDUCATION_OF_A_YEAR = _reviewer("教育局审核", Role.EDUCATION_REVIEWER, Path.TEACHER)
EDUCATION_OF_A_CYCLE = _reviewer("教育局审核", Role.EDUCATION_REVIEWER, Path.CYCLE)
KEEPER = Who("监印人", (Role.SEAL_KEEPER,), is_kept_by)
# Of the end of a cycle, which gets two seals: who puts the first, and who the second; otherwise there is only a last.
FIRST_KEEPER = Who("监印人（两枚印章都未盖时）", (Role.SEAL_KEEPER,), _puts_first)
LAST_KEEPER = Who("监印人", (Role.SEAL_KEEPER,), _puts_last)
DECIDER = Who("区人社局柜台", BUREAU.roles, _decides)
BOOKER = Who(
    "预约单位或区人社局",
    (*BOOK.roles, *BUREAU.roles),
    lambda actor, case: case.unit_id in actor.unit_ids(*BOOK.roles) or actor.holds(*BUREAU.roles),
)
# A place in line is answered by whoever waits in it, and by the authority that has put it there for its unit.
WAITER = Who(
    "候补的单位、代为候补的单位或区人社局",
    (*BOOK.roles, *BUREAU.roles),
    lambda actor, case: (
        not actor.unit_ids(*BOOK.roles).isdisjoint((case.unit_id, case.filing_unit_id)) or actor.holds(*BUREAU.roles)
    ),
)
# Who is expected to answer: the bureau can, for a unit that rings up.
AWAITED_WAITER = Who(
    "候补的单位、代为候补的单位",
    BOOK.roles,
    lambda actor, case: not actor.unit_ids(*BOOK.roles).isdisjoint((case.unit_id, case.filing_unit_id)),
)
REVIEWER = Who(
    "主管部门", REVIEW_SYSTEM.roles, lambda actor, case: HEALTH.test(actor, case) or EDUCATION.test(actor, case)
)
# The bureau, but for a teacher's year inside the cycle.
COUNTER = Who(BUREAU.label, BUREAU.roles, _decides)
# Of what was given up: to be filed (again), or to be brought to the counter with the batch that is there.
OPENER = Who(
    APPROVER.label,
    APPROVER.roles,
    lambda actor, record: not record.goes_on_in_its_batch and APPROVER.test(actor, record),
)
LETS_COME = Who(
    APPROVER.label, APPROVER.roles, lambda actor, record: record.goes_on_in_its_batch and APPROVER.test(actor, record)
)
COUNTER_APPROVER = Who(
    APPROVER.label, APPROVER.roles, lambda actor, case: _not_a_year_of_a_cycle(case) and APPROVER.test(actor, case)
)
# Rows move with their batch, whose own gate has looked at path and unit; these look at no other table than the batch,
# which comes along, so that five hundred rows cost no query each.
ROW_FILER = Who(FILER.label, FILER.roles, _files)
ROW_OPENER = Who(
    "申报单位专办员或退回的单位",
    (*FILER.roles, *REVIEW.roles),
    lambda actor, record: _files(actor, record) or actor.holds(*REVIEW.roles),
)
# What the counter asks for is brought by the person's own unit, or by the one that has filed for it.
BRINGER = Who(FILER.label, FILER.roles, lambda actor, record: FILER.test(actor, record) or _files(actor, record))
ANY_EDUCATION = holds("教育局审核", Role.EDUCATION_REVIEWER)
ANY_KEEPER = holds("监印人", Role.SEAL_KEEPER)


# --- whom to tell -----------------------------------------------------------------------------------------------------


def bookers_of(units: Iterable[int]) -> AccountQuerySet:
    """Who books for these units (ids) today: their clerks, and the reviewers of an authority."""
    current = Assignment.objects.current().filter(role__in=BOOK.roles, unit__in=units)
    rows: AccountQuerySet = Account.objects.filter(is_active=True, pk__in=current.values("account"))
    return rows


def reviewers(batch: Batch) -> AccountQuerySet:
    """Who reviews the batch before the bureau; nobody on the general path."""
    role = Path(batch.path).reviewed_by
    return holders_at(batch.authority if role else None, *filter(None, [role]))


def tell_each_unit(
    batch: Batch, rows: Sequence[AnnualRecord], done: str, text: Callable[[Sequence[AnnualRecord]], str], *, key: str
) -> None:
    """Tell what became of some of a batch's people: the unit that filed of all of them, and each unit for which it did
    of its own alone (V3). `done`: what became of them; `text`: whom and why, for these rows."""
    title = f"{batch}：{{}} 人{done}"
    notify(clerks_of(batch.unit_id), title.format(len(rows)), key=key, text=text(rows), case=batch)
    others = defaultdict(list)
    for row in rows:
        if row.unit_id != batch.unit_id:
            others[row.unit_id].append(row)
    for unit_id, own in others.items():
        told = clerks_of(unit_id)
        notify(told, title.format(len(own)), key=f"{key}-{unit_id}", text=text(own), url=reverse("batches:for_us"))


def keepers(batch: Batch) -> list[Account]:
    """Who keeps a seal that the batch still awaits: the education bureau's for a teacher's year, else the bureau's; at
    the end of a cycle both."""
    return [keeper for unit in awaited(batch) for keeper in holders_at(unit, Role.SEAL_KEEPER)]
