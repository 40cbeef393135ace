"""Accounts: made by the system officer, switched off, unlocked and given a new password by the security officer."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.authentication.brakes import IDS_ACCOUNT
from luojiang_ce.authentication.devices import SEPARATOR
from luojiang_ce.authentication.models import Identity, SignIn
from luojiang_ce.authentication.passwords import keep_former
from luojiang_ce.authentication.sessions import end_all
from luojiang_ce.deadlines.feed import revoke
from luojiang_ce.locks import Lock, hold
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor.services import take_off
from luojiang_ce.versions import Standing
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import digest, history, record
from luojiang_ce.workflow.models import Event
from units.models import Account, Assignment
from units.models.account import AssignmentQuerySet
from units.notify import tell_watchers
from units.separation import needs_second, why_no_second
from units.services.problems import Problems, assign

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
KEY_OFFICERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
# Without 0 O 1 l I: a one-time password is read from a screen or a slip of paper.
_UPPER, _LOWER, _DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"
GROUPS, GROUP_LENGTH = 4, 4


@dataclass(frozen=True)
class Opened:
    """An account and its one-time password, which is kept nowhere: whoever made it passes it on."""

    account: Account
    password: str


def one_time_password() -> str:
    """Four groups of four, each with a capital, a small letter and a digit: Kx7m-pQ9d-4RtW-h8Ns."""
    return "-".join(_group() for _ in range(GROUPS))


def _group() -> str:
    every = _UPPER + _LOWER + _DIGITS
    signs = [secrets.choice(kind) for kind in (_UPPER, _LOWER, _DIGITS)]
    signs += [secrets.choice(every) for _ in range(GROUP_LENGTH - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def create_account(
    *,
    username: str,
    name: str,
    actor: Actor,
    phone: str = "",
    email: str = "",
    id_hash: str = "",
    password: str = "",
) -> Opened:
    """A new account without any role; its password must be changed at the first sign-in. `id_hash`: the
    look-up hash of the person's ID number, where it is known. Raises NotPossible."""
    username, name = username.strip().lower(), name.strip()
    problems = Problems()
    wrong = "登录名为 3 至 40 位小写字母、数字、点、横线，以字母开头"
    problems.add_if(not _USERNAME.fullmatch(username), "username", wrong)
    problems.add_if(Account.objects.filter(username=username).exists(), "username", "登录名已被使用，请另取一个")
    password = password or one_time_password()
    with transaction.atomic():
        hold(Lock.ROLES)
        one = Account(name=name, id_hash=id_hash)
        _check_name(one, problems, "name")
        _check_whose(one, problems, "number")
        problems.raise_any()
        contact = {"phone": phone.strip(), "email": email.strip()}
        account = Account.objects.create_account(username, name, password, id_hash=id_hash, **contact)
        record(account, "account_created", actor=actor, data={"password": digest(account.password)})
    return Opened(account, password)


def _check_name(account: Account, problems: Problems, field: str) -> None:
    """Nobody has two accounts in use: who acts is told by the name, so that four eyes are those of two people."""
    problems.add_if(not account.name, field, "请填写姓名")
    others = Account.objects.filter(is_active=True).exclude(pk=account.pk)
    if other := next((each for each in others if each.person_key == account.person_key), None):
        said = f"账号 {other.username} 也叫“{other.name}”。同一个人只用一个账号，可以担任几个角色"
        problems.add(field, f"{said}；确系同名的两个人，请在姓名后加注区别，如“{account.name}（二）”")


def _check_whose(account: Account, problems: Problems, field: str) -> None:
    """Nobody has a second account in use, whatever name that one bears."""
    others = Account.objects.filter(is_active=True, id_hash=account.id_hash).exclude(pk=account.pk)
    taken = others.first() if account.id_hash else None
    if taken:
        problems.add(field, f"账号 {taken.username} 也是此人的。同一个人只用一个账号，可以担任几个角色")


def check_second(
    second: Actor | None, actor: Actor, *accounts: Account, problems: Problems, field: str, role: str = ""
) -> None:
    """Where one officer does not act alone, somebody else has to agree who is none of these persons."""
    if needs_second(actor, *accounts, role=role):
        why = why_no_second(second, actor, *accounts)
        problems.add_if(why, field, why)


