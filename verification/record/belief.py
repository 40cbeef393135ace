"""Whether a signed record is believed: by which key set of its district, also after that was replaced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from luojiang_ce import clock
from luojiang_ce.proof.keyring import own_issuers
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Event
from verification.record import portable, trust
from verification.record.models import Transfer, TrustedDistrict
from verification.record.portable import Record, Signed, Unusable

OFF = TrustedDistrict.State.OFF


@dataclass(frozen=True)
class Replaced:
    """A key set whose place another has taken, and when."""

    district: TrustedDistrict
    at: datetime


@dataclass(frozen=True)
class Belief:
    """How a record that was taken over stands now: why it is believed no more, empty where it is; and the former key
    set by which it still is, None where the one in force has its key."""

    problem: str = ""
    by_former: Replaced | None = None


def believed(signed: Signed) -> tuple[TrustedDistrict, Record]:
    """Whose it is and what it says, once the signature is known to be true. Raises Unusable."""
    district = _in_force(portable.issuer_in(signed))
    return district, _read_by(signed, district)


def belief_of(transfer: Transfer) -> Belief:
    """What was taken over, asked again by what is registered now."""
    try:
        return _belief(transfer, _in_force(transfer.issuer))
    except Unusable as wrong:
        return Belief("；".join(wrong.problems))


def stopped_by(new: TrustedDistrict) -> tuple[list[Transfer], int]:
    """Of the records on their way that are believed now: those that will not be once this key set has taken the place
    of the former; and how many there are in all."""
    present = new.former
    if present is None:
        return [], 0
    rows = Transfer.objects.on_their_way().filter(issuer=new.issuer).select_related("district").order_by("pk")
    standing = [row for row in rows if not _belief(row, present).problem]
    leaving = Replaced(present, clock.now())
    return [row for row in standing if _belief(row, new, leaving).problem], len(standing)


def _belief(transfer: Transfer, district: TrustedDistrict, *left: Replaced) -> Belief:
    signed = portable.opened(json.dumps(transfer.content).encode())
    try:
        former = _former_for(transfer, district, *left)
        _read_by(signed, former.district if former else district)
    except Unusable as wrong:
        return Belief("；".join(wrong.problems))
    return Belief(by_former=former)


def _former_for(transfer: Transfer, district: TrustedDistrict, *left: Replaced) -> Replaced | None:
    """The key set that was replaced by the one in force, and by which a record is believed that was submitted before.

    Districts change keys as a matter of routine and hand over the new ones alone: what was true by the keys of its day
    is not made doubtful by that. What is to be believed no more they say by withdrawing the key, or the district is
    ended. Raises Unusable where no such set has the key.
    """
    if transfer.kid in trust.keys_in(district.keys):
        return None
    sets = [*left, *_replaced(transfer.issuer)]
    for former in sets:
        if transfer.first_submitted_at is None or former.at < transfer.first_submitted_at:
            break
        if transfer.kid in trust.keys_in(former.district.keys):
            return former
    since = f"（{full(clock.local(sets[0].at).date())}已更换）" if sets else ""
    raise Unusable(
        f"导入时核对过签名，但密钥 {transfer.kid} 已不在{district.name}现在登记的公钥之中{since}，"
        "本件不是更换以前提交的：请撤回，由本人向转出地区重新下载电子记录，再导入"
    )


def _replaced(issuer: str) -> Iterator[Replaced]:
    """The former key sets of a district, newest first, back to where it was ended, if ever it was: what was believed
    before that is not believed again because it is registered anew. Two queries."""
    formers = {row.pk: row for row in TrustedDistrict.objects.filter(issuer=issuer, state=OFF)}
    kind = TrustedDistrict._meta.label_lower
    ends = Event.objects.filter(case_type=kind, case_id__in=formers, name__in=("give_way", "end")).order_by("-pk")
    for event in ends:
        if event.name == "end":
            return
        yield Replaced(formers[event.case_id], event.at)


def _in_force(issuer: str) -> TrustedDistrict:
    if issuer in own_issuers():
        raise Unusable("这是本区自己出具的记录，学时已在本区的台账里，不用转入")
    district = TrustedDistrict.objects.in_force().filter(issuer=issuer).first()
    if district is None:
        raise Unusable(_unknown(issuer))
    return district


def _read_by(signed: Signed, district: TrustedDistrict) -> Record:
    # Its content is looked into only where the signature is true: what was altered is told as that.
    key = trust.signed_by(signed, trust.keys_in(district.keys))
    record = portable.read(signed, today=clock.today())
    trust.refuse_out_of_days(key, record.exported)
    if not district.holds_on(record.exported):
        raise Unusable(f"{district.name}的记录{district.span}才认，这份是 {full(record.exported)} 出具的")
    if record.exported > clock.today() or record.paper_dated > record.exported:
        raise Unusable(f"出具日期 {full(record.exported)} 不可能：晚于今天，或早于证明日期 {full(record.paper_dated)}")
    return record


def _unknown(issuer: str) -> str:
    former = TrustedDistrict.objects.filter(issuer=issuer, state=OFF).order_by("-pk").first()
    if former:
        return f"与{former.name}的互认已停用，不能按电子记录转入；有纸质证明的，按“外区转入”申报并附证明"
    return (
        f"没有登记过出具地区（{issuer[:100]}）的公钥，无法核实签名。请区人社局先登记互认地区；"
        "或按“外区转入”申报并附纸质证明"
    )
