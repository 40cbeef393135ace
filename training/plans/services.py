"""Writing plans, their rows and batches; changes of state go through the workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, stored_values, values_of
from luojiang_ce.workflow.engine import fire_many
from luojiang_ce.workflow.events import event_since, record
from luojiang_ce.workflow.undo import put_in, take_away
from units.access import must_file_for
from units.filed_case import EDITABLE
from units.models import Account, Person, Unit
from units.models.person import usual_category
from units.notify import approvers, clerks_of
from verification.choices import Measure

from .case import filing_years
from .form1 import line_of
from .models import Plan, PlanBatch, PlanItem

A_CLICK = timedelta(seconds=5)


@transaction.atomic
def open_plan(*, unit: Unit, year: int, actor: Account) -> Plan:
    """The unit's yearly plan, made as a draft if there is none yet: asking twice gives the same one.

    Raises PermissionDenied unless the actor files for the unit.
    """
    must_file_for(unit.pk, actor)
    _lock_plans_of(unit)
    plan = Plan.objects.filter(unit=unit, year=year, supplement=0).first()
    last = Plan.objects.filter(unit=unit).exclude(leader="").order_by("-year", "-supplement").first()
    head = {"leader": last.leader if last else "", "filler": actor.name, "phone": actor.phone or unit.phone}
    return plan or _new_plan(actor, unit=unit, year=year, **head)


@transaction.atomic
def allow_supplement(*, unit: Unit, year: int, leave: str, actor: Account) -> Plan:
    """A further plan of the year (增补) as a draft of the unit, by the bureau's leave on record (P4).

    Raises NotPossible while the yearly plan was not filed, or an earlier supplement is still being written.
    """
    _lock_plans_of(unit)
    latest = Plan.objects.filter(unit=unit, year=year).order_by("-supplement").first()
    if latest is None or latest.state in EDITABLE:
        what = "增补计划" if latest and latest.supplement else "年度计划"
        raise NotPossible(f"{unit} {year} 年度的{what}还没有报送，不需要再增补")
    head = {name: getattr(latest, name) for name in ("leader", "filler", "phone")}
    plan = _new_plan(actor, unit=unit, year=year, supplement=latest.supplement + 1, leave=leave, **head)
    title = f"区人社局同意增补 {year} 年度培训计划"
    notify(clerks_of(unit.pk), title, key=f"supplement-{plan.pk}", text=leave, case=plan)
    return plan


def to_be_added_to(actor: Actor) -> QuerySet[Plan]:
    """The filed plans of the actor's units to which the bureau can let them add: of each year that is filed now, the
    latest."""
    later = Plan.objects.filter(unit=OuterRef("unit"), year=OuterRef("year"), supplement__gt=OuterRef("supplement"))
    own = Plan.objects.filter(unit__in=actor.unit_ids(Role.UNIT_CLERK), year__in=filing_years(clock.today()))
    return own.exclude(state__in=EDITABLE).exclude(Exists(later))


def can_ask_supplement(actor: Actor) -> bool:
    """Is there a plan that the actor's units could add to? One query."""
    return to_be_added_to(actor).exists()


@transaction.atomic
def ask_supplement(*, plan: Plan, why: str, actor: Account) -> Plan:
    """A unit asks for the bureau's leave to file a further plan of the year (增补): the approvers are told, it is on
    record. Two clicks ask once. Raises NotPossible where there is nothing to add to, or a draft to go on with."""
    must_file_for(plan.unit_id, actor)
    _lock_plans_of(plan.unit)
    if not to_be_added_to(actor).filter(pk=plan.pk).exists():
        raise NotPossible(plan="这份计划现在不能增补：还没有报送的请直接添加培训班，已有增补计划的请接着填报")
    if not event_since(plan, "supplement_asked", clock.now() - A_CLICK):
        event = record(plan, "supplement_asked", actor=actor, note=why)
        url = f"{reverse('plans:supplement')}?{urlencode({'unit': plan.unit_id, 'year': plan.year})}"
        title = f"{plan.unit.short}申请增补 {plan.year} 年度培训计划"
        notify(approvers(), title, key=f"supplement-asked-{event.pk}", text=why, url=url)
    return plan


