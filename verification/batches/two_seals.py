"""Whose seals a batch gets. At the end of a teacher's cycle there are two on every paper (notice 二(一): 由教育行政部门
会同同级人社行政部门进行统一验证): the keepers put them in any order, and papers are made when both are there.

The first of the two stands in batch and record (`first_seal`) until the second comes, what was decided is withdrawn,
or the seal goes out of use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.papers.models import Seal, SealQuerySet
from units.models import Account, Unit
from units.seals import FOR_VERIFICATION

from .models import AnnualRecord, Batch, Path
from .routing import sealing_unit

KEEPER = Role.SEAL_KEEPER


def has_two(batch: Batch) -> bool:
    """Do its papers bear two seals?"""
    return batch.path == Path.CYCLE and batch.authority_id is not None


def standing(row: Batch | AnnualRecord, on: date) -> Seal | None:
    """The one of two seals that was put to it and is still in use; None where neither was."""
    seal = row.first_seal
    return None if seal is None or seal.problem_on(on) else seal


def awaited(batch: Batch) -> list[Unit]:
    """Whose seals are still to be put to the batch as a whole, first whose papers they are."""
    there = standing(batch, clock.today()) if has_two(batch) else None
    units = [sealing_unit(batch), *([batch.authority] if batch.authority and has_two(batch) else [])]
    return [unit for unit in units if there is None or there.owner_id != unit.pk]


def is_kept_by(actor: Actor, batch: Batch) -> bool:
    """Does the account keep a seal that the batch still awaits? No query but for a batch with one of two seals."""
    own = actor.unit_ids(KEEPER)
    if batch.path == Path.TEACHER:
        return batch.authority_id in own
    of_bureau = bool(actor.unit_ids(KEEPER, of_bureau=True))
    there = standing(batch, clock.today()) if has_two(batch) else None
    if there is None:
        return of_bureau or (has_two(batch) and batch.authority_id in own)
    return of_bureau if there.owner_id == batch.authority_id else batch.authority_id in own


def seals_of(batch: Batch, actor: Actor) -> SealQuerySet:
    """The verification seals that this keeper may put to the batch, in use or not."""
    owners = [unit for unit in awaited(batch) if unit.pk in actor.unit_ids(KEEPER)]
    seals = Seal.objects.filter(owner_type=Unit._meta.label_lower, owner_id__in=[unit.pk for unit in owners])
    return seals.filter(purpose=FOR_VERIFICATION)


def lacks_seal(record: AnnualRecord, owners: frozenset[int]) -> bool:
    """Has none of these organs put its seal to the record's page?"""
    there = standing(record, clock.today())
    return there is None or there.owner_id not in owners


class Sealing(TypedDict, total=False):
    """Of what a paper is asked for with (papers.services.Options): its seals."""

    seal: Seal
    keeper: Account
    second_seal: Seal
    second_keeper: Account
    put_before: Seal | None


@dataclass(frozen=True)
class Pair:
    """Seal and keeper of the organ whose paper it is, and of the other one where there are two."""

    own: tuple[Seal, Account]
    other: tuple[Seal, Account] | None = None
    before: Seal | None = None  # which of them was put earlier

    def options(self) -> Sealing:
        """What a paper is asked for with."""
        options: Sealing = {"seal": self.own[0], "keeper": self.own[1], "put_before": self.before}
        if self.other:
            options |= {"second_seal": self.other[0], "second_keeper": self.other[1]}
        return options


def pair_of(batch: Batch, row: Batch | AnnualRecord, seal: Seal, keeper: Account) -> Pair | None:
    """The seals with which a paper about the row is complete now that this one is put; None: another is awaited."""
    if not has_two(batch):
        return Pair((seal, keeper))
    before = standing(row, clock.today())
    if before is None or before.owner_id == seal.owner_id or row.first_keeper is None:
        return None
    both = (seal, keeper), (before, row.first_keeper)
    own, other = both if before.owner_id == batch.authority_id else both[::-1]
    return Pair(own, other, before)


def said_of(batch: Batch) -> Iterator[str]:
    """What lists add to a batch that waits for two seals: whose is still to come."""
    if has_two(batch):
        yield f"还差{'、'.join(unit.short for unit in awaited(batch))}的印章"
