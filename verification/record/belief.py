"""Whether a signed record is believed: by which key set of its district, also after that was replaced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from luojiang_ce import clock
from luojiang_ce.proof import signing
from luojiang_ce.proof.keyring import own_issuers
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Event
from verification.record import portable, trust
from verification.record.models import Transfer, TrustedDistrict
from verification.record.portable import Record, Signed, Unusable
from verification.record.trust import Key

OFF = TrustedDistrict.State.OFF
MOST_ASKED = 300  # files whose signatures one page asks


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


@dataclass(frozen=True)
class Change:
    """What a new key set does to the records on their way that are believed now, and how many are not looked at one by
    one because there are too many."""

    by_new: Sequence[Transfer]
    by_former: Sequence[Transfer]
    stopped: Sequence[Transfer]
    doubted: int  # believed no more already
    not_asked: int

    @property
    def is_none(self) -> bool:
        """Is none on its way?"""
        return not (self.by_new or self.by_former or self.stopped or self.doubted or self.not_asked)


@dataclass(frozen=True)
class _Formers:
    """The key sets that were replaced, newest first, back to where the district was ended, if ever it was (`ended`)."""

    sets: tuple[Replaced, ...]
    ended: datetime | None = None


@dataclass
class _File:
    """A record that was taken over: opened once, its signature asked of each key once."""

    transfer: Transfer
    verify: Any = field(default_factory=lambda: cache(signing.verify))

    @cached_property
    def signed(self) -> Signed:
        """The file as it was signed."""
        return portable.opened(json.dumps(self.transfer.content).encode())

    @cached_property
    def record(self) -> Record:
        """What it says; asked for once the signature is known to be true."""
        return portable.read(self.signed, today=clock.today())

    def refuse_unless_by(self, district: TrustedDistrict) -> None:
        """Raises Unusable unless a key of this set has signed it, in its days."""
        key = trust.signed_by(self.signed, trust.keys_in(district.keys), self.verify)
        _refuse(self.record, key, district)


def believed(signed: Signed) -> tuple[TrustedDistrict, Record]:
    """Whose it is and what it says, once the signature is known to be true. Raises Unusable."""
    district = _in_force(portable.issuer_in(signed))
    key = trust.signed_by(signed, trust.keys_in(district.keys))
    # Its content is looked into only where the signature is true: what was altered is told as that.
    record = portable.read(signed, today=clock.today())
    _refuse(record, key, district)
    return district, record


def belief_of(transfer: Transfer) -> Belief:
    """What was taken over, asked again by what is registered now."""
    try:
        district = _in_force(transfer.issuer)
        is_known = transfer.kid in trust.keys_in(district.keys)  # then no former set is asked for
        return _belief(_File(transfer), district, _Formers(()) if is_known else _replaced(transfer.issuer))
    except Unusable as wrong:
        return Belief("；".join(wrong.problems))


def change_by(new: TrustedDistrict) -> Change:
    """What becomes of the records on their way once this key set has taken the place of the former. Four queries,
    however many they are."""
    present = new.former
    if present is None:
        return Change((), (), (), 0, 0)
    rows = Transfer.objects.on_their_way().filter(issuer=new.issuer).select_related("district").order_by("pk")
    formers = _replaced(new.issuer)
    after = replace(formers, sets=(Replaced(present, clock.now()), *formers.sets))
    files = [_File(row) for row in rows[:MOST_ASKED]]
    standing = [file for file in files if not _belief(file, present, formers).problem]
    then = [(file.transfer, _belief(file, new, after)) for file in standing]
    return Change(
        by_new=[row for row, told in then if not told.problem and not told.by_former],
        by_former=[row for row, told in then if told.by_former],
        stopped=[row for row, told in then if told.problem],
        doubted=len(files) - len(standing),
        not_asked=max(0, rows.count() - MOST_ASKED),
    )


def _belief(file: _File, district: TrustedDistrict, formers: _Formers) -> Belief:
    try:
        former = _former_for(file.transfer, district, formers)
        file.refuse_unless_by(former.district if former else district)
    except Unusable as wrong:
        return Belief("；".join(wrong.problems))
    return Belief(by_former=former)


def _former_for(transfer: Transfer, district: TrustedDistrict, formers: _Formers) -> Replaced | None:
    """The key set that was replaced by the one in force, and by which a record is believed that was submitted before.

    Districts change keys as a matter of routine and hand over the new ones alone: what was true by the keys of its day
    is not made doubtful by that. What is to be believed no more they say by withdrawing the key, or the district is
    ended. Raises Unusable where no such set has the key.
    """
    if transfer.kid in trust.keys_in(district.keys):
        return None
    having = [former for former in formers.sets if transfer.kid in trust.keys_in(former.district.keys)]
    submitted = transfer.first_submitted_at
    if having and submitted and submitted <= having[0].at:
        return having[0]
    raise Unusable(
        f"导入时核对过签名，但密钥 {transfer.kid} 已不在{district.name}现在登记的公钥之中"
        f"{_why_no_more(having, formers)}：请撤回，由本人向转出地区重新下载电子记录，再导入"
    )


def _why_no_more(having: Sequence[Replaced], formers: _Formers) -> str:
    """Why no former key set helps: it was replaced before the record was submitted, or the district was ended."""
    if having:
        return f"（{full(clock.local(having[0].at).date())}已更换），本件不是更换以前提交的"
    if formers.ended:
        return f"，与该地区的互认曾于 {full(clock.local(formers.ended).date())} 停用，停用以前导入的不再认"
    return "，以前登记过的公钥里也没有它"


def _replaced(issuer: str) -> _Formers:
    """The former key sets of a district: what was believed before it was ended is not believed again because it is
    registered anew. Two queries."""
    formers = {row.pk: row for row in TrustedDistrict.objects.filter(issuer=issuer, state=OFF)}
    kind = TrustedDistrict._meta.label_lower
    ends = Event.objects.filter(case_type=kind, case_id__in=formers, name__in=("give_way", "end")).order_by("-pk")
    found: list[Replaced] = []
    for event in ends:
        if event.name == "end":
            return _Formers(tuple(found), event.at)
        found.append(Replaced(formers[event.case_id], event.at))
    return _Formers(tuple(found))


def _in_force(issuer: str) -> TrustedDistrict:
    if issuer in own_issuers():
        raise Unusable("这是本区自己出具的记录，学时已在本区的台账里，不用转入")
    district = TrustedDistrict.objects.in_force().filter(issuer=issuer).first()
    if district is None:
        raise Unusable(_unknown(issuer))
    return district


def _refuse(record: Record, key: Key, district: TrustedDistrict) -> None:
    """Raises Unusable where neither key nor district holds on the days of the record."""
    trust.refuse_out_of_days(key, record.exported)
    if not district.holds_on(record.exported):
        raise Unusable(f"{district.name}的记录{district.span}才认，这份是 {full(record.exported)} 出具的")
    if record.exported > clock.today() or record.paper_dated > record.exported:
        raise Unusable(f"出具日期 {full(record.exported)} 不可能：晚于今天，或早于证明日期 {full(record.paper_dated)}")


def _unknown(issuer: str) -> str:
    former = TrustedDistrict.objects.filter(issuer=issuer, state=OFF).order_by("-pk").first()
    if former:
        return f"与{former.name}的互认已停用，不能按电子记录转入；有纸质证明的，按“外区转入”申报并附证明"
    return (
        f"没有登记过出具地区（{issuer[:100]}）的公钥，无法核实签名。请区人社局先登记互认地区；"
        "或按“外区转入”申报并附纸质证明"
    )
