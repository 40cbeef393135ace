"""A change comes into force: the class in one piece, the amended notice, and whoever is told."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce.notices.services import notify
from luojiang_ce.papers.services import as_asked
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.events import record
from training.classes import papers
from training.classes.calling_off import other_organisers
from training.classes.changes.assess import findings, why_not_now
from training.classes.changes.content import CELLS, read
from training.classes.changes.lines import lines_of, told
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication, TimetableRow
from training.classes.services.waiting import move_up
from units.filed_case import tell_filer
from units.notify import clerks_of_units

MOVED_ON = "培训班在本件填报以后有过改动，所填的“原批准”已不是现在的内容"
SUPERSEDED = "该班有变更，以变更后的准予开班通知为准"


def put_in_force(context: Context) -> None:
    """The class follows the change from now on: head, rows and version together, or nothing. Raises NotPossible.

    The class is locked: a sign that is recorded meanwhile, a cancellation, another officer come before or after.
    """
    change: ClassChange = context.case
    rows = ClassApplication.objects.select_for_update(of=("self",)).select_related("unit", "project__plan")
    application = change.application = rows.get(pk=change.application_id)
    if against := _against(change, context):
        raise NotPossible(*against)
    change.decided_at = context.now
    wanted = read(change.proposed)
    for name, value in wanted.head.items():
        setattr(application, name, value)
    _replace_rows(change, application)
    application.count_edit(context.actor)
    application.save()
    move_up(application)  # there may be more places now
    said = "；".join(f"{line.label}：{line.was} → {line.now}" for line in lines_of(change.former, change.proposed))
    record(application, "changed", actor=context.actor, note=said, data={"change": change.pk})


def _against(change: ClassChange, context: Context) -> list[str]:
    if reason := why_not_now(change.application, context.now):
        return [reason]
    if change.based_on != change.application.version:
        return [MOVED_ON]
    return [each.text for each in findings(change)]


def _replace_rows(change: ClassChange, application: ClassApplication) -> None:
    """Rows that stay keep their ids, to which other things refer."""
    was, wanted = read(change.former).rows, read(change.proposed).rows
    kept = {row["id"] for row in wanted}
    application.timetable.filter(pk__in=[row["id"] for row in was if row["id"] not in kept]).delete()
    made = [
        TimetableRow(pk=row["id"], application=application, **{name: row[name] for name in CELLS}) for row in wanted
    ]
    TimetableRow.objects.bulk_update([row for row in made if row.pk], [*CELLS], batch_size=200)
    TimetableRow.objects.bulk_create([row for row in made if not row.pk])


def settle(context: Context) -> None:
    """A small change, by the handler alone: what the notice says is as it was, so there is no new one."""
    put_in_force(context)
    _tell(context)


def approve(context: Context) -> None:
    """The amended notice is issued, and the former one is superseded on the public check."""
    put_in_force(context)
    change: ClassChange = context.case
    change.notice = papers.request_opening_notice(
        change.application, context.actor, superseding=SUPERSEDED, **as_asked(context.data)
    )
    _tell(context)


def _tell(context: Context) -> None:
    """The provider, the other organisers, and the units of the trainees and of those who wait, each once."""
    tell_filer(context)
    change: ClassChange = context.case
    application = change.application
    trainees = application.enrolments.present().exclude(unit=None).values_list("unit_id", flat=True)
    waiting = application.waiting.standing().values_list("unit_id", flat=True)
    units = {*trainees, *waiting, *other_organisers(application)} - {application.unit_id}
    text = "；".join(told(change.former, change.proposed)) + "。不能按新的安排参加的，请在“本单位学员”里退出"
    key = f"classchange-{change.pk}-in-force"
    url = reverse("classes:own_trainees")
    notify(clerks_of_units(units), f"培训班有调整：{application}", key=key, text=text, url=url)
