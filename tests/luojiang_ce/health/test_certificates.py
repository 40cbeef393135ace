"""The site's certificate as browsers are shown it: by a real server with TLS on loopback."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.cache import cache

from luojiang_ce.health import probes

HOST = "jxjy.luojiang.example"


def certificate(folder: Path, *, days: float, name: str = HOST) -> Path:
    """A certificate that somebody gave themselves, with its key, good for so many days yet."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "shown.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


@contextmanager
def shown(path: Path) -> Iterator[str]:
    """A server with this certificate; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(settings: Any) -> Any:
    settings.HTTPS, settings.PUBLIC_URL = True, f"https://{HOST}"
    cache.clear()
    yield settings
    cache.clear()


@pytest.mark.parametrize(
    ("days", "said"), [(60, ""), (5.5, f"{HOST} 的网站证书20"), (-3, "浏览器不认（certificate has expired）")]
)
def test_one_that_ends_soon_or_has_ended(
    days: float, said: str, site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with shown(path) as site.TLS_AT:
        found = probes._site()
    assert (said in found) if said else not found
    assert ("还有 5 天，请换发" in found) == (days == 5.5)


def test_one_that_nobody_believes_or_of_another_name(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shown(certificate(tmp_path, days=60)) as site.TLS_AT:
        assert "浏览器不认（self-signed certificate）" in probes._site()
    cache.clear()
    path = certificate(tmp_path, days=60, name="other.luojiang.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with shown(path) as site.TLS_AT:
        assert "浏览器不认（Hostname mismatch" in probes._site()


def test_nobody_answers(site: Any) -> None:
    site.TLS_AT = "127.0.0.1:1"
    assert "127.0.0.1:1 没有应答" in probes._site()


def test_without_tls_there_is_none(settings: Any) -> None:
    assert probes._site() == ""
