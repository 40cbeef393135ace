"""Certificates and a timestamp server of the tests' own: a real server on loopback that gives real timestamps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

BUREAU, EDUCATION, STRANGER = "区人社局测试证书", "区教育局测试证书", "洛江区人力资源和社会保障局"
PASSPHRASE = "只在测试里用"


@dataclass(frozen=True)
class Holder:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, path: Path) -> Path:
        """As a PKCS#12 file."""
        locked = BestAvailableEncryption(PASSPHRASE.encode())
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", self.key, self.certificate, None, locked))
        return path


@lru_cache
def _key(name: str) -> rsa.RSAPrivateKey:
    """Making a key takes longer than signing with it: one for each name."""
    return rsa.generate_private_key(65537, 2048)


def holder(
    name: str,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
    stamps: bool = False,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Holder:
    """Somebody with a certificate that they gave themselves, in force for a year unless said otherwise."""
    own, now = key or _key(name), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=2))
        .not_valid_after(ends or now + timedelta(days=365))
        .add_extension(usage, critical=True)
    )
    if stamps:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return Holder(own, builder.sign(own, hashes.SHA256()))


def _timestamper() -> DummyTimeStamper:
    one = holder("测试时间戳机构", stamps=True)
    plain = one.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_x509.Certificate.load(one.certificate.public_bytes(serialization.Encoding.DER))
    return DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(plain))


@contextmanager
def timestamp_server() -> Iterator[str]:
    """Its address (RFC 3161 over HTTP)."""
    stamper = _timestamper()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            body = stamper.request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
        server.shutdown()
        thread.join()
