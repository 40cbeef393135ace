"""Which identity of another house (settings.OIDC_ISSUER) opens which account: linked and given up by its holder."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.authentication.models import Identity
from luojiang_ce.workflow.events import digest, record
from units.models import Account
from units.notify import tell_watchers
from units.services.accounts import by_second, check_second
from units.services.problems import Problems


@transaction.atomic
def link_identity(
    *, account: Account, actor: Actor, issuer: str, subject: str, label: str, second: Actor | None = None
) -> Identity:
    """From now on this identity opens the account; `label`: what the provider calls it, for whoever confirms. An
    officer's needs a `second` officer who agrees. Raises NotPossible."""
    locked: Account = Account.objects.select_for_update().get(pk=account.pk)
    problems, same = Problems(), Identity.objects.filter(issuer=issuer, subject=subject)
    problems.add_if(locked.pk != actor.pk or not locked.is_active, "", "统一身份只能由本人绑定")
    problems.add_if(Identity.objects.filter(account=locked).exists(), "", "账号已绑定统一身份，请先解除")
    problems.add_if(same.exclude(account=locked).exists(), "", "这个统一身份已绑定别的账号，一个身份只能登录一个账号")
    check_second(second, actor, locked, problems=problems, field="")
    problems.raise_any()
    made = Identity.objects.create(account=locked, issuer=issuer, subject=subject)
    event = record(locked, "identity_linked", actor=actor, data=_about(made) | by_second(second))
    tell_watchers(locked, event, "绑定了统一身份认证")
    return made


@transaction.atomic
def unlink_identity(*, account: Account, actor: Actor) -> None:
    """It opens the account no more."""
    for identity in Identity.objects.select_for_update().filter(account=account):
        identity.delete()
        event = record(account, "identity_unlinked", actor=actor, data=_about(identity))
        tell_watchers(account, event, "解除了统一身份认证的绑定")


def _about(identity: Identity) -> dict[str, Any]:
    """A subject may be a number of a person: by its digest two events can be compared, and nobody be read."""
    return {"issuer": identity.issuer, "subject": digest(identity.subject)}
