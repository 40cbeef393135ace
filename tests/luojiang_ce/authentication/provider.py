"""A provider of OpenID Connect as a real HTTP server, with keys of its own, which can be told to answer wrongly."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from luojiang_ce import clock

CLIENT, SECRET = "luojiang-ce", "between-us-two"
KEY = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
Token = Callable[[dict[str, Any]], str]


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY, algorithms=["RS256"])


class Provider:
    """`subject`: who is signed in there; `changes`: claims that are told otherwise; `token`: how they are signed."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.subject, self.token = issuer, "u-1001", signed
        self.changes: dict[str, Any] = {}
        self.bare = False  # tells who it is beside a token, unsigned
        self.codes: dict[str, dict[str, str]] = {}

    def authorized(self, asked: dict[str, str]) -> str:
        """The address to which the browser is sent back with a code."""
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchanged(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code: once, and only to whoever knows the verifier."""
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None:
            return None
        challenge = urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest()).decode()
        if (challenge.rstrip("="), "S256") != (asked["code_challenge"], asked["code_challenge_method"]):
            return None
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"auth_time": now, "nonce": asked["nonce"], "preferred_username": "chen", "email": "a@example.org"}
        claims |= self.changes
        told = {name: value for name, value in claims.items() if value is not None}
        known = {"userinfo": told} if self.bare else {"id_token": self.token(told)}
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 300, **known}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorized(asked))
            self.end_headers()
        elif parts.path == "/keys":
            self._tell(200, {"keys": [KEY.as_dict(private=False)]})
        else:
            self._tell(200, self.provider.metadata())

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        told = self.provider.exchanged({name: values[0] for name, values in sent.items()})
        self._tell(200, told) if told else self._tell(400, {"error": "invalid_grant"})

    def _tell(self, status: int, told: dict[str, Any]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *args: Any) -> None:
        return


@contextmanager
def running() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"provider": provider})
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
