"""A demo's own certificates: its CA and a key for each seal's owner, in VAR_DIR, for nobody else to read.

They are marked as not valid in law, and are neither made nor taken outside of a demo.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from luojiang_ce import clock

from .credentials import DEMO_FOLDER

BITS = 3072
BACK, AHEAD = timedelta(days=3 * 365), timedelta(days=3 * 365)  # a demo signs in its past, too
CA_NAME, MARK = "演示 CA（仅供演示，没有效力）", "（演示）"
MOST_BYTES = 64  # of a name in a certificate (X.520)


def make_demo_signers(owners: Mapping[str, str]) -> str:
    """A signer for each owner (the organ's name by the signer's) that has none yet. Says what it did."""
    if not settings.DEMO:
        return "不是演示，不建演示证书"
    folder = settings.VAR_DIR / DEMO_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = {name: owner for name, owner in owners.items() if not (folder / f"{name}.p12").exists()}
    if not missing:
        return "演示证书已齐"
    key, certificate = _authority(folder)
    for name, owner in missing.items():
        own = rsa.generate_private_key(65537, BITS)
        issued = _issued(_marked(owner), own.public_key(), certificate.subject, key, ca=False)
        content = pkcs12.serialize_key_and_certificates(
            name.encode(), own, issued, [certificate], serialization.NoEncryption()
        )
        _keep(folder / f"{name}.p12", content)
    return f"新建演示证书 {len(missing)} 份"


def _authority(folder: Path) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """The CA of this demo, made the first time."""
    key_file, certificate_file = folder / "ca.key", folder / "ca.pem"
    if key_file.exists():
        known = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(known, rsa.RSAPrivateKey)
        return known, x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = rsa.generate_private_key(65537, BITS)
    certificate = _issued(CA_NAME, key.public_key(), _named(CA_NAME), key, ca=True)
    _keep(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    _keep(key_file, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return key, certificate


def _issued(
    name: str, public: rsa.RSAPublicKey, issuer: x509.Name, signing_key: rsa.RSAPrivateKey, *, ca: bool
) -> x509.Certificate:
    now = clock.now()
    usage = x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + AHEAD)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    return builder.sign(signing_key, hashes.SHA256())


def _marked(owner: str) -> str:
    """The owner as a demo's certificate calls it, as long as a certificate bears."""
    room = MOST_BYTES - len(MARK.encode())
    return owner.encode()[:room].decode(errors="ignore") + MARK


def _named(name: str) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _keep(path: Path, content: bytes) -> None:
    """Written for this account alone, whole or not at all."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