def by_second(second: Actor | None) -> dict[str, int | None]:
    """What an event says of who agreed."""
    return {"second": second.pk} if second else {}


def contact_of(account: Account) -> Standing:
    """Name and contact of an account as they stand, and who corrected them last."""
    last = history(account).filter(name="edited").first()
    values = {"name": account.name, "phone": account.phone, "email": account.email}
    return Standing(values, last.actor if last else None, last.at if last else None)


def update_account(
    *,
    account: Account,
    name: str,
    phone: str,
    email: str,
    actor: Actor,
    id_hash: str = "",
    version: int | None = None,
    second: Actor | None = None,
) -> None:
    """Correct name and contact; `id_hash`: whose the account is, where that becomes known. An officer's needs a
    `second` officer who agrees. Raises NotPossible, Conflict."""
    facts = {"name": name.strip(), "phone": phone.strip(), "email": email.strip()}
    with transaction.atomic():
        hold(Lock.ROLES)
        locked, problems = _lock(account), Problems()
        contact_of(locked).must_be(version)
        before, known_as = values_of(locked), locked.person_key
        changed = assign(locked, facts)
        if locked.person_key != known_as:
            _check_name(locked, problems, "name")
        identified = assign(locked, {"id_hash": id_hash} if id_hash else {})
        _check_whose(locked, problems, "number")
        if changed or identified:
            check_second(second, actor, locked, problems=problems, field="name")
        problems.raise_any()
        if changed:
            locked.save(update_fields=changed)
            record_edit(locked, (locked, before), actor=actor)
        if identified:
            locked.save(update_fields=identified)
            record(locked, "account_identified", actor=actor, data=by_second(second))


def reset_password(*, account: Account, actor: Actor, second: Actor | None = None) -> Opened:
    """A new one-time password; every session of the account, its calendar feed and its identity end. An officer's needs
    a `second` officer who agrees. Raises NotPossible."""
    with transaction.atomic():
        locked = _lock(account)
        problems = Problems()
        problems.add_if(locked.pk == actor.pk, "", "自己的密码请在“修改密码”中更改")
        problems.add_if(not locked.is_active, "", "账号已停用，请先启用")
        check_second(second, actor, locked, problems=problems, field="")
        problems.raise_any()
        password = one_time_password()
        keep_former(locked)
        locked.set_password(password)
        locked.must_change_password, locked.password_given_at = True, clock.now()
        locked.save(update_fields=["password", "must_change_password", "password_given_at"])
        end_all(locked, SignIn.End.RESET)
        unlinked = end_identity(locked, actor)  # whoever knew the old password may have linked it
        revoke(locked, actor=actor)
        facts = {**by_second(second), "password": digest(locked.password)}
        event = record(locked, "password_reset", actor=actor, data=facts)
        tell_watchers(locked, event, f"被重设密码{'，统一身份的绑定随之解除' if unlinked else ''}")
    unlock(account=account, actor=actor)
    return Opened(locked, password)


def end_identity(account: Account, actor: Actor) -> Event | None:
    """No identity of another house opens the account any more; the event, where one did."""
    identity = Identity.objects.select_for_update().filter(account=account).first()
    if identity is None:
        return None
    identity.delete()
    return record(account, "identity_unlinked", actor=actor, data=about_identity(identity))


def about_identity(identity: Identity) -> dict[str, Any]:
    """By the digest two events can be compared (authentication/sign_on.py), and nobody be read."""
    return {"issuer": identity.issuer, "subject": identity.subject}


def reset_factor(*, account: Account, actor: Actor, reason: str = "", second: Actor | None = None) -> bool:
    """Take the second factor off an account whose phone is lost; was there one? Always with a `second` officer who
    agrees, because with a new password it opens everything. `reason`: why, and how it was seen that it is the holder
    who asks; empty from the server's shell. Raises NotPossible."""
    with transaction.atomic():
        locked, problems = _lock(account), Problems()
        problems.add_if(locked.pk == actor.pk, "", "自己的二次验证请用恢复码登录后在“二次验证”中更换")
        if settings.FOUR_EYES and actor.pk is not None:
            why = why_no_second(second, actor, locked)
            problems.add_if(why, "", why)
        problems.raise_any()
        was_on = take_off(locked, actor=actor, note=reason, data=by_second(second))
        if was_on:
            event = history(locked).filter(name="factor_reset").latest("pk")
            tell_watchers(locked, event, "的二次验证已重设")
    return was_on


