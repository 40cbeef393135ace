"""Registering the seals of the bureau and the authorities, and ending their use (notice 一(一); product.md D2)."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import TypedDict, Unpack

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, keys_of
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import Paper, Seal, SealPicture
from luojiang_ce.papers.pictures import Drawn
from luojiang_ce.papers.signing.credentials import problem_with
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import history, record
from units.models import Account, Unit
from units.notify import holders_at
from units.seals import FOR_OFFICE
from units.services.problems import Problems

TO_APPROVE = ("seal_registered", "seal_way_changed", "seal_picture_set")  # events


class SealFacts(TypedDict):
    """How a seal looks and when it is used; the name is what stands on it. Lengths in millimetres."""

    purpose: str
    arc_text: str
    line_text: str
    provider: str
    signer: str
    diameter_mm: Decimal
    ring_mm: Decimal
    first_day: date
    last_day: date | None


@transaction.atomic
def register_seal(*, owner: Unit, actor: Actor, **facts: Unpack[SealFacts]) -> Seal:
    """Put a seal on record, from a day on; it is used once it is approved of. It is never edited into another: a new
    name is a new seal.

    Raises NotPossible with everything that is wrong.
    """
    seal = Seal(owner_type=owner._meta.label_lower, owner_id=owner.pk, **facts)
    seal.name = f"{seal.arc_text}{seal.line_text}"
    seal.demo = _is_sample(seal)
    seal.registered_by_id, seal.approved_at = actor.pk, None
    _check(seal, owner)
    seal.save()
    record(seal, "seal_registered", actor=actor, data={"owner": owner.pk, "first_day": seal.first_day})
    _tell(seal, owner, "登记了印章")
    return seal


@transaction.atomic
def approve_seal(*, seal: Seal, actor: Actor) -> None:
    """Let a seal be used as it was registered, or changed since, by an approver who had no part in that. Raises
    NotPossible."""
    locked = Seal.objects.select_for_update().get(pk=seal.pk)
    if locked.approved_at is not None:
        raise NotPossible(f"“{locked.name}”已批准启用，不用再批")
    if settings.FOUR_EYES and actor.person_keys & _who_asks(locked):
        raise NotPossible(f"“{locked.name}”由您登记或改变，请由另一位审批人批准")
    locked.approved_at, locked.approved_by_id = clock.now(), actor.pk
    locked.save(update_fields=["approved_at", "approved_by"])
    record(locked, "seal_approved", actor=actor)
    _tell(locked, Unit.objects.get(pk=locked.owner_id), "批准启用了印章")


def _who_asks(seal: Seal) -> frozenset[str]:
    """Whoever did what is to be approved of, by their `person_keys`: everything since it was last approved of."""
    since = takewhile(lambda event: event.name != "seal_approved", history(seal))
    return keys_of(event.actor for event in since if event.name in TO_APPROVE and event.actor)


@transaction.atomic
def end_seal(*, seal: Seal, last_day: date, reason: str, actor: Actor) -> None:
    """The last day on which a seal is used, that day included; papers that it is on stay as they are.

    Raises NotPossible.
    """
    locked = Seal.objects.select_for_update().get(pk=seal.pk)
    used = locked.uses.order_by("-used_at").values_list("used_at", flat=True).first()
    problems = Problems()
    if locked.last_day and locked.last_day < clock.today():
        problems.add("last_day", f"这枚印章已于 {full(locked.last_day)} 停用，不能再改；要启用请另行登记")
    if locked.first_day and last_day < locked.first_day:
        problems.add("last_day", f"停用日期早于启用日期 {full(locked.first_day)}，请核对")
    if used and last_day < clock.local(used).date():
        problems.add("last_day", f"这枚印章 {full(clock.local(used))} 还用过印，停用日期不能早于这一天")
    pending = Paper.objects.filter(Q(seal=locked) | Q(second_seal=locked), state=Paper.State.PENDING)
    if count := pending.filter(dated__gt=last_day).count():
        problems.add("last_day", f"有 {count} 份成文日期在这一天以后的文书正在用这枚印章生成，请等签发以后再停用")
    problems.raise_any()
    locked.last_day = last_day
    locked.save(update_fields=["last_day"])
    record(locked, "seal_ended", actor=actor, note=reason, data={"last_day": last_day})
    _tell(locked, Unit.objects.get(pk=locked.owner_id), "登记了印章停用")


@transaction.atomic
def change_way(*, seal: Seal, provider: str, signer: str, reason: str, actor: Actor) -> None:
    """How the seal reaches papers from now on, once it is approved of anew; issued ones stay, and the register says of
    each how it was. Raises NotPossible.
    """
    locked = Seal.objects.select_for_update().get(pk=seal.pk)
    same = (locked.provider, locked.signer) == (provider, signer)
    before, locked.provider, locked.signer = locked.way, provider, signer
    problems = Problems()
    over = locked.last_day and locked.last_day < clock.today()
    problems.add_if(over, "provider", "这枚印章已停用，不能再改；要启用请另行登记新章")
    problems.add_if(same, "provider", f"现在就是{before}，没有改变")
    _check_way(problems, locked)
    problems.raise_any()
    locked.demo = locked.demo or _is_sample(locked)
    locked.approved_by, locked.approved_at = None, None
    locked.save(update_fields=["provider", "signer", "demo", "approved_by", "approved_at"])
    record(locked, "seal_way_changed", actor=actor, note=f"{before}→{locked.way}：{reason}", data={"signer": signer})
    _tell(locked, Unit.objects.get(pk=locked.owner_id), "改变了用印方式")


def _is_sample(seal: Seal) -> bool:
    """What a demo draws is a sample."""
    return bool(settings.DEMO and seal.provider != Seal.Provider.BLANK)


def set_picture(*, seal: Seal, picture: Drawn, actor: Actor) -> None:
    """What papers bear from now on, once the seal is approved of anew: without that a picture would turn a seal that is
    put on by hand into a printed one. Issued papers keep theirs. The same picture again changes nothing.

    Raises NotPossible.
    """
    sha256 = hashlib.sha256(picture.content).hexdigest()
    with transaction.atomic():
        locked = _locked_for_a_picture(seal)
        if locked.picture and locked.picture.sha256 == sha256:
            return
        kept = SealPicture(seal=locked, sha256=sha256, uploaded_by_id=actor.pk)
        kept.file.save("", ContentFile(picture.content), save=False)
        kept.save()
        instead = "换下原图样，以前的文书不变" if locked.picture else "此前为" + locked.way
        locked.picture, locked.approved_by, locked.approved_at = kept, None, None
        locked.save(update_fields=["picture", "approved_by", "approved_at"])
        record(
            locked,
            "seal_picture_set",
            actor=actor,
            note=f"{picture.width}×{picture.height} 像素，{instead}",
            data={"id": kept.pk},
        )
        _tell(locked, Unit.objects.get(pk=locked.owner_id), "上传了印章图样")


@transaction.atomic
def end_picture(*, seal: Seal, reason: str, actor: Actor) -> None:
    """Papers from now on bear no picture; issued ones keep theirs. Raises NotPossible."""
    locked = Seal.objects.select_for_update().get(pk=seal.pk)
    if locked.picture_id is None:
        raise NotPossible("这枚印章现在没有图样，请回到列表查看")
    ended, locked.picture = locked.picture_id, None
    locked.save(update_fields=["picture"])
    record(locked, "seal_picture_ended", actor=actor, note=reason, data={"id": ended})
    _tell(locked, Unit.objects.get(pk=locked.owner_id), "停用了印章图样")


def _locked_for_a_picture(seal: Seal) -> Seal:
    locked = Seal.objects.select_for_update().get(pk=seal.pk)
    problems = Problems()
    # An organ's own seal is never drawn (domain.md §5).
    problems.add_if(locked.purpose == FOR_OFFICE, "picture", "单位公章不套印，不能上传图样，请手工加盖")
    over = locked.last_day and locked.last_day < clock.today()
    problems.add_if(over, "picture", "这枚印章已停用，不能再换图样；要启用请另行登记新章")
    problems.raise_any()
    return locked


def _check(seal: Seal, owner: Unit) -> None:
    problems = Problems()
    fit = owner.status == Unit.Status.ACTIVE and (owner.is_bureau or owner.is_authority)
    problems.add_if(not fit, "owner", f"“{owner.name}”不是区人社局或业务主管部门，不能登记印章")
    same = Seal.objects.of(owner).filter(purpose=seal.purpose, name=seal.name)
    problems.add_if(same.exists(), "arc_text", f"“{owner.short}”已登记过“{seal.name}”，请在列表中查看")
    backwards = seal.first_day and seal.last_day and seal.last_day < seal.first_day
    problems.add_if(backwards, "last_day", "停用日期早于启用日期，请核对")
    _check_way(problems, seal)
    problems.raise_any()


def _check_way(problems: Problems, seal: Seal) -> None:
    signed = seal.provider == Seal.Provider.SIGNED
    # An organ's own seal is never drawn without a certificate behind it (domain.md §5).
    drawn = seal.purpose == FOR_OFFICE and seal.provider == Seal.Provider.DRAWN
    problems.add_if(drawn, "provider", "单位公章不套印，请选“留白，手工加盖”，有数字证书的选“数字签名”")
    problems.add_if(seal.signer and not signed, "signer", "只有数字签名才选签名证书；请改选“不签名”，或改用数字签名")
    if signed and (problem := problem_with(seal.signer, clock.now())):
        problems.add("signer", f"设为数字签名，但{problem}")


def _tell(seal: Seal, owner: Unit, what: str) -> None:
    """Nobody puts a seal into use, or out of it, unseen: its keepers and the audit officers hear of it."""
    people = {*holders_at(owner, Role.SEAL_KEEPER), *Account.objects.holding(Role.AUDIT_ADMIN)}
    text = f"{owner.name}：{seal.name}"
    key = f"seal-{seal.pk}-{clock.now().isoformat()}"
    notify(people, f"区人社局{what}", key=key, text=text, url=reverse("seals:list"))
