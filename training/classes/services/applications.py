"""Creating and editing an application for a class (product.md C1): the head of 附件2, 附件3, words on differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from training.classes.differences import names_in
from training.classes.models import ClassApplication, ClassOrganiser, TimetableRow
from training.classes.same_rows import ids_of
from training.plans.models import PlanItem
from units.filed_case import EDITABLE
from units.models import Unit


@dataclass(frozen=True)
class OrganiserRow:
    """One organiser as typed: 主办, 承办 or 协办, and its name."""

    part: str
    name: str


COPIED = (
    *("title", "days", "place", "audience", "people", "content", "form", "measure"),
    *("charges", "fee", "fee_document", "funding", "budget", "contact", "phone"),
)


def free_sessions(project: PlanItem) -> list[int]:
    """Numbers of the planned sessions (期) that no standing application has; one that is over frees its.

    One query, none where the classes are prefetched.
    """
    used = {each.session for each in project.classes.all() if each.state not in ClassApplication.OVER}
    return [session for session in range(1, project.sessions + 1) if session not in used]


def create_application(*, project: PlanItem, actor: Actor, wanted: int | None = None) -> ClassApplication:
    """A draft for the next free session of an own published project, filled from the plan (C1). Raises NotPossible.

    `wanted`: the session that was clicked; where it has a draft already, of an earlier click, that one. The project's
    row is locked, so clicks at once come one after the other and there are never more sessions than planned.
    """
    with transaction.atomic():
        locked = PlanItem.objects.select_for_update(of=("self",)).select_related("plan").get(pk=project.pk)
        if locked.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
            raise NotPossible("只有申报该项目的单位可以提出开班申请")
        drafts = locked.classes.filter(state=ClassApplication.State.DRAFT)
        if wanted is not None and (begun := drafts.filter(session=wanted).first()):
            return begun
        session = _session_for(locked)
        application = ClassApplication.objects.create(
            project=locked,
            unit_id=locked.unit_id,
            session=session,
            opens_on=locked.starts_on if session == 1 else None,
            ends_on=locked.ends_on if session == 1 else None,
            created_by_id=actor.pk,
            **_of_the_last_class(locked),
            **{name: getattr(locked, name) for name in COPIED},
        )
        replace_organisers(application, _planned_organisers(locked))
        record(application, "created", actor=actor, data={"project": locked.pk, "session": session})
    return application


def _of_the_last_class(project: PlanItem) -> dict[str, str]:
    """Who runs the unit's classes is mostly the same."""
    known = ClassApplication.objects.filter(unit=project.unit_id).exclude(leader="", class_teacher="")
    last = known.order_by("-pk").first()
    return {name: getattr(last, name) for name in ("leader", "class_teacher")} if last else {}


def _session_for(project: PlanItem) -> int:
    if project.state != PlanItem.State.PUBLISHED:
        raise NotPossible(f"项目现在是“{project.get_state_display()}”，公布以后才能申请开班（通知 三2）")
    free = free_sessions(project)
    if not free:
        raise NotPossible(f"公布的计划是 {project.sessions} 期，各期都已有开班申请；需要增加的，请申报增补计划")
    return free[0]


def _planned_organisers(project: PlanItem) -> list[OrganiserRow]:
    hosts = [OrganiserRow(ClassOrganiser.Part.HOST, name) for name in sorted(names_in(project.organiser))]
    carriers = [OrganiserRow(ClassOrganiser.Part.CARRIER, name) for name in sorted(names_in(project.co_organiser))]
    return hosts + carriers or [OrganiserRow(ClassOrganiser.Part.HOST, project.unit.name)]


