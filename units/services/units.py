"""Registering units and changing them: facts, approved scopes, suspending, merging (product.md U1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from units.access import SUSPENDED
from units.identity import uscc
from units.identity.names import readings
from units.models import Assignment, Employment, ProviderScope, Unit
from units.notify import clerks_of
from units.services.problems import Problems, assign, lock_fresh

DAY = timedelta(days=1)


class UnitFacts(TypedDict, total=False):
    """What the bureau keeps about a unit; `code` is settled when the unit is registered."""

    name: str
    short_name: str
    uscc: str
    uscc_reason: str
    nature: str
    is_base: bool
    is_authority: bool
    is_provider: bool
    level: str
    supervisor: Unit | None
    medical_level: str
    phone: str
    note: str


def create_unit(*, actor: Actor, code: str = "", is_bureau: bool = False, **facts: Unpack[UnitFacts]) -> Unit:
    """Register a unit; without a code one is made of its name's initials. Raises NotPossible with all problems."""
    with transaction.atomic():
        unit = Unit(is_bureau=is_bureau)
        assign(unit, _tidied(facts))
        unit.code = code.strip().upper() or _free_code(unit.name)
        _check(unit)
        unit.save()
        record(unit, "registered", actor=actor)
    return unit


def update_unit(*, unit: Unit, actor: Actor, version: int | None = None, **facts: Unpack[UnitFacts]) -> Unit:
    """Change a unit's facts. Raises NotPossible, or Conflict when somebody saved it after `version`."""
    with transaction.atomic():
        locked = lock_fresh(unit, version)
        before = values_of(locked)
        changed = assign(locked, _tidied(facts))
        _check(locked)
        if changed:
            locked.count_edit(actor)
            locked.save()
            record_edit(locked, (locked, before), actor=actor)
    return locked


def suspend_unit(*, unit: Unit, actor: Actor, reason: str) -> None:
    """No filings by this unit until it is resumed (units/access.py); its people and records stay."""
    _switch(unit, Unit.Status.ACTIVE, Unit.Status.SUSPENDED, SUSPENDED, actor, reason)


def resume_unit(*, unit: Unit, actor: Actor, reason: str) -> None:
    """Undo a suspension."""
    _switch(unit, Unit.Status.SUSPENDED, Unit.Status.ACTIVE, "resumed", actor, reason)


def merge_unit(*, unit: Unit, into: Unit, on: date, actor: Actor, reason: str) -> int:
    """Merge a unit into another from a day on; returns how many people moved.

    Running employments end the day before and go on in the other unit, supervised units get the new supervisor, the
    roles held for the old unit end the day before. What the old unit filed stays its own. Raises NotPossible.
    """
    with transaction.atomic():
        old, new = lock_fresh(unit), lock_fresh(into)
        _check_merger(old, new, on, reason)
        old.status, old.merged_into = Unit.Status.MERGED, new
        old.count_edit(actor)
        old.save()
        moved = _move_people(old, new, on)
        Unit.objects.filter(supervisor=old).exclude(pk=new.pk).update(supervisor=new)
        Unit.objects.filter(pk=new.pk, supervisor=old).update(supervisor=None)
        Assignment.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), unit=old).update(valid_to=on - DAY)
        record(old, "merged", actor=actor, note=reason, data={"into": new.pk, "people": moved, "on": on})
        record(new, "merged_in", actor=actor, note=reason, data={"from": old.pk, "people": moved, "on": on})
    return moved


def add_scope(
    *,
    unit: Unit,
    actor: Actor,
    subject: str,
    valid_from: date,
    valid_to: date | None = None,
    document: str = "",
    categories: Sequence[str] = (),
) -> ProviderScope:
    """Record what a provider may train, from when to when (notice 三2). Raises NotPossible.

    `categories`: the kinds of subject that the scope holds whole; without any each class is judged by a person.
    """
    problems = Problems()
    problems.add_if(not unit.is_provider, "subject", "此单位不是施教机构，请先在单位资料中勾选“施教机构”")
    problems.add_if(valid_to and valid_to < valid_from, "valid_to", "终止日期早于起始日期，请核对")
    problems.raise_any()
    with transaction.atomic():
        scope = ProviderScope.objects.create(
            unit=unit,
            subject=subject.strip(),
            valid_from=valid_from,
            valid_to=valid_to,
            document=document.strip(),
            categories=list(categories),
        )
        record(unit, "scope_added", actor=actor, data={"scope": scope.pk})
    return scope


def end_scope(*, scope: ProviderScope, on: date, actor: Actor, reason: str) -> None:
    """Let a scope end with a day: what was approved until then stays covered. Raises NotPossible."""
    if on < scope.valid_from:
        raise NotPossible(on="终止日期早于起始日期，请核对")
    with transaction.atomic():
        ProviderScope.objects.filter(pk=scope.pk).update(valid_to=on)
        record(scope.unit, "scope_ended", actor=actor, note=reason, data={"scope": scope.pk, "on": on})


def _tidied(facts: UnitFacts) -> UnitFacts:
    tidied = UnitFacts(**facts)
    for key in ("name", "short_name", "phone", "note", "uscc_reason"):
        if key in tidied:
            tidied[key] = tidied[key].strip()
    if "uscc" in tidied:
        tidied["uscc"] = uscc.tidy(tidied["uscc"])
    return tidied


