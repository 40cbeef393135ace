"""Taking over a signed record of another district: everything is checked before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, When

from luojiang_ce.access import Actor
from luojiang_ce.checked_json import as_day
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record as keep_event
from units.access import must_file_for, sees_district
from units.models import Person, Unit
from verification.choices import Measure
from verification.declarations.models import Declaration
from verification.record import portable
from verification.record.belief import believed
from verification.record.meetings import Compared, compared, fingerprint
from verification.record.models import Transfer, TransferredEntry
from verification.record.portable import Record, Unusable
from verification.requirements.display import said

MOVED = "本区的学时或另一份记录刚才有变动，与您勾选时所见不同，没有入账；请按现在的情况重新核对勾选"
NONE_COUNTS = "没有勾选计入的学时；一条都不计入的，请办理“不予认可”"


def take_over(*, content: bytes, code: str, person: Person, unit: Unit, actor: Actor) -> Transfer:
    """Keep the record of one of the unit's people as a draft, with its entries; `code`: the check code of the paper.

    Raises NotPossible with everything that is wrong, beside its field; then nothing is kept. PermissionDenied unless
    the actor files for the unit.
    """
    must_file_for(unit.pk, actor)
    try:
        signed = portable.opened(content)
        district, record = believed(signed)
    except Unusable as wrong:
        raise NotPossible(file=wrong.problems) from wrong
    _refuse_unless_fit(record, person, code)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # of two clicks the second finds the first one's draft
        _refuse_twice(record)
        transfer = Transfer.objects.create(
            unit=unit,
            person=person,
            district=district,
            issuer=record.issuer,
            paper_number=record.paper_number,
            paper_dated=record.paper_dated,
            kid=signed.kid,
            content=signed.parts,
            created_by_id=actor.pk,
        )
        TransferredEntry.objects.bulk_create(_rows(transfer, record.entries), batch_size=500)
        keep_event(transfer, "created", actor=actor)
    return transfer


def content_of(transfer: Transfer) -> dict[str, Any]:
    """What the file says, as it was signed; nothing once the person was anonymised, with whose name it went."""
    if not transfer.content:
        return {}
    told: dict[str, Any] = json.loads(portable.opened(json.dumps(transfer.content).encode()).payload)
    return told


def _refuse_unless_fit(record: Record, person: Person, code: str) -> None:
    """The record is this person's, and something of it can be taken over."""
    wrong: dict[str, list[str]] = {}
    if not portable.is_bound_to(record, person.id_number, code):
        wrong["code"] = [
            "记录与所选人员的证件号码、所填核验码对不上：可能选错了人，可能核验码抄错，也可能是别人的文件。"
            f"请对照纸质证明 {record.paper_number} 核对"
        ]
    elif record.name != person.name:
        wrong["person"] = [f"证件号码相符，但文件里的姓名是“{record.name}”，本区登记的是“{person.name}”，请先核对改正"]
    if not record.entries:
        wrong["file"] = ["记录里没有学时，没有可以转入的"]
    if wrong:
        raise NotPossible(**wrong)


def _refuse_twice(record: Record) -> None:
    same = Transfer.objects.standing().filter(issuer=record.issuer, paper_number=record.paper_number).first()
    if same:
        state = same.get_state_display()
        raise NotPossible(file=f"证明 {record.paper_number} 已经转入过：{same.number}（{state}），不要重复转入")


def _rows(transfer: Transfer, entries: Iterable[portable.Entry]) -> list[TransferredEntry]:
    return [
        TransferredEntry(transfer=transfer, **{**vars(entry), "origins": [asdict(each) for each in entry.origins]})
        for entry in entries
    ]


# --- which entries count ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What a reviewer has decided on a record: the ids of the entries that count, on what they had before them
    (meetings.fingerprint), and when they asked the other district's public check."""

    counted: frozenset[int]
    seen: str
    checked_on: date

    def as_data(self) -> dict[str, Any]:
        """As a step carries it."""
        day = self.checked_on.isoformat()
        return {"counted": sorted(self.counted), "meetings_sha256": self.seen, "checked_on": day}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Decision | None:
        """The way back; None where the step carries none."""
        day = as_day(data.get("checked_on"))
        return cls(frozenset(data.get("counted", ())), data.get("meetings_sha256", ""), day) if day else None


def decide(transfer: Transfer, decision: Decision) -> list[TransferredEntry]:
    """Note with each entry whether it counts, and return those that do. The person is locked: of two records that are
    accepted at once the second is looked at with the first one's entries. Raises NotPossible."""
    list(Person.objects.select_for_update().filter(pk=transfer.person_id))
    found = compared([transfer])[transfer.pk].meetings
    if decision.seen != fingerprint(found):
        raise NotPossible(MOVED)
    entries = [each.entry for each in found if not each.barred and each.entry.pk in decision.counted]
    if not entries:
        raise NotPossible(NONE_COUNTS)
    keys = [entry.pk for entry in entries]
    transfer.entries.update(counts=Case(When(pk__in=keys, then=True), default=False))
    transfer.checked_on = decision.checked_on
    return entries


def others_shown(transfer: Transfer, entries: Iterable[TransferredEntry], account: Actor) -> list[Transfer]:
    """The records in which these entries of the same district stand (Compared.of_the_district), as far as the account
    sees them: a unit its own, the bureau what was submitted."""
    rows = dict.fromkeys(entry.transfer for entry in entries)
    if sees_district(account):
        return [row for row in rows if row.first_submitted_at]
    return [row for row in rows if row.unit_id == transfer.unit_id]


def left_out(transfer: Transfer, beside: Compared) -> list[str]:
    """What was counted from earlier records of the district and does not stand in this one any more: it may have been
    taken back there. Only of the years that this one speaks of."""
    there = {(each.entry.year, each.entry.title, each.entry.amount) for each in beside.meetings}
    years = {each["year"] for each in content_of(transfer).get("years", ())}
    return [
        f"{row.transfer.number}：{row.year} 年度 {row.title} {row.amount_said}"
        for row in beside.of_the_district
        if row.counts and row.transfer.state == Transfer.State.ACCEPTED and row.year in years
        if row.transfer.paper_dated <= transfer.paper_dated and (row.year, row.title, row.amount) not in there
    ]


def also_waiting(case: Declaration) -> list[str]:
    """Records of the person with hours of the year that a declaration is about, which nobody has decided on yet
    (declarations.transfers.register_waiting). One query."""
    rows = Transfer.objects.on_their_way().filter(person=case.person_id, entries__year=case.year).distinct()
    return [f"外区记录转入 {row.number}（{row.get_state_display()}）" for row in rows]


def sums_of(entries: Iterable[TransferredEntry]) -> list[tuple[int, str]]:
    """What they come to, by year: 2025, 公共科目 30.0 学时，…"""
    found: dict[int, dict[str, Decimal]] = {}
    labels: dict[str, str] = {}
    for entry in entries:
        of_year = found.setdefault(entry.year, {})
        of_year[entry.subject] = of_year.get(entry.subject, Decimal(0)) + entry.amount
        labels[entry.subject] = f"{entry.get_subject_display()} {{}} {Measure(entry.measure).label}"
    return [
        (year, "，".join(labels[subject].format(said(amount)) for subject, amount in sums.items()))
        for year, sums in sorted(found.items())
    ]