@contextmanager
def editing(
    application: ClassApplication, *, actor: Actor, version: int | None, step: str, quiet: bool = False
) -> Iterator[ClassApplication]:
    """The locked application, to be changed inside; counts the save and writes an event (`quiet`: an autosave's).

    Raises NotPossible, or Conflict when somebody else saved since `version`.
    """
    with transaction.atomic():
        locked = ClassApplication.objects.select_for_update().get(pk=application.pk)
        if locked.state not in EDITABLE:
            raise NotPossible(f"现在的状态是“{locked.get_state_display()}”，不能修改")
        locked.must_be(version)
        before, parts = values_of(locked), _parts_of(locked)
        yield locked
        locked.count_edit(actor)
        locked.save()
        after = _parts_of(locked)
        lists = {label: (parts[label], after[label]) for label in parts}
        record_edit(locked, (locked, before), actor=actor, lists=lists, data={"step": step}, quiet=quiet)


def save_basics(
    *,
    application: ClassApplication,
    values: Mapping[str, Any],
    organisers: Sequence[OrganiserRow] | None,
    version: int,
    actor: Actor,
    quiet: bool = False,
) -> ClassApplication:
    """Save the head of 附件2; `organisers` None leaves them. Raises NotPossible, Conflict."""
    with editing(application, actor=actor, version=version, step="basics", quiet=quiet) as locked:
        for name, value in values.items():
            setattr(locked, name, value)
        if organisers is not None:
            replace_organisers(locked, organisers)
    return locked


def replace_timetable(
    *,
    application: ClassApplication,
    rows: Iterable[Mapping[str, Any]],
    version: int,
    actor: Actor,
    quiet: bool = False,
) -> ClassApplication:
    """Put these rows in place of the whole timetable; those that were there keep their ids, to which a return refers.

    Raises NotPossible, Conflict.
    """
    with editing(application, actor=actor, version=version, step="timetable", quiet=quiet) as locked:
        rows = list(rows)
        ids = ids_of(rows, list(locked.timetable.values()))
        locked.timetable.all().delete()
        kept = [TimetableRow(pk=pk, application=locked, **row) for pk, row in zip(ids, rows, strict=True)]
        TimetableRow.objects.bulk_create(kept)
    return locked


def save_notes(
    *, application: ClassApplication, notes: Mapping[str, str], version: int, actor: Actor, quiet: bool = False
) -> ClassApplication:
    """Save the filer's words on what differs from the plan, by `differences.LABELS`. Raises NotPossible, Conflict."""
    with editing(application, actor=actor, version=version, step="review", quiet=quiet) as locked:
        locked.difference_notes = {key: text for key, text in notes.items() if text}
    return locked


def replace_organisers(application: ClassApplication, rows: Sequence[OrganiserRow]) -> None:
    """Put the organisers in this order; those whose name is a unit's name get read access to the case."""
    units = {unit.name: unit for unit in Unit.objects.filter(name__in=[row.name for row in rows])}
    application.organisers.all().delete()
    ClassOrganiser.objects.bulk_create(
        ClassOrganiser(
            application=application, part=row.part, name=row.name, unit=units.get(row.name), position=position
        )
        for position, row in enumerate(rows, 1)
    )


def _parts_of(application: ClassApplication) -> dict[str, list[str]]:
    """What is saved as whole lists beside the application, a line for each of their rows with all that it says."""
    rows = TimetableRow.objects.filter(application=application).with_details()
    organisers = ClassOrganiser.objects.filter(application=application)
    return {
        "办班单位": [f"{each.get_part_display()} {each.name}" for each in organisers],
        "课程表": [_line_of(row) for row in rows],
    }


def _line_of(row: TimetableRow) -> str:
    by = f"{row.lecturer}（{row.lecturer.employer}）" if row.lecturer else ""
    facts = (
        f"{row} {row.hours.normalize():f} 学时",
        f"{row.starts_at:%H:%M}–{row.ends_at:%H:%M}",
        row.get_subject_display() if row.counts else f"{row.get_subject_display()}，不计学时",
        *(by, row.teaching_form, row.room, str(row.catalogue_course or ""), row.required_course, row.note),
    )
    return " ".join(filter(None, facts))
