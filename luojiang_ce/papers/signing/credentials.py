"""The certificates that sign papers: which there are, until when, and why one cannot be used.

A signer is an entry of settings.SIGNERS: its provider knows where the key lies (a file, a token, another machine) and
how it signs; everything else here asks for the certificate alone. Nothing loads the signing machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.module_loading import import_string

from luojiang_ce import clock
from luojiang_ce.papers.dates import chinese_day

PROVIDERS = {"pkcs12": "luojiang_ce.papers.signing.pkcs12.Pkcs12"}
DEMO_FOLDER = "demo-ca"  # in VAR_DIR


class BadSigner(Exception):
    """A signer of the settings cannot be used; the message says why, in Chinese."""


class Provider(Protocol):
    """Whoever holds keys. A token (PKCS#11) or an SM2 machine is a class of its own, named in SIGNERS by its path."""

    def certificate(self, options: Mapping[str, str]) -> x509.Certificate:
        """The certificate that papers are signed with. Raises BadSigner."""
        ...

    def signer(self, options: Mapping[str, str]) -> Any:
        """A `pyhanko.sign.Signer` with the certificate and its chain. Raises BadSigner."""
        ...


Key = tuple[str, tuple[tuple[str, str], ...], int]


@dataclass(frozen=True)
class Credential:
    """A signer of this installation. `digest`: the name of the hash, as the provider and pyHanko know it."""

    name: str
    provider: str
    options: Mapping[str, str] = field(default_factory=dict)
    digest: str = "sha256"

    @property
    def key(self) -> Key:
        """What stays the same as long as nobody puts another key in its place."""
        path = Path(self.options.get("file", ""))
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        return self.provider, tuple(sorted(self.options.items())), changed


@dataclass(frozen=True)
class Certificate:
    """What is told of a certificate. `sha256` is what it is recognised by; both moments are aware."""

    subject: str
    issuer: str
    serial: str
    sha256: str
    begins: datetime
    ends: datetime


def credentials() -> dict[str, Credential]:
    """The signers by name: those of the settings, and in a demo those that its own CA made."""
    found = {name: _credential(name, dict(entry)) for name, entry in settings.SIGNERS.items()}
    made = sorted((settings.VAR_DIR / DEMO_FOLDER).glob("*.p12")) if settings.DEMO else []
    return found | {path.stem: Credential(path.stem, "pkcs12", {"file": str(path)}) for path in made}


def credential(name: str) -> Credential:
    """The signer of this name. Raises BadSigner."""
    found = credentials().get(name)
    if found is None:
        raise BadSigner(f"没有配置名为“{name}”的签名证书，请系统管理员配置（SIGNERS）" if name else "没有选定签名证书")
    return found


def certificate_of(name: str) -> Certificate:
    """The certificate of a signer. Raises BadSigner."""
    return _read(credential(name).key)


def provider_of(key: Key) -> Provider:
    """Whoever holds it."""
    made: Provider = import_string(PROVIDERS.get(key[0], key[0]))()
    return made


def problem_with(name: str, now: datetime) -> str | None:
    """Why nothing can be signed with it now, in Chinese; None where it can."""
    try:
        certificate = certificate_of(name)
    except BadSigner as bad:
        return str(bad)
    if now > certificate.ends:
        return f"签名证书“{name}”已于 {_day(certificate.ends)}到期，请系统管理员换上新证书"
    if now < certificate.begins:
        return f"签名证书“{name}”{_day(certificate.begins)}才生效"
    return None


def told_of(certificate: x509.Certificate) -> Certificate:
    """A certificate in words."""
    return Certificate(
        subject=_called(certificate.subject),
        issuer=_called(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _called(name: x509.Name) -> str:
    """The common name, with the organisation where that is another; the whole name where it has neither."""
    parts = [*name.get_attributes_for_oid(NameOID.COMMON_NAME), *name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    said = "，".join(dict.fromkeys(str(part.value) for part in parts))
    return (said or name.rfc4514_string())[:300]


def _credential(name: str, entry: dict[str, str]) -> Credential:
    digest = entry.pop("digest", "sha256")
    return Credential(name, entry.pop("provider", "pkcs12"), entry, digest)


@lru_cache(maxsize=32)
def _read(key: Key) -> Certificate:
    """Opening a file of keys takes a tenth of a second: it is read anew when it has changed."""
    return told_of(provider_of(key).certificate(dict(key[1])))


def _day(moment: datetime) -> str:
    return chinese_day(clock.local(moment).date())
