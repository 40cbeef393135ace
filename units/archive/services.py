"""Asking for packages and checks, fetching them, and saying how long records are kept: each on record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from luojiang_ce import clock
from luojiang_ce.access import KEEP_ARCHIVE, Actor
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import ask_for, enqueue
from luojiang_ce.locks import Lock, hold
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.access import APPROVER

from .models import Package, Retention
from .packing import CHECK, PACK, fail
from .year import FIRST_YEAR, kind_name


def standing(year: int) -> Package | None:
    """The whole package of a year that holds: the last that was made."""
    found: Package | None = Package.objects.made().filter(year=year, base=None).order_by("-number").first()
    return found


def ask(*, year: int, actor: Any, supplement: bool = False) -> Package:
    """Have a closed year packed, whole, or what came and changed since it was last; whether there is anything, the job
    finds out. Raises NotPossible."""
    _must_keep(actor)
    with transaction.atomic():
        hold(Lock.ARCHIVE)
        _give_up_lost(year)
        base = standing(year) if supplement else None
        _check(year, base, supplement)
        last = Package.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
        package = Package(year=year, number=last + 1, base=base, made_by=actor)
        package.job = enqueue(PACK, title=f"封装{package}", owner=actor)
        package.save()
        record(package, "archive_asked", actor=actor, note=str(package))
    return package


def _check(year: int, base: Package | None, supplement: bool) -> None:
    if year < FIRST_YEAR:
        raise NotPossible(f"没有 {year} 年度的件，本系统最早归档 {FIRST_YEAR} 年度")
    if year >= clock.today().year:
        raise NotPossible(f"{year} 年度还没有结束，明年起才能归档")
    if Package.objects.filter(year=year, state=Package.State.MAKING).exists():
        raise NotPossible(f"{year} 年度正在封装，请等它完成后再试")
    if supplement and base is None:
        raise NotPossible(f"{year} 年度还没有归档包，请先封装整年")


def _give_up_lost(year: int) -> None:
    """A package of which the job was given up will not be made any more; another can take its place."""
    for over in Package.objects.filter(year=year, state=Package.State.MAKING, job__state=Job.State.FAILED):
        fail(over)


def fetch(*, package: Package, actor: Actor) -> None:
    """Write down that somebody takes a package away. Raises PermissionDenied."""
    _must_keep(actor)
    record(package, "archive_fetched", actor=actor, note=package.called)


def have_checked(*, package: Package, actor: Actor) -> Job:
    """Have the file of a package looked at again. Raises NotPossible where there is none."""
    _must_keep(actor)
    if not package.is_made:
        raise NotPossible("这个归档包没有封装成，没有文件可以检测")
    return ask_for(CHECK, title=f"检测{package}", owner=actor, case=package)


def set_retention(*, case_type: str, period: str, valid_from: date, document: str, actor: Any) -> Retention:
    """Say how long records of a kind are kept from a day on. Raises NotPossible."""
    if not APPROVER.test(actor, None):
        raise PermissionDenied(f"account {actor.pk} approves nothing")
    if Retention.objects.filter(case_type=case_type, valid_from=valid_from).exists():
        raise NotPossible(valid_from="这一天起的保管期限已经设定，改动请另选一天，旧的照旧保留")
    facts = {"case_type": case_type, "period": period, "valid_from": valid_from, "document": document}
    said = f"{kind_name(case_type)} {period}，自{full(valid_from)}起，依据 {document}"
    with transaction.atomic():
        row = Retention.objects.create(**facts, set_by=actor)
        record(row, "retention_set", actor=actor, note=said)
    return row


def _must_keep(actor: Actor) -> None:
    if not actor.holds(*KEEP_ARCHIVE.roles):
        raise PermissionDenied(f"account {actor.pk} does not keep the archive")