def _check(unit: Unit) -> None:
    problems = Problems()
    others = Unit.objects.exclude(pk=unit.pk)
    problems.add_if(not unit.name, "name", "请填写单位名称，与公章一致")
    problems.add_if(others.filter(name=unit.name).exists(), "name", "已有同名单位，请先在单位列表中查找")
    problems.add_if(others.filter(code=unit.code).exists(), "code", f"单位代码 {unit.code} 已被使用，请另取一个")
    _check_uscc(unit, problems)
    is_medical = unit.nature == Unit.Nature.MEDICAL
    problems.add_if(
        unit.medical_level and not is_medical, "medical_level", "只有医疗卫生机构才填等级，请清空或改单位性质"
    )
    _check_supervisor(unit, problems)
    problems.raise_any()


def _check_uscc(unit: Unit, problems: Problems) -> None:
    if not unit.uscc or uscc.is_sound(unit.uscc):
        unit.uscc_reason = ""
    if not unit.uscc:
        return
    if refused := uscc.why_refused(unit.uscc, unit.uscc_reason):
        problems.add("uscc", refused)
    same = Unit.objects.exclude(pk=unit.pk).filter(uscc=unit.uscc).first()
    if same:
        problems.add("uscc", f"该代码已登记为“{same.name}”，请核对；若单位更名，请修改原单位的名称")


def _check_supervisor(unit: Unit, problems: Problems) -> None:
    if unit.supervisor is None:
        return
    if unit.pk in _chain_above(unit.supervisor):
        problems.add("supervisor", "主管部门不能是本单位，也不能是本单位主管的单位")
    wrong = "所选单位不是业务主管部门，请另选，或先在该单位资料中勾选“业务主管部门”"
    problems.add_if(not (unit.supervisor.is_authority or unit.supervisor.is_bureau), "supervisor", wrong)


def _chain_above(unit: Unit) -> list[int]:
    """Ids from a unit up through its supervisors, as they are stored now."""
    chain: list[int] = []
    above: int | None = unit.pk
    while above is not None and above not in chain:
        chain.append(above)
        above = Unit.objects.filter(pk=above).values_list("supervisor", flat=True).first()
    return chain


def _free_code(name: str) -> str:
    """The first reading's initials, with a number behind where they are taken."""
    stem = "".join(ch for ch in readings(name)[1].split(" ")[0].upper() if ch.isascii() and ch.isalnum())[:16] or "UNIT"
    taken = set(Unit.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for n in range(len(taken) + 1) if (code := f"{stem}{n + 1}" if n else stem) not in taken)


def _switch(unit: Unit, source: str, target: str, name: str, actor: Actor, reason: str) -> None:
    problems = Problems()
    with transaction.atomic():
        locked = lock_fresh(unit)
        problems.add_if(not reason.strip(), "reason", "请写明理由")
        problems.add_if(
            locked.status != source, "reason", f"单位现在的状态是“{locked.get_status_display()}”，无须此操作"
        )
        problems.add_if(locked.is_bureau, "reason", "区人社局不能暂停")
        problems.raise_any()
        locked.status = target
        locked.count_edit(actor)
        locked.save()
        event = record(locked, name, actor=actor, note=reason)
        _tell_clerks(locked, event, reason)


def _tell_clerks(unit: Unit, event: Event, reason: str) -> None:
    """Whoever files for the unit learns at once that it may not, or may again."""
    is_suspended = unit.status == Unit.Status.SUSPENDED
    means = "已被暂停，不能新申报" if is_suspended else "已恢复，可以申报"
    deadlines = "各项期限照常走" if is_suspended else "暂停期间过期的，可以申请延期"
    text = f"{reason}。{deadlines}"
    notify(clerks_of(unit.pk), f"{unit.name}{means}", key=f"unit-{event.uid}", text=text, case=unit)


def _check_merger(old: Unit, new: Unit, on: date, reason: str) -> None:
    problems = Problems()
    problems.add_if(not reason.strip(), "reason", "请写明依据，如机构改革文件的文号")
    problems.add_if(on > clock.today(), "on", "合并日期不能晚于今天，请到那天再办理")
    problems.add_if(old.is_bureau, "into", "区人社局不能并入其他单位")
    problems.add_if(old.pk == new.pk, "into", "不能并入自己，请选择另一单位")
    problems.add_if(old.status == Unit.Status.MERGED, "into", "此单位已并入其他单位")
    problems.add_if(new.status != Unit.Status.ACTIVE, "into", "并入的单位须为正常状态")
    problems.raise_any()


def _move_people(old: Unit, new: Unit, on: date) -> int:
    """In bulk: a unit may have thousands. Whoever began on or after the day is simply counted to the new unit."""
    running = Employment.objects.filter(unit=old, ended_on=None)
    late = running.filter(started_on__gte=on).update(unit=new)
    earlier = list(running.select_for_update())
    running.update(ended_on=on - DAY, end_reason=Employment.End.MOVED)
    Employment.objects.bulk_create(
        (Employment(person_id=job.person_id, unit=new, department=job.department, started_on=on) for job in earlier),
        batch_size=500,
    )
    return late + len(earlier)
