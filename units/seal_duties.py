"""What seals ask of people: papers on which a seal's place was left blank, seals to be approved of."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.papers.models import Seal, SealUse
from luojiang_ce.workflow.case_kind import Turn
from units.access import APPROVER, SEAL_KEEPER

TO_STAMP = Turn(SEAL_KEEPER, "加盖印章")
TO_APPROVE = Turn(APPROVER, "批准启用印章")


def papers_to_stamp(asked: Asked) -> Iterator[Owed]:
    """Of the seals that the account keeps, in one line. One query."""
    if not asked.own or asked.account is None:
        return
    kept = SealUse.objects.filter(seal__owner_id__in=asked.account.unit_ids(Role.SEAL_KEEPER))
    if count := kept.awaiting_hand().count():
        note = "打印加盖以后在这里登记"
        yield OwedDuty(TO_STAMP, None, f"{count} 份文书待手工加盖", reverse("seals:hand"), "hand-stamps", note=note)


def seals_to_approve(asked: Asked) -> Iterator[Owed]:
    """Registered seals that nobody approved of. One query."""
    for seal in Seal.objects.filter(approved_at=None).order_by("pk"):
        url = reverse("seals:seal", args=[seal.pk])
        yield OwedDuty(TO_APPROVE, None, f"批准启用印章：{seal.name}", url, f"seal-{seal.pk}")