@transaction.atomic
def save_head(
    *, plan: Plan, values: Mapping[str, str], actor: Account, version: int | None = None, quiet: bool = False
) -> Plan:
    """Change the head of a plan that may still be edited. Raises NotPossible, Conflict. `quiet`: saved while typed."""
    fresh = _editable(plan)
    fresh.must_be(version)
    before = values_of(fresh)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.count_edit(actor)
    fresh.save()
    record_edit(fresh, (fresh, before), actor=actor, quiet=quiet)
    return fresh


@transaction.atomic
def save_item(*, item: PlanItem, actor: Account, version: int | None = None, quiet: bool = False) -> PlanItem:
    """Save a new or changed row of a plan that may still be edited. Raises NotPossible, Conflict.

    `quiet`: saved while it was typed; the row is then called by its place alone, as its title may be what is typed.
    """
    plan = _editable(item.plan)
    before = stored_values(item)
    if item.pk is None:
        if first := _typed_again(item, plan, actor):
            return first
        item.position = (plan.items.aggregate(last=Max("position"))["last"] or 0) + 1
        item.unit, item.created_by = plan.unit, actor
    elif stored := plan.items.select_for_update(of=("self",)).filter(pk=item.pk).first():
        stored.must_be(version)
        item.version, item.position = stored.version, stored.position
    else:
        raise NotPossible("这一行已经删除，这次没有保存")
    item.count_edit(actor)
    item.save()
    about = f"第 {item.position} 行{'' if quiet else f'“{item.title}”'}"
    record_edit(plan, (item, before), actor=actor, about=about, data={"item": item.pk}, quiet=quiet)
    return item


@transaction.atomic
def save_rows(*, plan: Plan, items: Sequence[PlanItem], actor: Account) -> None:
    """Save rows of a plan that may still be edited, in one piece: changed ones in their places, new ones below them in
    this order. Raises NotPossible; PermissionDenied unless the actor files for the unit."""
    must_file_for(plan.unit_id, actor)
    fresh = _editable(plan)
    changed, new = [item for item in items if item.pk], [item for item in items if not item.pk]
    before = [line_of(item) for item in fresh.items.filter(pk__in=[item.pk for item in changed])]
    last = fresh.items.aggregate(last=Max("position"))["last"] or 0
    for position, item in enumerate(new, last + 1):
        item.position, item.unit_id, item.created_by = position, fresh.unit_id, actor
    for item in items:
        item.count_edit(actor)
    PlanItem.objects.bulk_create(new)
    editable = [field.name for field in PlanItem._meta.concrete_fields if field.editable and not field.primary_key]
    PlanItem.objects.bulk_update(changed, [*editable, *PlanItem.COUNTED], batch_size=100)
    lists = {"附件1": (before, [line_of(item) for item in items])}
    record_edit(fresh, actor=actor, lists=lists, data={"items": [item.pk for item in items]})


def _typed_again(item: PlanItem, plan: Plan, actor: Account) -> PlanItem | None:
    """The row that a first click of the same person has just added, with every word the same."""
    given = ("id", "plan_id", "unit_id", "position")
    fields = [each.attname for each in PlanItem._meta.concrete_fields if each.editable and each.attname not in given]
    words = {name: getattr(item, name) for name in fields}
    return plan.items.filter(created_by=actor, created_at__gte=clock.now() - A_CLICK, **words).first()


@transaction.atomic
def delete_item(*, item: PlanItem, actor: Account) -> str:
    """Take a row out of a plan that may still be edited; the rows after it move up. What `restore_item` takes."""
    plan = _editable(item.plan)
    note = f"删除第 {item.position} 行“{item.title}”"
    record(plan, "edited", actor=actor, note=note, data={"deleted_item": item.pk})
    gone = take_away(item)
    _number_rows(list(plan.items.order_by("position", "pk")))
    return gone


@transaction.atomic
def restore_item(*, rows: str, actor: Account) -> PlanItem:
    """Put a deleted row back at its place in a plan that may still be edited. Raises NotPossible.

    Raises PermissionDenied unless the actor files for the unit.
    """
    item: PlanItem = put_in(rows)[0]
    plan = _editable(item.plan)
    must_file_for(plan.unit_id, actor)
    _number_rows(sorted(plan.items.all(), key=lambda row: (row.position, row.pk != item.pk)))
    note = f"恢复第 {item.position} 行“{item.title}”"
    record(plan, "edited", actor=actor, note=note, data={"restored_item": item.pk})
    return item


