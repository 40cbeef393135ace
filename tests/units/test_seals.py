"""The bureau has the seal of the notice from the first day, in a demo as a sample."""

import pytest

from luojiang_ce.access import Role
from luojiang_ce.papers.models import Seal
from units.models import Unit
from units.seals import load_bureau_seals
from units.services.bootstrap import FirstOfficer, set_up


@pytest.mark.django_db
@pytest.mark.notice("一(一)")
def test_setting_up_makes_the_bureau_with_its_seals(settings):
    settings.DEMO = False
    assert load_bureau_seals() == "还没有登记区人社局，印章待建"
    set_up(
        officers={
            Role.SYSTEM_ADMIN: FirstOfficer("xitong", "许明"),
            Role.SECURITY_ADMIN: FirstOfficer("anquan", "林默"),
        }
    )
    seals = Seal.objects.of(Unit.objects.get(is_bureau=True))
    assert seals.filter(
        purpose="verification", name="洛江区人力资源和社会保障局职业能力培训专用章", provider="blank"
    ).exists()
    assert load_bureau_seals() == "印章已齐"


@pytest.mark.django_db
def test_a_demo_draws_a_sample(district, settings):
    settings.DEMO = True
    load_bureau_seals()
    assert Seal.objects.get(provider=Seal.Provider.DRAWN).demo
