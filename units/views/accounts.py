"""Accounts and roles: the system officer makes accounts, the security officer says what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_ACCOUNTS, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.home.many import Outcome, one_by_one
from luojiang_ce.second_factor.services import is_on
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workflow.pages import edit_history
from units import services
from units.forms.accounts import AccountForm, AssignForm, EndRoleForm, FactorForm, HandOverForm, NewAccountForm
from units.forms.filters import AccountFilter
from units.forms.units import WhyForm
from units.models import Account, Assignment, OfficerRequest
from units.services.officer_requests import Act, do_or_ask

SORTS = {"name": "name", "username": "username", "last": "last_login"}
HISTORY_SHOWN = 20


@can(READ_ACCOUNTS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every account with its present roles."""
    account: Any = request.user
    context = list_context(
        request, Account.objects.visible_to(account).with_roles(), filterset=AccountFilter, sorts=SORTS, sort="username"
    )
    context |= acts_on_many(request, Account, READ_ACCOUNTS, "accounts:export")
    if account.holds(Role.SECURITY_ADMIN):
        context["steps"] = [("停用", reverse("accounts:disable_many"))]
    context |= {
        "title": "账号与角色",
        "lead": "系统管理员建账号，安全管理员任命角色，审计管理员查阅；三员由三个人分别担任",
        "links": _list_links(request),
        "unit": "个",
        "locked": services.locked_usernames(),
        "empty": {"text": "还没有账号"},
    }
    return render(request, "units/accounts.html", context)


export = export_view(READ_ACCOUNTS, "accounts")


