"""Every URL declares who may call it: a view without a rule of luojiang_ce.access fails here.

Who really gets in is tried by test_matrix.py.
"""

import pytest

from luojiang_ce.access import AccessRule
from tests.luojiang_ce.access.urls import Address, addresses

ALL = addresses()


@pytest.mark.parametrize("address", ALL, ids=str)
def test_the_view_declares_an_access_rule(address: Address) -> None:
    rule = getattr(address.view, "access_rule", None)
    assert isinstance(rule, AccessRule), f"{address}: decorate the view with @public, @any_account or @roles(…)"


@pytest.mark.parametrize("address", ALL, ids=str)
def test_only_public_views_are_spared_the_sign_in(address: Address) -> None:
    needs_account = getattr(address.view, "login_required", True)
    assert needs_account is not address.view.access_rule.public


@pytest.mark.parametrize("address", ALL, ids=str)
def test_the_address_has_a_name(address: Address) -> None:
    assert address.name, f"{address.route} has no name, so that nobody can link to it or declare its access rows"


def test_names_are_unique() -> None:
    names = [address.name for address in ALL]
    assert sorted(set(names)) == sorted(names)
