"""Certificates of seals that end: the system's administrators are told before (papers are refused on the day after)."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.health.probes import ends_soon
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.signing.credentials import BadSigner, certificate_of, problem_with
from luojiang_ce.workdays.text import full
from units.models import Account


def tell_of_ends() -> int:
    """Tell of every certificate of a seal in use that ends soon, has ended or cannot be read; each time once, however
    often and late it is asked. Returns how many things were told."""
    people = list(Account.objects.holding(Role.SYSTEM_ADMIN))
    told = 0
    for seal in _signed():
        for key, title in _news(seal):
            notify(people, title, key=key, text=seal.name, url=reverse("home:start"))
            told += 1
    return told


def what_ends() -> str:
    """For health: which seals cannot sign now or not for long; empty where all can."""
    return "；".join(filter(None, map(_trouble, _signed())))


def _signed() -> QuerySet[Seal]:
    return Seal.objects.in_use_on(clock.today()).filter(provider=Seal.Provider.SIGNED).order_by("pk")


def _trouble(seal: Seal) -> str:
    if problem := problem_with(seal.signer, clock.now()):
        return f"印章“{seal.name}”不能签名：{problem}"
    return ends_soon(f"签名证书“{seal.signer}”", certificate_of(seal.signer).ends)


def _news(seal: Seal) -> Iterator[tuple[str, str]]:
    """What is to be told of the seal's certificate today, and the key under which it is told once."""
    try:
        certificate = certificate_of(seal.signer)
    except BadSigner as bad:
        yield f"signer-{seal.pk}-{clock.today()}", f"印章不能签名：{bad}"
        return
    ends = clock.local(certificate.ends).date()
    left = (ends - clock.today()).days
    if left < 0:
        yield (
            f"certificate-{certificate.sha256[:16]}-ended",
            f"签名证书“{seal.signer}”已于 {full(ends)} 到期，不能再签发",
        )
    elif steps := [days for days in settings.CERTIFICATE_TOLD_DAYS if left <= days]:
        said = f"签名证书“{seal.signer}”{full(ends)} 到期，还有 {left} 天，请换发"
        yield f"certificate-{certificate.sha256[:16]}-{min(steps)}", said
