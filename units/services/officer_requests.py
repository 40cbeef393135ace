"""What concerns officers is asked for, and done when a second one agrees; the way there is units/officer_case.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction

from luojiang_ce.access import OFFICERS, Actor, Role, keys_of
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.models import Account, Assignment, OfficerRequest, Unit
from units.separation import needs_second

from .accounts import enable_account, reset_factor, reset_password, update_account
from .identities import link_identity
from .roles import assign_role, end_role, hand_over

Act = OfficerRequest.Act
ASKED = "officer_asked"
# From the server's shell one gets in where no second officer is left (units/management/commands/let_in.py).
NOBODY_LEFT = "没有第三位管理员可以确认。请先任命另一位管理员；都登录不了的，由运维人员在服务器上执行 manage.py let_in"


@dataclass(frozen=True)
class Deed:
    """One of the acts: `do` does it with what was asked for, `said` puts that into words, `persons` are concerned."""

    do: Callable[..., Any]
    said: Callable[[Mapping[str, Any]], str]
    persons: Callable[[Account, Mapping[str, Any]], list[Account]] = lambda account, facts: [account]
    role: Callable[[Mapping[str, Any]], str] = lambda facts: ""
    of_account: bool = True
    always: bool = False  # whoever's account it is


def _role_said(facts: Mapping[str, Any]) -> str:
    last = f"至 {full(facts['valid_to'])}" if facts.get("valid_to") else ""
    return f"任命为“{Role(facts['role']).label}”（{facts['unit']}），{full(facts['valid_from'])} 起{last}"


def _end_said(facts: Mapping[str, Any]) -> str:
    until = "立即停止" if facts.get("at_once") else f"到 {full(facts['last_day'])} 为止"
    return f"角色“{facts['assignment'].get_role_display()}”{until}"


def _hand_said(facts: Mapping[str, Any]) -> str:
    return f"角色“{facts['assignment'].get_role_display()}”自 {full(facts['on'])} 起交给 {facts['successor']}"


def _contact_said(facts: Mapping[str, Any]) -> str:
    said = [f"{label}：{facts.get(name) or '空'}" for name, label in CONTACT.items()]
    return "，".join([*said, "登记身份证号码"] if facts.get("id_hash") else said)


CONTACT = {"name": "姓名", "phone": "电话", "email": "电子邮箱"}
DEEDS: Mapping[str, Deed] = {
    Act.ASSIGN: Deed(assign_role, _role_said, role=lambda facts: facts["role"]),
    Act.END: Deed(end_role, _end_said, of_account=False),
    Act.HAND_OVER: Deed(
        hand_over,
        _hand_said,
        persons=lambda account, facts: [account, facts["successor"]],
        role=lambda facts: facts["assignment"].role,
        of_account=False,
    ),
    Act.CONTACT: Deed(update_account, _contact_said),
    Act.ENABLE: Deed(enable_account, lambda facts: "重新启用账号，其角色、密码和二次验证照旧"),
    Act.FACTOR: Deed(
        reset_factor, lambda facts: "停用手机验证器、通行密钥和恢复码，登录只凭密码，直到本人重新设置", always=True
    ),
    Act.IDENTITY: Deed(
        link_identity, lambda facts: f"以后可用 {facts['issuer']} 的统一身份“{facts['label']}”登录这个账号"
    ),
    Act.RESET: Deed(reset_password, lambda facts: "生成新的一次性密码，会话、日历订阅、统一身份的绑定随之结束"),
}
# How what was asked for is kept until it is done.
_ROWS: Mapping[str, type[models.Model]] = {"unit": Unit, "assignment": Assignment, "successor": Account}
_DAYS = ("valid_from", "valid_to", "last_day", "on")


class _SomebodyElse:
    """The second officer who is not known yet, for whom an act is tried before it is asked for."""

    pk = 0
    person_keys: frozenset[str] = frozenset()
    files_for_others = False

    def holds(self, *roles: Role) -> bool:
        return True

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        return frozenset()


class _Tried(Exception):
    """What was tried is taken back."""


def do_or_ask(act: OfficerRequest.Act, *, account: Account, actor: Actor, **facts: Any) -> Any:
    """Do what one officer may do alone, and give what its service gives; else ask a second one: the request.

    Raises NotPossible, of both with everything that stands in the way.
    """
    deed, given = DEEDS[act], {**facts, **({"account": account} if DEEDS[act].of_account else {})}
    always = deed.always and settings.FOUR_EYES
    if not always and not needs_second(actor, *deed.persons(account, facts), role=deed.role(facts)):
        return deed.do(actor=actor, **given)
    _try(deed, actor, given)
    persons = [actor, *deed.persons(account, facts)]
    if not seconds_for(*persons):
        raise NotPossible(NOBODY_LEFT)
    return _ask(act, account, actor, facts)


def seconds_for(*persons: Actor) -> list[Account]:
    """The officers who may agree to what these persons do or have done to them."""
    keys = keys_of(persons)
    officers = Account.objects.holding(*OFFICERS).with_roles()
    return [each for each in officers if each.person_keys.isdisjoint(keys)]


def persons_of(case: OfficerRequest) -> frozenset[str]:
    """By their `person_keys`: who asked, and whom it is about."""
    asker: Any = case.created_by
    return keys_of([asker, *DEEDS[case.act].persons(case.account, facts_of(case))])


def facts_of(case: OfficerRequest) -> dict[str, Any]:
    """What was asked for, as its service takes it."""
    facts = dict(case.facts)
    for name in _ROWS.keys() & facts.keys():
        facts[name] = _ROWS[name]._default_manager.get(pk=facts[name])
    for name in (each for each in _DAYS if facts.get(each)):
        facts[name] = date.fromisoformat(facts[name])
    return facts


def carry_out(case: OfficerRequest, *, second: Actor) -> Any:
    """Do what was asked for, now that a second officer agrees: in the name of who asked. Raises NotPossible."""
    deed, facts = DEEDS[case.act], facts_of(case)
    given = facts | ({"account": case.account} if deed.of_account else {})
    return deed.do(actor=case.created_by, second=second, **given)


def tell_officers(case: OfficerRequest, what: str, key: str) -> None:
    """Every officer, and the person concerned; who is no officer does not open the case."""
    officers = list(Account.objects.holding(*OFFICERS))
    title = f"管理员事项{what}：{case.get_act_display()}"
    notify(officers, title, key=key, case=case)
    others = [each for each in DEEDS[case.act].persons(case.account, facts_of(case)) if each not in officers]
    notify(others, title, key=key, text="涉及您的账号。不是您预期的，请马上告知审计管理员")


def _try(deed: Deed, actor: Actor, given: Mapping[str, Any]) -> None:
    try:
        with transaction.atomic():
            deed.do(actor=actor, second=_SomebodyElse(), **given)
            raise _Tried
    except _Tried:
        return


def _ask(act: OfficerRequest.Act, account: Account, actor: Actor, facts: Mapping[str, Any]) -> OfficerRequest:
    kept = {name: _kept(value) for name, value in facts.items()}
    waits = f"{account.name} 已有一件待确认的“{act.label}”，请先等它确认，或撤回再提"
    try:
        with transaction.atomic():
            said = DEEDS[act].said(facts)
            case = OfficerRequest.objects.create(
                account=account, act=act, facts=kept, said=said, reason=facts.get("reason", ""), created_by_id=actor.pk
            )
            event = record(case, ASKED, actor=actor, data={"act": act.label})
            tell_officers(case, "待确认", f"{ASKED}-{event.uid}")
    except IntegrityError as other:
        raise NotPossible(waits) from other
    return case


def _kept(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value
