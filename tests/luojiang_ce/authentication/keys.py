"""A security key in software (WebAuthn), which can be told to answer wrongly in every way."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
SITE = "https://jxjy.example"


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Key:
    """One credential. `count`: how often it was used; None for a key that does not count."""

    count: int | None = 0
    origin: str = SITE
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))

    def made_for(self, options: str, *, flags: int = PRESENT | VERIFIED, **wrong: Any) -> str:
        """The answer to navigator.credentials.create."""
        asked = json.loads(options)
        length = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + length + self.credential_id + self._cose()
        data = self._data(wrong.get("rp_id", asked["rp"]["id"]), flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", wrong.get("challenge", asked["challenge"]), wrong)
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def answer_to(self, options: str, *, flags: int = PRESENT | VERIFIED, **wrong: Any) -> str:
        """The answer to navigator.credentials.get."""
        asked = json.loads(options)
        if self.count is not None:
            self.count += 1
        data = self._data(wrong.get("rp_id", asked["rpId"]), flags)
        client = self._client(wrong.get("type", "webauthn.get"), wrong.get("challenge", asked["challenge"]), wrong)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        if wrong.get("altered"):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return self._answer(
            {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        )

    def _answer(self, response: dict[str, str]) -> str:
        name = b64(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": wrong.get("origin", self.origin)}).encode()

    def _cose(self) -> bytes:
        point = self.private.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
