"""Every page of the shell renders for a signed-in account."""

import pytest
from django.urls import reverse


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["start", "more", "account", "password", "privacy"])
def test_pages_render(client, district, name):
    client.force_login(district.owner)
    assert client.get(reverse(f"home:{name}")).status_code == 200


@pytest.mark.parametrize("name", ["notices:inbox", "jobs:list"])
def test_lists_of_the_building_blocks_render(client, district, name):
    client.force_login(district.owner)
    assert client.get(reverse(name)).status_code == 200


def test_sign_in_page_renders(client, db):
    assert "登录" in client.get(reverse("home:sign_in")).content.decode()