def _number_rows(rows: Sequence[PlanItem]) -> None:
    for position, row in enumerate(rows, 1):
        row.position = position
    PlanItem.objects.bulk_update(rows, ["position"])


@transaction.atomic
def open_batch(*, year: int, actor: Account) -> PlanBatch:
    """The year's batch that is still being gathered, made if there is none: asking twice gives the same one.

    Raises NotPossible where no item of the year waits for a batch.
    """
    gathering = PlanBatch.objects.filter(year=year, state=PlanBatch.State.GATHERING)
    if found := gathering.first():
        return found
    if not PlanItem.objects.filter(state=PlanItem.State.CHECKED, plan__year=year).exists():
        raise NotPossible(f"{year} 年度没有审核通过的项目等待汇总")
    try:
        return _new_batch(year, actor)
    except IntegrityError:  # of two at once the constraint lets one make it
        return gathering.get()


@transaction.atomic
def gather(*, batch: PlanBatch, items: Sequence[PlanItem], actor: Account) -> int:
    """Put checked items into a batch that is being gathered (P3); returns how many. Raises NotPossible."""
    _must_be(batch, PlanBatch.State.GATHERING, "汇总已送会签，不能再选入项目")
    waiting = PlanItem.objects.select_for_update().filter(
        pk__in=[item.pk for item in items], state=PlanItem.State.CHECKED
    )
    if gone := len(items) - len(waiting):
        raise NotPossible(f"有 {gone} 个项目已不是待选入的项目，这次都没有选入；请按现在的列表重新勾选")
    fire_many(items, "gather", actor=actor)
    PlanItem.objects.filter(pk__in=[item.pk for item in items]).update(batch=batch)
    record(
        batch, "edited", actor=actor, note=f"选入 {len(items)} 个项目", data={"gathered": [item.pk for item in items]}
    )
    return len(items)


@transaction.atomic
def drop(*, batch: PlanBatch, item: PlanItem, actor: Account) -> None:
    """Take an item out of a batch that is being gathered. Raises NotPossible, or Refused where it was struck."""
    _must_be(batch, PlanBatch.State.GATHERING, "汇总已送会签，不能再移出项目")
    fire_many([item], "drop", actor=actor)


def locked(plan: Plan) -> str:
    """Why a plan that was filed cannot be edited."""
    return f"培训计划的状态是“{plan.get_state_display()}”，不能修改"


@transaction.atomic
def _new_batch(year: int, actor: Account) -> PlanBatch:
    count = PlanBatch.objects.filter(year=year).count()
    title = f"{year} 年度培训计划汇总" + (f"（增补{count}）" if count else "")
    batch = PlanBatch.objects.create(year=year, title=title, created_by=actor)
    record(batch, "created", actor=actor)
    return batch


def _lock_plans_of(unit: Unit) -> None:
    """Two clerks, or a double click, come one after the other: while there is no plan yet, its unit is what to lock."""
    Unit.objects.select_for_update().get(pk=unit.pk)


def new_item(plan: Plan) -> PlanItem:
    """A row of 附件1 as its form begins, not saved: whose it is, whom to ask, and what its people are counted in."""
    medical = usual_category(plan.unit) == Person.Category.MEDICAL
    return PlanItem(
        plan=plan,
        unit=plan.unit,
        organiser=plan.unit.name,
        contact=plan.filler,
        phone=plan.phone,
        measure=Measure.CREDITS if medical else Measure.HOURS,
    )


def _new_plan(actor: Account, **facts: Any) -> Plan:
    plan = Plan.objects.create(created_by=actor, **facts)
    record(plan, "created", actor=actor)
    return plan


def _editable(plan: Plan) -> Plan:
    fresh = Plan.objects.select_for_update().get(pk=plan.pk)
    if fresh.state not in EDITABLE:
        raise NotPossible(locked(fresh))
    return fresh


def _must_be(batch: PlanBatch, state: str, otherwise: str) -> None:
    if PlanBatch.objects.select_for_update().get(pk=batch.pk).state != state:
        raise NotPossible(otherwise)
