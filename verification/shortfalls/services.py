"""Writes: the bureau reminds units (催办); a clerk enrols people as the planner's list says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, reach_of
from luojiang_ce.home.many import owner_as_now
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.words import first_of
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Waiting
from training.classes.published import sessions
from training.classes.services.trainees import enrol_own, overlaps
from units.models import Person, Unit
from verification.batches.filers import filer_of, filing_clerks

from .models import Reminder
from .overview import AT_ONCE as PEOPLE_AT_ONCE
from .overview import Tally, tallies_of
from .standing import jobs_of

KIND = "standing_reminders"  # of jobs
REMINDED = "reminded"  # name of the event on the unit
AT_ONCE = 10  # units
CHUNK = 10


@dataclass(frozen=True)
class Reminded:
    """Which units were reminded, and of the others why not."""

    sent: Sequence[Unit] = ()
    today_already: Sequence[Unit] = ()
    nobody_short: Sequence[Unit] = ()
    without_clerk: Sequence[Unit] = ()

    @property
    def said(self) -> str:
        """For whoever asked."""
        others = [
            (self.today_already, "今天已催办过"),
            (self.nobody_short, "没有还差或未报送的人"),
            (self.without_clerk, "没有专办员，也没有代为报送的主管单位专办员，未发"),
        ]
        named = [f"{first_of([unit.short for unit in units], measure='个单位')}{why}" for units, why in others if units]
        return "；".join([f"已催办 {len(self.sent)} 个单位", *named])

    def __add__(self, more: Reminded) -> Reminded:
        names = ("sent", "today_already", "nobody_short", "without_clerk")
        return Reminded(**{name: [*getattr(self, name), *getattr(more, name)] for name in names})


def remind(*, units: Sequence[Unit], year: int, actor: Actor) -> Reminded:
    """Tell whoever files for these units (verification/batches/filers.py) how many of their people are short or not
    filed for a year, each unit at most once a day, whoever asks; on record with the unit. The numbers are those of now.
    """
    known = {tally.unit.pk: tally for tally in tallies_of(units, year)}
    done = Reminded()
    for unit in units:
        done += _remind(unit, known.get(unit.pk) or Tally(unit, year), actor)
    return done


@transaction.atomic
def _remind(unit: Unit, tally: Tally, actor: Actor) -> Reminded:
    # Two officers, or two clicks, come one after the other.
    Unit.objects.select_for_update().get(pk=unit.pk)
    if Reminder.objects.filter(unit=unit, day=clock.today()).exists():
        return Reminded(today_already=[unit])
    if not tally.is_to_be_reminded:
        return Reminded(nobody_short=[unit])
    clerks = list(filing_clerks([unit.pk]))
    if not clerks:
        return Reminded(without_clerk=[unit])
    by: Any = actor.pk
    sent = Reminder(unit=unit, sent_by_id=by, year=tally.year, short=tally.short, unfiled=tally.overdue)
    sent.save()
    address, whose = _where(unit, tally.year)
    notify(clerks, f"催办{whose}：{sent.said}", key=f"standing-reminder-{sent.pk}", url=address, kind=Kind.REMINDER)
    record(unit, REMINDED, actor=actor, note=sent.said)
    return Reminded(sent=[unit])


def _where(unit: Unit, year: int) -> tuple[str, str]:
    """Its people, and of which unit it speaks where another's clerk files for it."""
    whose = "" if filer_of(unit) == unit else f"（{unit.short}）"
    return f"{reverse('shortfalls:unit', args=[unit.pk])}?year={year}", whose


def remind_many(*, units: Sequence[Unit], year: int, actor: Actor) -> Reminded | Job:
    """The same; of more units or people than take a moment, in the background."""
    if len(units) <= AT_ONCE and jobs_of(year).filter(unit__in=units).count() <= PEOPLE_AT_ONCE:
        return remind(units=units, year=year, actor=actor)
    args = {"units": [unit.pk for unit in units], "year": year, "reach": reach_of(actor)}
    return enqueue(KIND, title=f"催办 {len(units)} 个单位（{year} 年度）", owner=actor, args=args)


def remind_in_background(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work, as long as its owner may what they might when they asked for it. A unit that was told before the
    worker broke off is not told again."""
    pks, year, done = job.args["units"], int(job.args["year"]), Reminded()
    for start in range(0, len(pks), CHUNK):
        progress(start, len(pks))
        account = owner_as_now(job)
        if account is None:
            raise JobFailed(f"{done.said}，其余没有催办：您的账号已停用，或角色有变动")
        units = list(Unit.objects.filter(pk__in=pks[start : start + CHUNK]).order_by("code"))
        done += remind(units=units, year=year, actor=account)
    return done.said, f"{reverse('shortfalls:overview')}?year={year}"


# --- the planner's list -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Enrolled:
    """What became of a list: places taken, people in line, and by class what was refused."""

    places: int = 0
    in_line: int = 0
    refused: Sequence[str] = ()


def enrol(*, picks: Mapping[int, Collection[int]], actor: Actor, late_reason: str) -> Enrolled:
    """Enrol own people as a list says, by class (ids of classes, of people), through the service that enrols anybody.

    Each class by itself: one that refuses says why and does not keep the others from it. Who sits elsewhere on one of
    the half-days by now is left out by name. Repeating it changes nothing. A class of which not everybody may know is
    not named: its number may be a guess.
    """
    places, in_line, refused = 0, 0, []
    classes = sessions().filter(pk__in=picks)
    if unknown := len(picks) - len(classes):
        refused.append(f"{unknown} 个班不能报名，没有报上。请重新排方案")
    for case in classes:
        wanted, clashing = _without_clashes(case, picks[case.pk], actor)
        refused += [f"{case}：{why}" for why in clashing]
        try:
            with refusing_clashes():
                added = enrol_own(application=case, person_ids=wanted, actor=actor, late_reason=late_reason)
        except NotPossible as no:
            refused.append(f"{case}，{len(wanted)} 人没有报上：{no}")
            continue
        waits = sum(isinstance(each, Waiting) for each in added)
        places, in_line = places + len(added) - waits, in_line + waits
    return Enrolled(places, in_line, refused)


def _without_clashes(case: ClassApplication, people: Collection[int], actor: Actor) -> tuple[list[int], list[str]]:
    """Own people who are free then; of the others why not. Whoever is no more of the unit is counted, not named."""
    own = Person.objects.filter(pk__in=people, employments__unit__in=actor.unit_ids(Role.UNIT_CLERK))
    names = dict(own.filter(employments__ended_on=None).values_list("pk", "name"))
    clashes = overlaps(case, list(names))
    told = [f"{names[pk]}同一半日另有“{'、'.join(others)}”，没有报名" for pk, others in clashes.items()]
    if gone := len(set(people) - set(names)):
        told.append(f"{gone} 人已不在本单位任职，没有报名")
    return [pk for pk in names if pk not in clashes], told
