"""Other apps put panels and links on a person's page without units knowing them."""

from __future__ import annotations

import pytest
from django.template import engines

from luojiang_ce.home.lists import HeadLink
from tests.factories import person_in
from tests.units.views.helpers import browser
from units import panels


@pytest.fixture
def registries(monkeypatch):
    monkeypatch.setattr(panels, "_panels", [])
    monkeypatch.setattr(panels, "_links", [])


@pytest.mark.usefixtures("registries")
def test_panels_and_links_appear_in_order_where_they_have_something_to_say(district) -> None:
    def template(text: str):
        return engines["django"].from_string(text)

    panels.register_person_panel(
        panels.PersonPanel(template("<p>二 {{ panel.n }}</p>"), lambda p, a: {"n": 2}, order=2)
    )
    panels.register_person_panel(
        panels.PersonPanel(template("<p>一 {{ panel.n }}</p>"), lambda p, a: {"n": 1}, order=1)
    )
    panels.register_person_panel(panels.PersonPanel(template("<p>从不</p>"), lambda p, a: None))
    panels.register_person_link(lambda p, a: HeadLink(f"{p.name}的学时", "/ledger/"))
    panels.register_person_link(lambda p, a: None)
    person = person_in(district.unit, "仇远")
    page = browser(district.owner).get(person.get_absolute_url()).content.decode()
    assert page.index("<p>一 1</p>") < page.index("<p>二 2</p>")
    assert "从不" not in page
    assert "仇远的学时" in page
