"""The bodies that countersign heads, by the public keys that they have handed over."""

from __future__ import annotations

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible

from .models import Witness
from .notes import BadNote, read_verifier
from .on_record import put_on_record


@transaction.atomic
def register_witness(*, label: str, vkey: str) -> Witness:
    """Believe a body's key from now on; the same once more changes nothing. Raises NotPossible."""
    try:
        verifier = read_verifier(vkey)
    except BadNote as wrong:
        raise NotPossible("这不是会签用的公钥：应是“名称+编号+公钥”一整串，请对方重新复制一次") from wrong
    facts = {"label": label, "public": verifier.public}
    witness, new = Witness.objects.get_or_create(name=verifier.name, defaults=facts)
    if not new and bytes(witness.public) != verifier.public:
        raise NotPossible(f"{verifier.name} 已登记另一把公钥。换钥请让对方用新的名称，旧的用 --end 停用")
    if new:
        put_on_record(witness, "witness_registered", note=f"{label}：{verifier.name}")
    return witness


@transaction.atomic
def end_witness(*, name: str) -> None:
    """Take no more countersignatures by this key; those received stay. Raises NotPossible."""
    witness = Witness.objects.select_for_update().filter(name=name, ended_at=None).first()
    if witness is None:
        raise NotPossible(f"没有在用的公钥叫 {name}")
    witness.ended_at = clock.now()
    witness.save(update_fields=["ended_at"])
    put_on_record(witness, "witness_ended", note=f"{witness.label}：{name}")
