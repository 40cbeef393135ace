"""The two ways of signing, by the names that keys bear: ES256, which every browser can verify, and Ed25519, in which
signed notes are written. Pure: keys as bytes (public: SPKI in DER; private: PKCS #8), signatures as bytes."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ES256, ED25519 = "ES256", "EdDSA"
_NUMBER_BYTES = 32


def new_key(algorithm: str) -> tuple[bytes, bytes]:
    """A new private key and its public one."""
    key = ec.generate_private_key(ec.SECP256R1()) if algorithm == ES256 else ed25519.Ed25519PrivateKey.generate()
    return _private_bytes(key), _public_bytes(key.public_key())


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    key: Any = serialization.load_der_private_key(private, None)
    return _public_bytes(key.public_key())


def sign(private: bytes, content: bytes) -> bytes:
    """The signature: the same for the same content (RFC 6979, RFC 8032); of ES256 as COSE and JOSE have it, r and s."""
    key = serialization.load_der_private_key(private, None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    pair = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in pair)


def verify(public: bytes, content: bytes, signature: bytes) -> bool:
    """Is that the signature of the content by this key?"""
    key = serialization.load_der_public_key(public)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, content)
        elif isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 2 * _NUMBER_BYTES:
            r, s = (int.from_bytes(half, "big") for half in (signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]))
            key.verify(encode_dss_signature(r, s), content, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def raw_public(public: bytes) -> bytes:
    """An Ed25519 key as the 32 bytes that notes have of it."""
    return serialization.load_der_public_key(public).public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )


def from_raw(raw: bytes) -> bytes:
    """The other way; ValueError where it is no key."""
    return _public_bytes(ed25519.Ed25519PublicKey.from_public_bytes(raw))


def as_jwk(public: bytes) -> dict[str, str]:
    """A public key as RFC 7517 writes it."""
    key = serialization.load_der_public_key(public)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": _b64(raw_public(public)), "alg": ED25519, "use": "sig"}
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_numbers()
    x, y = (_b64(number.to_bytes(_NUMBER_BYTES, "big")) for number in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": ES256, "use": "sig"}


def from_jwk(jwk: Mapping[str, Any]) -> bytes:
    """The public key of a JWK; ValueError, KeyError or TypeError where it is none of the two kinds."""
    if jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519":
        return from_raw(_unb64(jwk["x"]))
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise ValueError("a key of another kind")
    x, y = (int.from_bytes(_unb64(jwk[part]), "big") for part in ("x", "y"))
    return _public_bytes(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())


def _private_bytes(key: Any) -> bytes:
    encoding, whole, plain = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    made: bytes = key.private_bytes(encoding, whole, plain)
    return made


def _public_bytes(key: Any) -> bytes:
    made: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
