"""What seal keepers have before them: papers on which the place of a seal was left blank."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.papers.models import SealUse
from luojiang_ce.workflow.case_kind import Turn
from units.access import SEAL_KEEPER

TO_STAMP = Turn(SEAL_KEEPER, "加盖印章")


def papers_to_stamp(asked: Asked) -> Iterator[Owed]:
    """Of the seals that the account keeps, in one line. One query."""
    if not asked.own or asked.account is None:
        return
    kept = SealUse.objects.filter(seal__owner_id__in=asked.account.unit_ids(Role.SEAL_KEEPER))
    if count := kept.awaiting_hand().count():
        note = "打印加盖以后在这里登记"
        yield OwedDuty(TO_STAMP, None, f"{count} 份文书待手工加盖", reverse("seals:hand"), "hand-stamps", note=note)
