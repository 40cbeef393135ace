"""The own account's identity of another house: linked after the provider has proven it, given up, with the password."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from luojiang_ce import clock
from luojiang_ce.access import any_account
from luojiang_ce.authentication import sign_on
from luojiang_ce.home.form_page import Crumbs, form_page
from luojiang_ce.home.sign_on import PROVEN
from luojiang_ce.home.with_password import WithPassword
from luojiang_ce.workflow.events import digest
from units import services
from units.models import OfficerRequest
from units.services.officer_requests import Act, do_or_ask

PATIENCE = 300  # seconds between the provider's word and the password


@never_cache
@any_account
@sensitive_post_parameters()
def link(request: HttpRequest) -> HttpResponse:
    """Link what the provider has just proven; without that, to the provider first."""
    if not sign_on.is_on():
        raise Http404
    facts = _proven(request)
    if facts is None:
        return redirect("home:sign_on")
    account: Any = request.user
    return form_page(
        request,
        WithPassword(request),
        lambda: do_or_ask(Act.IDENTITY, account=account, actor=account, password=digest(account.password), **facts),
        title="绑定统一身份",
        lead=f"以后可用统一身份“{facts['label']}”登录 {account.username}",
        back=_above(),
        done=lambda made: "已提交，等另一位管理员确认后生效" if isinstance(made, OfficerRequest) else "统一身份已绑定",
    )


@any_account
@sensitive_post_parameters()
def unlink(request: HttpRequest) -> HttpResponse:
    """Give it up."""
    account: Any = request.user
    return form_page(
        request,
        WithPassword(request),
        lambda: services.unlink_identity(account=account, actor=account),
        title="解除统一身份绑定",
        back=_above(),
        done="统一身份的绑定已解除",
        danger=True,
        why="解除后只能用登录名和密码登录",
    )


def _proven(request: HttpRequest) -> dict[str, str] | None:
    pk, at, *about = request.session.get(PROVEN) or (0, 0)
    if pk != request.user.pk or clock.now().timestamp() - at >= PATIENCE:
        return None
    return dict(zip(("issuer", "subject", "label"), about, strict=True))


def _above() -> Crumbs:
    return [("我的账号", reverse("home:account"))]
