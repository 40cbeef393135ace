"""Who somebody is at the provider of settings.OIDC_ISSUER (OpenID Connect, authorization code with PKCE).

State, nonce and verifier lie in the session and are taken out with the first answer. What is believed of the provider's
token is its issuer and subject, signed by its key, for us, now; which account that is stands in `Identity`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import one_line
from luojiang_ce.workflow.events import digest

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "ES256")  # never a shared secret, never none
OTHER_TABS = 3
_BEGUN = "_state_provider_"  # how the library calls what it keeps of each beginning
SECONDS = 5  # that the provider has for an answer
AWAY_FOR = 30  # seconds for which one that has not answered is not asked again
CLOCKS_DIFFER = 60  # seconds
AWAY = "现在连不上统一身份认证，请稍后再试，或用本系统的登录名和密码登录"
LONG_AGO = "统一身份认证里的登录已经太久，请先在那里退出，再从登录页重新登录"
UNDATED = "统一身份认证没有说明是什么时候登录的，不能用它登录。请告诉系统管理员，并用登录名和密码登录"
NOT_BELIEVED = "统一身份认证没有通过：已取消、超时，或应答不对。请从登录页重新开始，或用登录名和密码登录"


class NotBelieved(NotPossible):
    """The answer proves nothing: forged, of another session, sent before, or its holder said no."""


@dataclass(frozen=True)
class Proven:
    """What the provider has proven: who it is there (`known_as`), what it calls them, and whether more than a password
    was asked."""

    issuer: str
    subject: str
    label: str
    second_factor: bool


def known_as(subject: str) -> str:
    """A subject may be a number of a person, and what is kept of it lies in requests and backups for good: it is known
    again by a keyed digest, and read by nobody."""
    return digest(f"identity|{settings.OIDC_ISSUER}|{subject}")


def is_on() -> bool:
    """Is a provider configured?"""
    return bool(settings.OIDC_ISSUER)


def begin(request: HttpRequest, back: str) -> HttpResponse:
    """To the provider, which answers at the address `back`. Raises NotPossible where it is away."""
    try:
        with _answering():
            provider, most = _provider(), settings.SESSION_COOKIE_AGE
            _forget_older(request)
            answer: HttpResponse = provider.authorize_redirect(request, back, max_age=most)
    except (ValueError, RuntimeError) as error:
        log.warning("what answers at OIDC_ISSUER is not that provider (%s: %s)", type(error).__name__, error)
        raise NotPossible(AWAY) from error
    return answer


def _forget_older(request: HttpRequest) -> None:
    """Whoever begins again and again does not fill the session: of the tabs that were begun before some go on."""
    begun = [key for key in request.session.keys() if key.startswith(_BEGUN)]  # noqa: SIM118  a session is no mapping
    for key in begun[:-OTHER_TABS]:
        del request.session[key]


def is_awaited(request: HttpRequest) -> bool:
    """Does the answer bear the state of a sign-on that this session has begun? Asked before `proven` takes it out."""
    return f"{_BEGUN}{request.GET.get('state', '')}" in request.session


def proven(request: HttpRequest) -> Proven:
    """What the provider's answer proves. Raises NotBelieved, NotPossible."""
    wanted = {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
    }
    try:
        with _answering():
            token = _provider().authorize_access_token(request, claims_options=wanted, leeway=CLOCKS_DIFFER)
        if "id_token" not in token:
            raise ValueError("nothing but a signed token says who it is")
        return _read(token["userinfo"])
    except (AuthlibBaseError, JoseError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        log.warning("the provider's answer is not believed (%s)", type(error).__name__)
        raise NotBelieved(NOT_BELIEVED) from error


def leaving() -> str:
    """Where one signs out of the provider; empty where it has no such page, or is away."""
    try:
        with _answering():
            return str(_provider().create_logout_url(client_id=settings.OIDC_CLIENT_ID)["url"])
    except (NotPossible, ValueError, RuntimeError):
        return ""


@contextmanager
def _answering() -> Iterator[None]:
    """Anybody can ask for the provider: where it hangs, one request of this process waits for it now and then, and not
    each, or all would soon wait. Raises NotPossible."""
    away = f"{__name__}:{settings.OIDC_ISSUER}"
    if cache.get(away):
        raise NotPossible(AWAY)
    try:
        yield
    except requests.RequestException as error:
        log.warning("the provider does not answer (%s)", type(error).__name__)
        cache.set(away, True, AWAY_FOR)
        raise NotPossible(AWAY) from error


def _read(claims: dict[str, Any]) -> Proven:
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject or len(subject) > 255:
        raise ValueError("a subject is a text of at most 255 letters")
    _must_be_fresh(claims.get("auth_time"))
    shown = {str(each) for each in (*(claims.get("amr") or ()), claims.get("acr"))}
    known = known_as(subject)
    called = str(claims.get("preferred_username") or claims.get("name") or "").encode("utf-8", "ignore").decode()
    label = one_line(called)[:60] or f"编号 {known[:8]}"
    return Proven(settings.OIDC_ISSUER, known, label, bool(shown & set(settings.OIDC_SECOND_FACTOR)))


def _must_be_fresh(signed_in_at: Any) -> None:
    """Whoever was signed out here for being idle is not let in by what a colleague did at this machine this morning.
    Raises NotPossible, and ValueError for no time of the past."""
    if signed_in_at is None:
        log.warning("the provider's token has no auth_time, which max_age asks it for")
        raise NotPossible(UNDATED)
    ago = clock.now().timestamp() - signed_in_at
    if not isfinite(ago) or ago < -CLOCKS_DIFFER:
        raise ValueError("nobody has signed in at that time")
    if ago > settings.SESSION_COOKIE_AGE + CLOCKS_DIFFER:
        raise NotPossible(LONG_AGO)


def _provider() -> Any:
    """Its addresses and keys are fetched once by each process, keys again when a token names one that is new."""
    provider = _registered(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    metadata = provider.load_server_metadata()
    if metadata.get("issuer") != settings.OIDC_ISSUER:
        _registered.cache_clear()
        raise ValueError("the provider calls itself by another name")
    metadata["id_token_signing_alg_values_supported"] = list(ALGORITHMS)
    return provider


@functools.cache
def _registered(issuer: str, client_id: str, secret: str) -> Any:
    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": SECONDS},
    )
