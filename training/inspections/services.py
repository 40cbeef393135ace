"""Assigning visits, and what is written about them before and after (product.md I1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, is_same_person, keys_of
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication
from training.inspections.case import AT_LEAST, give_number, tell_recorded
from training.inspections.decisions.models import Decision
from training.inspections.models import DeclaredConflict, Inspection, OutsideReport
from units.models import Account, Assignment, Unit
from units.notify import handlers

STARTED = (
    ClassApplication.State.APPROVED,
    *ClassApplication.CLOSING,
    ClassApplication.State.NOT_HELD,
    ClassApplication.State.CANCELLED,
)  # whatever became of a class that was filed, somebody may teach it all the same


def assign(
    *,
    inspectors: Collection[Account],
    planned_on: date,
    planned_half_day: str = "",
    application: ClassApplication | None = None,
    unit: Unit | None = None,
    provider_name: str = "",
    event_name: str = "",
    place: str = "",
    focus: str = "",
    origin: str = Inspection.Origin.CHOICE,
    report: OutsideReport | None = None,
    actor: Actor,
) -> Inspection:
    """Send inspectors to a class, or to a place where somebody teaches what nobody published. Only they hear of it.

    Raises NotPossible, with every reason, for fewer than two, one of the inspected unit, a declared conflict, the same
    visit twice; PermissionDenied unless the actor is a handler or the system.
    """
    _must_be_handler(actor)
    with transaction.atomic():
        if application:
            application = ClassApplication.objects.select_for_update().select_related("unit").get(pk=application.pk)
            unit, place = application.unit, place or application.place
        case = Inspection(
            application=application, unit=unit, provider_name=provider_name, event_name=event_name, place=place,
            planned_on=planned_on, planned_half_day=planned_half_day, focus=focus, origin=origin, report=report,
            created_by_id=actor.pk,
        )  # fmt: skip
        _send(case, inspectors, actor)
    return case


def _send(case: Inspection, inspectors: Collection[Account], actor: Actor) -> None:
    refuse(case, inspectors)
    give_number(case)
    case.save()
    case.inspectors.set(inspectors)
    told = {"inspectors": [each.pk for each in inspectors], "origin": case.origin}
    record(case, "assigned", actor=actor, data=told)
    if case.report:
        fire(case.report, "inspect", actor=actor, data={"inspection": case.pk})
    tell_assigned(case, inspectors)


def _must_be_handler(actor: Actor) -> None:
    if actor.pk is not None and not actor.holds(Role.BUREAU_HANDLER):
        raise PermissionDenied(f"account {actor.pk} sends nobody to inspect")


def tell_assigned(case: Inspection, inspectors: Iterable[Account]) -> None:
    """To the inspectors alone: the visit is not announced."""
    title = f"请到现场检查：{case.subject}，{full_with_weekday(case.planned_on)}"
    key = f"inspection-{case.pk}-assigned-{case.version}"
    notify(inspectors, title, key=key, text="检查不事先通知被检查单位，请勿外传", case=case)


def refuse(case: Inspection, inspectors: Collection[Account]) -> None:
    """Raise NotPossible, with every reason, where these may not make this visit."""
    reasons: dict[str, list[str]] = {
        "inspectors": list(why_not(case.application, case.unit, inspectors)),
        "application": why_no_class(case),
        "place": [] if case.application or case.place else ["请写明到哪里检查"],
    }
    if found := {field: texts for field, texts in reasons.items() if texts}:
        raise NotPossible(**found)


def why_no_class(case: Inspection) -> list[str]:
    """Why the class cannot be visited so: it was never allowed, or somebody is sent there already."""
    if case.application is None:
        return []
    if case.application.state not in STARTED:
        return [
            f"“{case.application}”{case.application.get_state_display()}，还没有准予开班；要检查的请按未公布的办班填写"
        ]
    same = Inspection.objects.filter(
        application=case.application, planned_on=case.planned_on, planned_half_day=case.planned_half_day,
        state=Inspection.State.ASSIGNED,
    ).exclude(pk=case.pk)  # fmt: skip
    return [f"{each.when}已安排检查（{each.number}），不必再安排" for each in same[:1]]


def why_not(application: ClassApplication | None, unit: Unit | None, inspectors: Collection[Account]) -> Iterable[str]:
    """Why these accounts may not inspect this class or unit together, reason by reason: too few, not an inspector, of
    the inspected unit (or one that holds the class with it), a declared conflict. Three queries."""
    persons = keys_of(inspectors)
    if len({each.person_key for each in inspectors}) < AT_LEAST:
        yield f"检查人至少 {AT_LEAST} 人，请再选"
    current = Assignment.objects.current().select_related("account", "unit")
    allowed = set(current.filter(role=Role.INSPECTOR).values_list("account", flat=True))
    for each in inspectors:
        if each.pk not in allowed or not each.is_active:
            yield f"{each.name}现在不是监督检查人员，请另选"
    units = inspected_units(application, unit)
    if not units:
        return
    for held in current.filter(unit__in=units, account__is_active=True).order_by("pk"):
        if held.account.person_keys & persons and held.role != Role.INSPECTOR:
            yield f"{held.account.name}是{held.unit.name}的人（{held.get_role_display()}），不能检查本单位，请另选"
    for conflict in DeclaredConflict.objects.standing().filter(unit__in=units).select_related("account", "unit"):
        if conflict.account.person_keys & persons:
            yield f"{conflict.account.name}已申报回避{conflict.unit.name}，请另选"


def inspected_units(application: ClassApplication | None, unit: Unit | None) -> set[int]:
    """The unit, and those of the district that hold the class with it. One query at most."""
    units = {unit.pk} if unit else set()
    if application:
        units |= {application.unit_id, *application.organisers.exclude(unit=None).values_list("unit", flat=True)}
    return units


# --- afterwards -------------------------------------------------------------------------------------------------------


def change(
    *,
    case: Inspection,
    inspectors: Collection[Account],
    planned_on: date,
    planned_half_day: str,
    place: str,
    focus: str,
    version: int | None,
    actor: Actor,
) -> Inspection:
    """Send others, or on another day, as long as nobody has recorded the visit. Raises NotPossible, Conflict."""
    _must_be_handler(actor)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=case.pk)
        locked.must_be(version)
        if locked.state != Inspection.State.ASSIGNED:
            raise NotPossible(f"这次检查{locked.get_state_display()}，不能再改")
        before, were = values_of(locked), list(locked.inspectors.all())
        locked.planned_on, locked.planned_half_day = planned_on, planned_half_day
        locked.place, locked.focus = place, focus
        refuse(locked, inspectors)
        locked.count_edit(actor)
        locked.save()
        locked.inspectors.set(inspectors)
        lists = {"检查人": ([each.name for each in were], [each.name for each in inspectors])}
        if record_edit(locked, (locked, before), lists=lists, actor=actor):
            _tell_changed(locked, were, inspectors)
    return locked


def _tell_changed(case: Inspection, were: Collection[Account], are: Collection[Account]) -> None:
    tell_assigned(case, are)
    relieved = {each.pk: each for each in were if each not in are}
    key = f"inspection-{case.pk}-relieved-{case.version}"
    notify(relieved.values(), f"不再由您检查：{case.subject}", key=key, url=reverse("inspections:list"))


def attach_class(*, case: Inspection, application: ClassApplication, actor: Actor) -> Inspection:
    """Say to which class the visit belongs, of what seemed to be published by nobody. Once.

    Raises NotPossible where it belongs to one, the class is another unit's, or an inspector may not inspect it.
    """
    _must_be_handler(actor)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=case.pk)
        if reason := _why_not_attached(locked, application):
            raise NotPossible(number=reason)
        if reasons := list(why_not(application, application.unit, locked.inspectors.all())):
            raise NotPossible(number=[f"{each}；需要的另行安排检查" for each in reasons])
        locked.application, locked.unit = application, application.unit
        locked.count_edit(actor)
        locked.save()
        record(locked, "class_attached", actor=actor, note=str(application), data={"class": application.pk})
        if locked.recorded_at:
            tell_recorded(locked)
    return locked


def _why_not_attached(case: Inspection, application: ClassApplication) -> str:
    if case.application_id:
        return f"这次检查已归入“{case.application}”"
    if case.state == Inspection.State.CANCELLED:
        return "这次检查已取消，不能归入培训班"
    if case.decisions.filter(state__in=Decision.TOLD_OF).exists():
        return "检查的处理已告知单位或已决定，不能再归入培训班；需要归入的，先退回修改拟作处理，或撤回决定"
    if case.unit_id and case.unit_id != application.unit_id:
        return f"“{application}”是{application.unit.name}的班，这次检查的是{case.provider}，请核对编号"
    return ""


# --- conflicts --------------------------------------------------------------------------------------------------------


def declare_conflict(*, account: Account, unit: Unit, reason: str, actor: Actor) -> DeclaredConflict:
    """An inspector must not inspect this unit from now on; said by himself or by a handler. The handlers hear of the
    visits to it that he was sent on already: somebody else must go.

    Raises NotPossible where it is declared already; PermissionDenied for anybody else.
    """
    if actor.pk != account.pk:
        _must_be_handler(actor)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if DeclaredConflict.objects.standing().filter(account=account, unit=unit).exists():
            raise NotPossible(unit=f"{account.name}已申报回避{unit.name}，不必再申报")
        made = DeclaredConflict.objects.create(
            account=account, unit=unit, reason=mask_ids(reason), declared_by_id=actor.pk
        )
        record(made, "conflict_declared", actor=actor, note=made.reason, data=_about(made))
        for case in _sent_to(unit, account):
            # Titles lie open on the way, so they name nobody.
            text = f"{account.name}申报回避{unit.name}，已安排{case.when}前往；改派以前请勿派其前往"
            title = f"请改派：检查{case.subject}，有人申报回避"
            notify(handlers(), title, key=f"conflict-{made.pk}-{case.pk}", text=text, case=case)
    return made


def _sent_to(unit: Unit, account: Account) -> list[Inspection]:
    """The visits still to come to a unit, or to a class that it holds with another, on which this person is sent."""
    ahead = Inspection.objects.filter(state=Inspection.State.ASSIGNED).select_related("application")
    of_unit = ahead.filter(Q(unit=unit) | Q(application__organisers__unit=unit)).distinct()
    rows = of_unit.prefetch_related("inspectors")
    return [row for row in rows if account.person_keys & keys_of(row.inspectors.all())]


def end_conflict(*, conflict: DeclaredConflict, actor: Actor) -> None:
    """The reason is gone. Another handler says so. Raises NotPossible for the inspector's own, PermissionDenied."""
    _must_be_handler(actor)
    if is_same_person(conflict.account, actor):
        raise NotPossible("这是您自己的回避申报，请另一名经办撤销")
    with transaction.atomic():
        if DeclaredConflict.objects.filter(pk=conflict.pk, ended_at=None).update(ended_at=clock.now()):
            record(conflict, "conflict_ended", actor=actor, data=_about(conflict))


def _about(conflict: DeclaredConflict) -> dict[str, Any]:
    return {"account": conflict.account_id, "unit": conflict.unit_id}


# --- reports from outside ---------------------------------------------------------------------------------------------


def take_report(*, actor: Actor, **facts: Any) -> OutsideReport:
    """Take down what somebody outside says (fields of OutsideReport). Raises PermissionDenied but for a handler."""
    _must_be_handler(actor)
    clean = {name: mask_ids(value) if isinstance(value, str) else value for name, value in facts.items()}
    with transaction.atomic():
        year = clock.today().year
        number = next_number("outside_report", year, seed="{year}-JB-{seq:04d}", title="举报编号")
        report = OutsideReport(number=number, created_by_id=actor.pk, **clean)
        if report.application:
            report.unit = report.application.unit
        report.save()
        record(report, "report_taken", actor=actor, data={"channel": report.channel, "secret": report.secret})
    return report
