"""Invented units, accounts and people. ID numbers have a right check digit and an area code that does not exist."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import count
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from stdnum.iso7064 import mod_11_2

from luojiang_ce.access import Role
from units.identity.names import readings
from units.models import Account, Assignment, Employment, Person, Unit

PASSWORD = "Kaixue-2026-Luojiang"
_serial = count(1)


def id_number(
    serial: int | None = None, *, birth: date = date(1985, 3, 12), male: bool = True, area: str = "999999"
) -> str:
    """A number that passes every check and belongs to nobody: area 999999 was never given out. One that is counted on
    does not end like a year, which a page may well say."""
    n = next(_serial) if serial is None else serial
    sequence = f"{(n * 2 + male) % 1000:03d}"
    day = date.fromordinal(birth.toordinal() - n // 500)
    body = f"{area}{day:%Y%m%d}{sequence}"
    number: str = body + mod_11_2.calc_check_digit(body)
    ends_like_a_year = serial is None and number[-4:-2] in ("19", "20")
    return id_number(birth=birth, male=male, area=area) if ends_like_a_year else number


@cache
def _hashed() -> str:
    """Argon2 is slow by design: the one password of all test accounts is hashed once."""
    return make_password(PASSWORD)


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"U{n:04d}")
    name = factory.Sequence(lambda n: f"洛江区测试单位{n}")
    nature = Unit.Nature.DISTRICT


class AccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Account

    username = factory.Sequence(lambda n: f"account{n}")
    name = factory.Sequence(lambda n: f"账号{n}")
    must_change_password = False
    password = factory.LazyFunction(lambda: _hashed())  # a raw password would not fit: set_password afterwards


def assignment(account: Account, role: Role, unit: Unit) -> Assignment:
    """The account has held this role for this unit since 2017; not saved yet."""
    return Assignment(account=account, role=role, unit=unit, valid_from=date(2017, 1, 1))


def account_with(role: Role, unit: Unit, **kwargs: Any) -> Account:
    """An account that has held this role for this unit since 2017."""
    account = AccountFactory(**kwargs)
    assignment(account, role, unit).save()
    return account


def person_in(
    unit: Unit, name: str = "王小明", *, number: str | None = None, since: date = date(2017, 1, 1), **kwargs: Any
) -> Person:
    """A person who works in the unit."""
    pinyin, initials = readings(name)
    person = Person(name=name, pinyin=pinyin, initials=initials, sex="男", birth=date(1985, 3, 12), **kwargs)
    person.seal_id(number or id_number())
    person.save()
    Employment.objects.create(person=person, unit=unit, started_on=since)
    return person