@can(READ_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: contact, roles with their days, what was done with it."""
    reader: Any = request.user
    one = _account(request, pk)
    today = clock.today()
    assignments = one.assignments.select_related("unit", "assigned_by").order_by("-valid_from", "-pk")
    context = {
        "title": one.name,
        "kind": "账号",
        "number": one.username,
        "crumbs": [("账号与角色", reverse("accounts:list")), (one.name, "")],
        "one": one,
        "assignments": [
            (a, not a.stopped_at and (a.valid_to is None or a.valid_to >= today), a.valid_from > today)
            for a in assignments
        ],
        "is_system": reader.holds(Role.SYSTEM_ADMIN),
        "is_security": reader.holds(Role.SECURITY_ADMIN) and one.pk != reader.pk,
        "has_factor": is_on(one),
        "is_locked": one.username in services.locked_usernames(),
        "history": edit_history(one)[:HISTORY_SHOWN],
    }
    return render(request, "units/account.html", context)


@never_cache
@roles(Role.SYSTEM_ADMIN)
def new(request: HttpRequest) -> HttpResponse:
    """Make an account; its one-time password is on this one answer and nowhere else."""
    form = NewAccountForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.create_account(actor=request.user, **form.facts()),
        title="建立账号",
        back=[("账号与角色", reverse("accounts:list"))],
        then=lambda opened: _show_password(request, opened, "账号已建立"),
        why="建立后显示一次性密码；角色由安全管理员任命",
    )


@roles(Role.SYSTEM_ADMIN)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of an account."""
    one = _account(request, pk)
    form = AccountForm(posted(request), account=one)
    return form_page(
        request,
        form,
        lambda: do_or_ask(Act.CONTACT, account=one, actor=request.user, version=form.version, **form.facts()),
        title="修改账号资料",
        submit_label="保存资料",
        **_of(one, "账号资料已保存"),
        here="修改资料",
    )


@never_cache
@roles(Role.SECURITY_ADMIN)
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time password, shown once."""
    one = _account(request, pk)
    if request.method == "POST":
        return act(
            request,
            lambda: do_or_ask(Act.RESET, account=one, actor=request.user),
            back=one,
            done=_said(""),
            then=lambda made: made if _waits(made) else _show_password(request, made, "密码已重设"),
        )
    context = {
        "title": "重设密码",
        "lead": f"{one.name}　{one.username}",
        "crumbs": [*_above(one), ("重设密码", "")],
        "text": "将生成新的一次性密码并显示一次，原密码和已登录的会话立即失效，锁定一并解除。请先核实本人身份。",
        "submit_label": "重设密码",
        "cancel_url": one.get_absolute_url(),
    }
    return render(request, "units/confirm.html", context)


@roles(Role.SECURITY_ADMIN)
def factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor off, when a second officer agrees."""
    one = _account(request, pk)
    form = FactorForm(posted(request))
    return form_page(
        request,
        form,
        lambda: do_or_ask(Act.FACTOR, account=one, actor=request.user, **form.cleaned_data),
        title="重设二次验证",
        submit_label="提交确认",
        **_of(one, "二次验证已重设"),
        why="用于手机、密钥丢失又没有恢复码的。另一位管理员确认后，各种二次验证作废，会话结束",
    )


@roles(Role.SECURITY_ADMIN)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable an account, or enable it; an officer's when a second officer agrees."""
    one = _account(request, pk)
    label = "停用账号" if one.is_active else "启用账号"
    form = WhyForm(posted(request), now=str(one.is_active))
    return form_page(
        request,
        form,
        lambda: _switch(one, request.user, form.cleaned_data),
        title=label,
        **_of(one, f"已{label}"),
        danger=one.is_active,
        why="停用立即生效，已登录的会话随之结束" if one.is_active else "",
    )


def _switch(one: Account, actor: Any, facts: dict[str, Any]) -> Any:
    if one.is_active:
        return services.disable_account(account=one, actor=actor, **facts)
    return do_or_ask(Act.ENABLE, account=one, actor=actor, **facts)


@roles(Role.SECURITY_ADMIN)
@require_POST
def disable_many(request: HttpRequest) -> HttpResponse:
    """Ask for the reason, then disable the ticked accounts, each by itself."""
    back = own_page(request.POST.get("back", ""), reverse("accounts:list"))
    ticked = Account.objects.visible_to(request.user).filter(pk__in=ticked_rows(request.POST), is_active=True)
    if not ticked:
        messages.error(request, "还没有勾选启用中的账号，请先勾选")
        return redirect(back)
    form = WhyForm(request.POST if "do" in request.POST else None, now="True")

    def save() -> Outcome:
        outcome = one_by_one(
            ticked, lambda one: services.disable_account(account=one, actor=request.user, **form.cleaned_data)
        )
        outcome.say(request, "已停用 {} 个账号")
        return outcome

    return form_page(
        request,
        form,
        save,
        title="停用账号",
        lead=f"勾选的 {len(ticked)} 个",
        back=back,
        template="home/many.html",
        danger=True,
        why="停用立即生效，已登录的会话随之结束",
        rows=[(one, one.name, one.username, "") for one in ticked],
        ready=len(ticked),
        copies=request.POST.getlist("copy")[:1],
    )


@roles(Role.SECURITY_ADMIN)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a locked account try again."""
    one = _account(request, pk)
    was_locked = services.unlock(account=one, actor=request.user)
    messages.success(request, f"已解除 {one.name} 的锁定" if was_locked else f"{one.name} 没有被锁定")
    return redirect(one)


@roles(Role.SECURITY_ADMIN)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    one = _account(request, pk)
    form = AssignForm(posted(request))
    return form_page(
        request,
        form,
        lambda: do_or_ask(Act.ASSIGN, account=one, actor=request.user, **form.cleaned_data),
        title="任命角色",
        **_of(one, "角色已任命"),
        why="三员由三个人分别担任，也不兼办业务；不能给自己任命",
    )


@roles(Role.SECURITY_ADMIN)
def end_role(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    """Let a role end."""
    one, row = _account_and_role(request, pk, assignment)
    form = EndRoleForm(posted(request), assignment=row)
    return form_page(
        request,
        form,
        lambda: do_or_ask(
            Act.END, account=one, actor=request.user, assignment=row, version=form.version, **form.cleaned_data
        ),
        title="结束角色",
        **_of(one, "已登记角色的最后一天", row),
        danger=True,
    )


@roles(Role.SECURITY_ADMIN)
def hand_over(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    """Hand a role over to a successor."""
    one, row = _account_and_role(request, pk, assignment)
    form = HandOverForm(posted(request), holder=one)
    return form_page(
        request,
        form,
        lambda: do_or_ask(Act.HAND_OVER, account=one, actor=request.user, assignment=row, **form.cleaned_data),
        title="交接角色",
        **_of(one, "已交接：前任到前一天为止，接任人从交接日起", row),
    )


def _waits(made: Any) -> bool:
    return isinstance(made, OfficerRequest)


def _said(done: str) -> Callable[[Any], str]:
    """What was done, or that another officer has to agree first."""
    return lambda made: "已提交，等另一位管理员确认后生效" if _waits(made) else done


def _of(one: Account, done: str, role: Assignment | None = None) -> dict[str, Any]:
    """What every form about an account says: whose it is, or of which role; what was `done`; where it leads."""
    called = f"{role.get_role_display()}　{role.unit}" if role else one.username
    return {
        "lead": f"{one.name}　{called}",
        "done": _said(done),
        "then": lambda made: made if _waits(made) else one,
        "back": _above(one),
    }


def _account(request: HttpRequest, pk: int) -> Account:
    return get_visible_or_404(Account, request, pk=pk)


def _account_and_role(request: HttpRequest, pk: int, assignment: int) -> tuple[Account, Assignment]:
    one = _account(request, pk)
    return one, get_object_or_404(Assignment.objects.select_related("unit", "account"), pk=assignment, account=one)


def _show_password(request: HttpRequest, opened: services.Opened, title: str) -> HttpResponse:
    return render(request, "units/password_once.html", {"title": title, "opened": opened})


def _above(one: Account) -> Crumbs:
    return [("账号与角色", reverse("accounts:list")), (one.name, one.get_absolute_url())]


def _list_links(request: HttpRequest) -> list[HeadLink]:
    new = HeadLink("建立账号", reverse("accounts:new"), "user-round-plus", primary=True)
    asked = HeadLink("管理员事项", reverse("accounts:requests"), "user-round-check")
    return [asked, new] if request.user.holds(Role.SYSTEM_ADMIN) else [asked]
