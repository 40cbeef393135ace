"""Asking for packages and checks, fetching them, and saying how long records are kept: each on record."""

from __future__ import annotations

from collections.abc import Sequence
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
from .outlook import Outlook, outlook
from .packing import CHECK, PACK, fail
from .year import FIRST_YEAR, kind_name


def standing(year: int) -> Package | None:
    """The whole package of a year that holds: the last that was made."""
    found: Package | None = Package.objects.made().filter(year=year, base=None).order_by("-number").first()
    return found


def ask(
    *, year: int, actor: Any, supplement: bool = False, without_open: bool = False, anyway: bool = False, why: str = ""
) -> Package:
    """Have a closed year packed, whole, or what came and changed since it was last; whether there is anything of a
    supplement, the job finds out. Cases that are still open stay out, which is to be confirmed (`without_open`). Papers
    that no published head holds would lie there without a proof for good: who does not wait (`anyway`) says why, on
    record. Raises NotPossible."""
    _must_keep(actor)
    told = outlook(year, supplement=supplement)
    with transaction.atomic():
        hold(Lock.ARCHIVE)
        _give_up_lost(year)
        base = standing(year) if supplement else None
        _check(year, base, supplement)
        _confirmed(year, told, supplement, without_open, why if anyway else "")
        last = Package.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
        package = Package(year=year, number=last + 1, base=base, made_by=actor)
        package.job = enqueue(PACK, title=f"封装{package}", owner=actor)
        package.save()
        record(package, "archive_asked", actor=actor, note=_asked(package, told, why))
    return package


def _asked(package: Package, told: Outlook, why: str) -> str:
    left = f"；{told.open_said}未办结的不装入" if told.open else ""
    waiting = f"；{told.waiting} 份文书还没有收录进公布的树根，仍要现在封装：{why}" if told.waiting else ""
    return f"{package}{left}{waiting}"


def _confirmed(year: int, told: Outlook, supplement: bool, without_open: bool, why: str) -> None:
    if not told.cases and not supplement:
        raise NotPossible(f"{year} 年度没有件，不需要封装")
    wrong = {}
    if told.open and not without_open:
        wrong["without_open"] = f"有 {told.open_said}还没有办结，不会装入；请等办结后再封装，或在这里勾选后封装"
    if told.waiting and not why:
        wrong["anyway"] = (
            f"有 {told.waiting} 份文书还没有收录进公布的树根，装入后没有收录证明；"
            "请等明天早上公布树根后再封装，或勾选这一项并写明原因"
        )
    if wrong:
        raise NotPossible(**wrong)


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


def set_retention(
    *, case_types: Sequence[str], period: str, valid_from: date, document: str, actor: Any
) -> list[Retention]:
    """Say how long records of these kinds are kept from a day on. Raises NotPossible."""
    if not APPROVER.test(actor, None):
        raise PermissionDenied(f"account {actor.pk} approves nothing")
    with transaction.atomic():
        if there := Retention.objects.filter(case_type__in=case_types, valid_from=valid_from):
            names = "、".join(kind_name(each.case_type) for each in there)
            raise NotPossible(valid_from=f"这一天起的保管期限已经设定（{names}），改动请另选一天，旧的照旧保留")
        return [_set(case_type, period, valid_from, document, actor) for case_type in case_types]


def _set(case_type: str, period: str, valid_from: date, document: str, actor: Any) -> Retention:
    facts = {"case_type": case_type, "period": period, "valid_from": valid_from, "document": document}
    row = Retention.objects.create(**facts, set_by=actor)
    said = f"{kind_name(case_type)} {period}，自{full(valid_from)}起，依据 {document}"
    record(row, "retention_set", actor=actor, note=said)
    return row


def _must_keep(actor: Actor) -> None:
    if not actor.holds(*KEEP_ARCHIVE.roles):
        raise PermissionDenied(f"account {actor.pk} does not keep the archive")
