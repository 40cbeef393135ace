"""Passkeys of the own account: added and removed, each with the password again. Used: second_factor.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from luojiang_ce.access import any_account
from luojiang_ce.home import challenges, second_factor
from luojiang_ce.home.form_page import Crumbs, form_page
from luojiang_ce.home.with_password import WithPassword
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor import passkeys
from luojiang_ce.second_factor.models import Passkey

ADD = "add"


class PasskeyForm(second_factor.AnswerForm, WithPassword):
    """The name by which its owner knows it again, and what the browser has made."""

    name = forms.CharField(label="名称", max_length=30, help_text="以后凭它辨认，例如“办公室电脑”“蓝色 U 盾”")
    field_order = ("name", "password", "credential")


@never_cache
@any_account
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    account: Any = request.user
    form = PasskeyForm(request)
    try:
        challenge = challenges.taken(request, ADD) if request.method == "POST" else ""
        options = challenges.issue(request, ADD, passkeys.ask_to_add(account))
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect("home:own_factor")
    return form_page(
        request,
        form,
        lambda: _add(request, form.cleaned_data, challenge),
        title="添加通行密钥",
        lead="用电脑、手机的指纹、人脸、PIN，或带 PIN 的安全密钥作二次验证",
        back=_above(),
        done="通行密钥已添加",
        then=second_factor.shows_codes(request),
        template="home/passkey_new.html",
        options=options,
    )


@any_account
@sensitive_post_parameters()
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one off."""
    passkey = get_object_or_404(Passkey.objects.select_related("account"), pk=pk, account=request.user)
    return form_page(
        request,
        WithPassword(request),
        lambda: _remove(request, passkey),
        title="移除通行密钥",
        lead=passkey.name,
        back=_above(),
        done=f"通行密钥“{passkey.name}”已移除",
        danger=True,
        why="移除后不能再用它登录",
    )


def _add(request: HttpRequest, sent: dict[str, Any], challenge: str) -> list[str]:
    second_factor.must_have_shown(request)
    codes = passkeys.add(request.user, sent["credential"], challenge, name=sent["name"])
    second_factor.taken_into_use(request)
    return codes


def _remove(request: HttpRequest, passkey: Passkey) -> None:
    second_factor.must_have_shown(request)
    passkeys.remove(passkey)


def _above() -> Crumbs:
    return [("我的账号", reverse("home:account")), ("二次验证", reverse("home:own_factor"))]
