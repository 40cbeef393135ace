"""Taking over a signed record of another district: everything is checked before anything is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record as keep_event
from units.access import must_file_for
from units.models import Person, Unit
from verification.choices import Measure
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.record import portable, trust
from verification.record.export import issuer_id
from verification.record.models import Transfer, TransferredEntry, TrustedDistrict
from verification.record.portable import Record, Signed, Unusable
from verification.requirements.display import said
from verification.self_study.services import not_by_credits

SHOWN = 5
ENTRY = TransferredEntry._meta.label_lower


def take_over(*, content: bytes, code: str, person: Person, unit: Unit, actor: Actor) -> Transfer:
    """Keep the record of one of the unit's people as a draft, with its entries; `code`: the check code of the paper.

    Raises NotPossible with everything that is wrong, beside its field; then nothing is kept. PermissionDenied unless
    the actor files for the unit.
    """
    must_file_for(unit.pk, actor)
    try:
        signed = portable.opened(content)
        district, record = _believed(signed)
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
            sha256=hashlib.sha256(content).hexdigest(),
            content=signed.parts,
            created_by_id=actor.pk,
        )
        TransferredEntry.objects.bulk_create(_rows(transfer, record.entries), batch_size=500)
        keep_event(transfer, "created", actor=actor)
    return transfer


def content_of(transfer: Transfer) -> dict[str, Any]:
    """What the file says, as it was signed."""
    told: dict[str, Any] = json.loads(portable.opened(json.dumps(transfer.content).encode()).payload)
    return told


def still_believed(transfer: Transfer) -> str | None:
    """Why what was taken over is believed no more (a key withdrawn, a district ended since), or None; asked again when
    it is filed and when it is accepted."""
    try:
        _believed(portable.opened(json.dumps(transfer.content).encode()))
    except Unusable as wrong:
        return "；".join(wrong.problems)
    return None


def _believed(signed: Signed) -> tuple[TrustedDistrict, Record]:
    """Whose it is and what it says, once the signature is known to be true. Raises Unusable."""
    issuer = portable.issuer_in(signed)
    if issuer == issuer_id():
        raise Unusable("这是本区自己出具的记录，学时已在本区的台账里，不用转入")
    district = TrustedDistrict.objects.in_force().filter(issuer=issuer).first()
    if district is None:
        raise Unusable(_unknown(issuer))
    # Its content is looked into only where the signature is true: what was altered is told as that.
    key = trust.signed_by(signed, trust.keys_in(district.keys))
    record = portable.read(signed, today=clock.today())
    trust.refuse_out_of_days(key, record.exported)
    if not district.holds_on(record.exported):
        raise Unusable(f"{district.name}的记录{district.span}才认，这份是 {full(record.exported)} 出具的")
    if record.exported > clock.today() or record.paper_dated > record.exported:
        raise Unusable(f"出具日期 {full(record.exported)} 不可能：晚于今天，或早于证明日期 {full(record.paper_dated)}")
    return district, record


def _unknown(issuer: str) -> str:
    former = TrustedDistrict.objects.filter(issuer=issuer, state=TrustedDistrict.State.OFF).order_by("-pk").first()
    if former:
        return f"与{former.name}的互认已停用，不能按电子记录转入；有纸质证明的，按“外区转入”申报并附证明"
    return (
        f"没有登记过出具地区（{issuer[:100]}）的公钥，无法核实签名。请区人社局先登记互认地区；"
        "或按“外区转入”申报并附纸质证明"
    )


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
    subjects = dict.fromkeys(entry.subject for entry in record.entries)
    if misfit := next(filter(None, (not_by_credits(person, subject) for subject in subjects)), None):
        wrong.setdefault("file", []).append(f"记录里有学分，{misfit}；人员类别有误的，请先在人员信息中更正")
    if wrong:
        raise NotPossible(**wrong)


def _refuse_twice(record: Record) -> None:
    same = Transfer.objects.standing().filter(issuer=record.issuer, paper_number=record.paper_number).first()
    if same:
        state = same.get_state_display()
        raise NotPossible(file=f"证明 {record.paper_number} 已经转入过：{same.number}（{state}），不要重复转入")


def _rows(transfer: Transfer, entries: Iterable[portable.Entry]) -> list[TransferredEntry]:
    return [TransferredEntry(transfer=transfer, **vars(entry)) for entry in entries]


# --- what the person has here already ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overlap:
    """An entry of the record with what stands in the ledger on the same days; `same`: the same learning by all signs,
    which is not counted twice."""

    entry: TransferredEntry
    here: LedgerEntry
    same: bool


def overlaps(transfer: Transfer, entries: Sequence[TransferredEntry]) -> list[Overlap]:
    """Which of its entries meet others of the person. One query."""
    years = {entry.year for entry in entries}
    theirs = LedgerEntry.objects.filter(person=transfer.person_id, year__in=years).standing()
    own = [entry.pk for entry in entries]
    others = [each for each in theirs if not (each.source_type == ENTRY and each.source_id in own)]
    found = [_meeting(entry, others) for entry in entries]
    return [each for each in found if each]


def _meeting(entry: TransferredEntry, others: Iterable[LedgerEntry]) -> Overlap | None:
    meeting = [each for each in others if _same(entry, each) or _same_days(entry, each)]
    return min(
        (Overlap(entry, each, _same(entry, each)) for each in meeting), key=lambda one: not one.same, default=None
    )


def _same(entry: TransferredEntry, other: LedgerEntry) -> bool:
    told = ("year", "subject", "amount", "title", "date_from", "date_to", "course")
    return all(getattr(entry, name) == getattr(other, name) for name in told)


def _same_days(entry: TransferredEntry, other: LedgerEntry) -> bool:
    if not (entry.date_from and other.date_from):
        return False
    return entry.date_from <= (other.date_to or other.date_from) and other.date_from <= (
        entry.date_to or entry.date_from
    )


def entries_to_post(transfer: Transfer) -> list[TransferredEntry]:
    """Those that count: what the person has here already by all signs does not count twice."""
    entries = list(transfer.entries.all())
    twice = {each.entry.pk for each in overlaps(transfer, entries) if each.same}
    return [entry for entry in entries if entry.pk not in twice]


def declared_by_hand(transfer: Transfer) -> str:
    """Transfers of the person for these years that were declared from a paper: perhaps the same hours. One query."""
    rows = Declaration.objects.filter(
        person=transfer.person_id, form="transfer", year__in=transfer.entries.values("year")
    ).exclude(state__in=[Declaration.State.REFUSED, Declaration.State.WITHDRAWN, Declaration.State.REVOKED])
    return first_of([f"{row.number}（{row.year} 年度，{row.get_state_display()}）" for row in rows], SHOWN, "件")


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
