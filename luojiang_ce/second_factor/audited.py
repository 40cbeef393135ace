"""Apps and passkeys against the events that added them and took them off: who has the database takes no second factor
off an account, and puts none on, unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch

from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.chain import Done, batches
from luojiang_ce.workflow.models import Event

from .models import Authenticator
from .passkeys import print_of

_BATCH = 500
_NAMES = ("factor_added", "factor_removed", "factor_reset", "passkey_added", "passkey_removed")


@dataclass
class _Told:
    """What the events of an account say that it has; `unnamed`: passkeys of which an older event says no digest."""

    has_app: bool = False
    passkeys: set[str] = field(default_factory=set)
    unnamed: int = 0

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        key = data.get("key")
        if name == "factor_reset":
            self.has_app, self.passkeys, self.unnamed = False, set(), 0
        elif name.startswith("factor_"):
            self.has_app = name == "factor_added"
        elif name == "passkey_added":
            self.passkeys |= {key} if key else set()
            self.unnamed += not key
        else:
            self.unnamed -= key not in self.passkeys
            self.passkeys.discard(key or "")


def comparison() -> Compared:
    """For `register_comparison`."""
    return Compared("二次验证", get_user_model()._default_manager.count, _check)


def _check(done: Done) -> Iterator[str]:
    own = Prefetch("authenticator", Authenticator.objects.exclude(confirmed_at=None))
    rows = get_user_model()._default_manager.order_by("pk").prefetch_related(own, "passkeys")
    for accounts in batches(rows.iterator(_BATCH), _BATCH):
        told = _told_of(accounts)
        for account in accounts:
            place = f"账号 {account.get_username()}（{account.pk}）"
            yield from (f"{place}{problem}" for problem in _check_account(account, told[account.pk]))
        done(len(accounts))


def _told_of(accounts: Iterable[Any]) -> Mapping[int, _Told]:
    told: dict[int, _Told] = defaultdict(_Told)
    kind, pks = get_user_model()._meta.label_lower, [account.pk for account in accounts]
    rows = Event.objects.filter(case_type=kind, case_id__in=pks, name__in=_NAMES).order_by("pk")
    for pk, name, data in rows.values_list("case_id", "name", "data"):
        told[pk].hear(name, data)
    return told


def _check_account(account: Any, told: _Told) -> Iterator[str]:
    has_app, here = hasattr(account, "authenticator"), {print_of(each) for each in account.passkeys.all()}
    if has_app and not told.has_app:
        yield "的验证器没有启用的记录：被插入，或改到了这个账号名下"
    if told.has_app and not has_app:
        yield "的验证器不在了，记录里没有停用：被删除"
    if gone := len(told.passkeys - here):
        yield f"的通行密钥有 {gone} 把不在了或换成了别的，记录里没有移除：被删除或改动"
    if (more := len(here - told.passkeys)) != told.unnamed:
        yield f"的通行密钥有 {more} 把没有添加的记录（应有 {told.unnamed} 把）：被插入、改动或删除"
