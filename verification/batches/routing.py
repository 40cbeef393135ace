"""Which way a year goes, through which authority, and what that must have for nothing to lie there (notice 二(一)).

The person's system decides, not the unit's supervisor: 「卫生系列的……先送卫计局初审，再预约时间，集中送交区人力资源
和社会保障局验证」, 「中小学教师……每年由同级教育行政部门审核验印一次，每5年周期满，由教育行政部门会同同级人社行政部门
进行统一验证」. So a school's nurse goes to health, a hospital's teacher to education, and the office of either straight
to the counter (「按照预约时间到区人力资源和社会保障局办理验证」). The category frozen with the record at filing is what
decides: who becomes something else afterwards goes another way with the next year. A batch goes one way, so a unit with
people of several systems files several.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, is_same_person
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.once import once
from luojiang_ce.papers.models import Seal, SealQuerySet
from luojiang_ce.workflow.case_kind import Turn
from units.access import BUREAU, SECURITY_OFFICER
from units.models import Person, Unit
from units.models.account import Assignment
from units.notify import holders_at
from units.seals import FOR_VERIFICATION
from verification.requirements.assess import PersonFacts

from .models import Batch, BatchQuerySet, Path

WORDS = {
    Path.GENERAL: "按预约时间到区人社局办理",
    Path.MEDICAL: "卫生系列的先送卫健局初审",
    Path.TEACHER: "教师每年由教育局审核验印",
    Path.CYCLE: "教师周期满由教育局会同区人社局验证",
}


def path_of(decides: PersonFacts, year: int) -> Path:
    """Which way a person's year goes (V4), whatever the unit."""
    if decides.category == Person.Category.MEDICAL:
        return Path.MEDICAL
    if decides.category != Person.Category.TEACHER:
        return Path.GENERAL
    return Path.CYCLE if decides.cycle and decides.cycle[1] == year else Path.TEACHER


def authority_of(unit: Unit, path: str) -> Unit | None:
    """Who reviews what this unit files: its own supervisor where somebody reviews there, the unit itself where it is
    the authority that files for its units, else whichever authority of the district does. 卫生系列 go to the health
    bureau and teachers to the education bureau of the same level, whatever unit they work in. None: nobody reviews
    them. One query."""
    role = Path(path).reviewed_by
    seats = Assignment.objects.current().filter(role=role, account__is_active=True)
    found = list(Unit.objects.filter(pk__in=seats.values("unit")).order_by("code"))
    near = {unit.supervisor_id: 1, unit.pk: 2}
    return min(found, key=lambda each: near.get(each.pk, 3), default=None)


def sealing_unit(batch: Batch) -> Unit:
    """Whose seal a batch gets: the bureau's, for a teacher's year that of the education bureau that reviewed it."""
    if batch.path == Path.TEACHER and batch.authority:
        return batch.authority
    bureau = _bureau()
    assert bureau is not None  # it has decided about the batch
    return bureau


@once
def _bureau() -> Unit | None:
    return Unit.objects.bureau()


def verification_seals(owner: Unit) -> SealQuerySet:
    """The seals that a unit stamps verifications with, in use or not."""
    return Seal.objects.of(owner).filter(purpose=FOR_VERIFICATION)


def missing_to_stamp(owner: Unit, on: date, *, but: Actor | None = None) -> list[str]:
    """What a unit still needs before anything can be stamped there: a seal in use, and a keeper who is not the person
    `but`, who decides. At most two queries."""
    problems = []
    if not verification_seals(owner).in_use_on(on).exists():
        problems.append(f"{owner.name}还没有启用中的验证印章，请区人社局在“印章与监印人”中登记")
    keepers = list(holders_at(owner, Role.SEAL_KEEPER))
    if all(but is not None and is_same_person(each, but) for each in keepers):
        other = "另一位" if keepers else ""
        problems.append(f"{owner.name}还没有{other}监印人，请安全管理员任命（审核与用印须为两人）")
    return problems


# --- what has to be set right, for nothing to lie where nobody can act ------------------------------------------------


def seals_to_register(asked: Asked) -> Iterator[Owed]:
    """Units for whose seal filed batches wait, and that have none in use: the bureau registers it."""
    for owner, waiting in _to_be_stamped().items():
        if not verification_seals(owner).in_use_on(clock.local(asked.now).date()).exists():
            url = f"{reverse('seals:new')}?owner={owner.pk}"
            title = f"登记印章：{owner.short}没有启用中的验证印章，{waiting} 批等着用印"
            yield OwedDuty(Turn(BUREAU, "登记印章"), None, title, url)


def seats_to_fill(asked: Asked) -> Iterator[Owed]:
    """Roles that nobody holds any more while filed batches wait for them: the security officer gives them."""
    accounts = reverse("accounts:list")
    reviewed = Batch.objects.filter(state=Batch.State.IN_REVIEW, authority__isnull=False)
    for unit_id, path, waiting in _counted(reviewed, "authority", "path"):
        role, unit = Path(path).reviewed_by, Unit.objects.get(pk=unit_id)
        if role and not holders_at(unit, role).exists():
            yield _seat(f"任命{role.label}：{unit.short}没有人担任，{waiting} 批等着审核", accounts)
    for owner, waiting in _to_be_stamped().items():
        if not holders_at(owner, Role.SEAL_KEEPER).exists():
            yield _seat(f"任命监印人：{owner.short}没有人担任，{waiting} 批等着用印", accounts)


def _seat(title: str, url: str) -> Owed:
    return OwedDuty(Turn(SECURITY_OFFICER, "任命"), None, title, url, note="没有人担任，已报送的批次会停在那里")


def _to_be_stamped() -> dict[Unit, int]:
    """How many filed batches will get the seal of which unit: a few authorities, and the bureau; the end of a cycle
    gets both."""
    ahead = Batch.objects.filter(state__in=[Batch.State.IN_REVIEW, Batch.State.SUBMITTED, Batch.State.DECIDED])
    years = ahead.filter(path__in=[Path.TEACHER, Path.CYCLE], authority__isnull=False)
    units = Unit.objects.in_bulk([pk for pk, _ in _counted(years, "authority")])
    found = {units[pk]: number for pk, number in _counted(years, "authority")}
    bureau, others = Unit.objects.bureau(), ahead.exclude(path=Path.TEACHER).count()
    return {**found, bureau: others} if bureau and others else found


def _counted(batches: BatchQuerySet, *fields: str) -> list[tuple[Any, ...]]:
    """The values of these fields, each with how many batches have them."""
    return list(batches.order_by().values_list(*fields).annotate(Count("pk")))
