"""Seals that are put on by hand: papers on which their place was left blank wait for the keeper, who enters what was
done. The register is append-only: an entry is a row of its own beside its line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, is_same_person
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record

from .case import APPLIED
from .dates import chinese_day
from .models import Paper, SealUse
from .seal_records import SealApplied


def enter_applied(*, use: SealUse, copies: int, at: datetime, actor: Actor, note: str = "") -> SealApplied:
    """Enter that the seal was put on so many copies at an (aware) moment; the paper leaves the list.

    What is added or put right later says why (`note`); without one a line is entered once. Raises NotPossible with
    everything that is wrong.
    """
    keeper: Any = actor
    with transaction.atomic():
        rows = Paper.objects.select_for_update(of=("self",)).select_related("approver", "second_approver")
        paper = rows.get(pk=use.paper_id)
        if problems := _problems(use, paper, at, actor, note):
            raise NotPossible(*problems)
        applied = SealApplied.objects.create(
            use=use,
            copies=copies,
            applied_at=at,
            keeper=keeper,
            keeper_name=keeper.name,
            note=note,
        )
        data = {"line": use.number, "copies": copies, "applied_at": f"{clock.local(at):%Y-%m-%d %H:%M}"}
        record(paper, APPLIED, actor=actor, note=note, data=data)
    return applied


def _problems(use: SealUse, paper: Paper, at: datetime, actor: Actor, note: str) -> list[str]:
    found = []
    if use.seal.owner_id not in actor.unit_ids(Role.SEAL_KEEPER):
        found.append(f"印章“{use.seal.name}”不由您保管")
    if use.way != SealUse.Way.BLANK:
        found.append(f"{use.number} 是{use.get_way_display()}，不用手工加盖")
    if paper.state != Paper.State.ISSUED:
        found.append(f"文书{paper.get_state_display()}，不能加盖")
    if not note and (there := use.applied.first()):
        found.append(f"已登记过：{there}；补盖或更正的，请在用印登记簿里补记")
    if settings.FOUR_EYES and (approver := _approver(use, paper)) and is_same_person(approver, actor):
        found.append("这次用印由您审批，请由另一位监印人加盖")
    return found + wrong_time(use, paper, at)


def _approver(use: SealUse, paper: Paper) -> Any:
    """Who approved of the use of this seal; None where its keeper asked for the paper, with nobody to ask."""
    own: Any = paper.approver
    approver = own if use.seal_id == paper.seal_id else paper.second_approver or own
    return approver if approver and approver.pk != paper.keeper_id else None


def wrong_time(use: SealUse, paper: Paper, at: datetime) -> list[str]:
    """Why the seal cannot have been put on this paper at that (aware) moment."""
    day, last = clock.local(at).date(), use.seal.last_day
    if at > clock.now():
        return ["加盖时间还没有到，请核对"]
    if paper.issued_at and at < paper.issued_at.replace(second=0, microsecond=0):
        return [f"加盖时间早于文书签发时间（{clock.local(paper.issued_at):%Y-%m-%d %H:%M}），请核对"]
    if last and day > last:
        ended = f"印章“{use.seal.name}”最后使用日期是 {chinese_day(last)}，加盖时间不能晚于这一天"
        return [f"{ended}；还没有盖的，请撤销文书后用现行印章重新签发"]
    return []
