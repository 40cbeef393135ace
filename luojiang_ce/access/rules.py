"""Every URL declares who may call it. A view without a rule fails tests/luojiang_ce/access/test_urls.py.

The rule is the first of two gates: it lets a role in; which rows that role sees is `visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from .capabilities import Capability
from .roles import Role

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class AccessRule:
    """`public`: no account needed. Otherwise a signed-in account holding one of `roles` (empty: any account)."""

    public: bool = False
    roles: frozenset[Role] = frozenset()

    def admits(self, account: Any) -> bool:
        """May this (possibly anonymous) account call the URL at all?"""
        if self.public:
            return True
        return bool(account.is_authenticated and (not self.roles or account.holds(*self.roles)))


def public(view: View) -> View:
    """Anyone, signed in or not."""
    view.access_rule = AccessRule(public=True)  # type: ignore[attr-defined]
    return login_not_required(view)


def any_account(view: View) -> View:
    """Any signed-in account; the rows it sees are decided by `visible_to`."""
    view.access_rule = AccessRule()  # type: ignore[attr-defined]
    return view


def roles(*allowed: Role) -> Callable[[View], View]:
    """Only accounts that hold one of these roles today; for others the page does not exist (404)."""

    def decorate(view: View) -> View:
        rule = AccessRule(roles=frozenset(allowed))

        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not rule.admits(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        gate.access_rule = rule  # type: ignore[attr-defined]
        return gate

    return decorate


def can(capability: Capability) -> Callable[[View], View]:
    """Only accounts of which a role has this capability today; for others the page does not exist (404)."""
    return roles(*capability.roles)
