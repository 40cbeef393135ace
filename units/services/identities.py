"""Which identity of another house (settings.OIDC_ISSUER) opens which account: linked and given up by its holder."""

from __future__ import annotations

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.authentication.models import Identity
from luojiang_ce.workflow.events import digest, history, record
from units.models import Account
from units.notify import tell_watchers
from units.services.accounts import about_identity, by_second, check_second, end_identity
from units.services.problems import Problems


@transaction.atomic
def link_identity(
    *,
    account: Account,
    actor: Actor,
    issuer: str,
    subject: str,
    label: str,
    password: str = "",
    second: Actor | None = None,
) -> Identity:
    """From now on this identity opens the account; `label`: what the provider calls it, for whoever confirms;
    `password`: the digest of the one with which it was asked for, for another may have been given since (what was asked
    for before requests kept it has none). An officer's needs a `second` officer who agrees. Raises NotPossible."""
    locked: Account = Account.objects.select_for_update().get(pk=account.pk)
    problems, same = Problems(), Identity.objects.filter(issuer=issuer, subject=subject)
    problems.add_if(locked.pk != actor.pk or not locked.is_active, "", "统一身份只能由本人绑定")
    problems.add_if(Identity.objects.filter(account=locked).exists(), "", "账号已绑定统一身份，请先解除")
    problems.add_if(same.exclude(account=locked).exists(), "", "这个统一身份已绑定别的账号，一个身份只能登录一个账号")
    outlived = "提出绑定以后密码已修改或重设，请本人重新登录后再绑定"
    problems.add_if(not _is_still(password, locked), "", outlived)
    check_second(second, actor, locked, problems=problems, field="")
    problems.raise_any()
    made = Identity.objects.create(account=locked, issuer=issuer, subject=subject)
    event = record(locked, "identity_linked", actor=actor, data=about_identity(made) | by_second(second))
    tell_watchers(locked, event, "绑定了统一身份认证")
    return made


def _is_still(password: str, account: Account) -> bool:
    """Is this the digest of the account's password? One that was only hashed anew is the same."""
    anew = history(account).filter(name="password_rehashed").values_list("data__replaced", "data__password")
    became = dict(anew)
    while password in became:
        password = became[password]
    return password == digest(account.password)


@transaction.atomic
def unlink_identity(*, account: Account, actor: Actor) -> None:
    """It opens the account no more."""
    if event := end_identity(account, actor):
        tell_watchers(account, event, "解除了统一身份认证的绑定")