def disable_account(*, account: Account, actor: Actor, reason: str) -> None:
    """Shut an account out at once, whatever roles it holds. Raises NotPossible."""
    with transaction.atomic():
        hold(Lock.ROLES)
        locked = _lock(account)
        problems = Problems()
        problems.add_if(locked.pk == actor.pk, "reason", "不能停用自己的账号")
        problems.add_if(not reason.strip(), "reason", "请写明停用的理由")
        held = Assignment.objects.running().filter(account=locked)
        check_officers_remain(held, clock.today(), problems, "reason")
        problems.raise_any()
        locked.is_active, locked.shut_out_at = False, clock.now()
        locked.save(update_fields=["is_active", "shut_out_at"])
        end_all(locked, SignIn.End.SHUT_OUT)
        revoke(locked, actor=actor)
        event = record(locked, "account_disabled", actor=actor, note=reason)
        tell_watchers(locked, event, "已停用")


def enable_account(*, account: Account, actor: Actor, reason: str, second: Actor | None = None) -> None:
    """Let an account in again. An officer's needs a `second` officer who agrees: with its role it is an officer's from
    then on. Raises NotPossible without a reason."""
    if not reason.strip():
        raise NotPossible(reason="请写明启用的理由")
    with transaction.atomic():
        hold(Lock.ROLES)
        locked = _lock(account)
        problems = Problems()
        _check_name(locked, problems, "reason")
        _check_whose(locked, problems, "reason")
        check_second(second, actor, locked, problems=problems, field="reason")
        problems.raise_any()
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        event = record(locked, "account_enabled", actor=actor, note=reason, data=by_second(second))
        tell_watchers(locked, event, "已启用")


def unlock(*, account: Account, actor: Actor) -> bool:
    """Forget failed sign-ins and ID numbers that led to nobody, so that the account need not wait its 30 minutes or
    the day; was there anything?"""
    # Those of strangers, and those of the devices that the account knows.
    failures = Q(username=account.username) | Q(username__startswith=f"{account.username}{SEPARATOR}")
    with transaction.atomic():
        forgotten, _ = AccessAttempt.objects.filter(failures).delete()
        was_stopped = IDS_ACCOUNT.release(account.pk)
        if forgotten or was_stopped:
            record(account, "account_unlocked", actor=actor)
    return bool(forgotten or was_stopped)


def locked_usernames() -> set[str]:
    """Names that axes refuses at the moment, to strangers or to a device: the limit of failures within the cool-off
    time."""
    cool_off = get_cool_off(None)
    assert cool_off is not None, "settings.AXES_COOLOFF_TIME is set"
    recent = AccessAttempt.objects.filter(attempt_time__gte=clock.now() - cool_off)
    counted = recent.values("username").annotate(failures=Sum("failures_since_start"))
    locked = counted.filter(failures__gte=settings.AXES_FAILURE_LIMIT).values_list("username", flat=True)
    return {name.partition(SEPARATOR)[0] for name in locked}


def check_officers_remain(going: AssignmentQuerySet, gone_on: date, problems: Problems, field: str) -> None:
    """Without a system and a security officer nobody could ever appoint one again: from the day on which these roles
    are gone somebody else has each such office, and for as long as it would have been held."""
    offices = Assignment.objects.running().filter(role__in=KEY_OFFICERS, account__is_active=True)
    others = list(offices.exclude(pk__in=going.values("pk")))
    for each in offices.filter(pk__in=going.values("pk")):
        first = max(gone_on, each.valid_from)
        is_past = each.valid_to is not None and each.valid_to < first
        if not is_past and not any(_takes_over(other, each, first) for other in others):
            office = each.get_role_display()
            problems.add(field, f"这是唯一的{office}，或另一人任期更短：请先另任命一人（不填最后一天）再办理")


def _takes_over(other: Assignment, gone: Assignment, first: date) -> bool:
    lasts = other.valid_to is None or (gone.valid_to is not None and gone.valid_to <= other.valid_to)
    return other.role == gone.role and other.valid_from <= first and lasts


def _lock(account: Account) -> Account:
    locked: Account = Account.objects.select_for_update().get(pk=account.pk)
    return locked
