"""The bar at the foot: it never covers what has the focus, and is small on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, assert_accessible
from tests.conftest import District
from tests.training.classes.factories import an_application

COVERED = """() => {
  const el = document.activeElement;
  if (!el.closest('main')) return '';
  const box = el.getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const inside = el === at || el.contains(at) || (at && at.contains(el) && !at.matches('.lj-actions, .lj-tabbar'));
  return inside ? '' : (el.id || el.name || el.textContent) + ' under ' + (at ? at.className || at.tagName : 'nothing');
}"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_has_the_focus_is_in_sight(page_for: Callable[..., Page], district: District, size: Any) -> None:
    case = an_application(district.unit, place="", actor=district.owner)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/", size=size)
    page.set_viewport_size({"width": size[0], "height": 500})
    page.emulate_media(reduced_motion="reduce")  # no smooth scrolling to wait for
    page.focus("#id_title")
    covered = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if said := page.evaluate(COVERED):
            covered.append(said)
    assert not covered


def test_on_a_phone_the_bar_is_one_button_high(page_for: Callable[..., Page], district: District) -> None:
    case = an_application(district.unit, place="", people=None, actor=district.owner)  # reasons why it cannot be filed
    page = page_for(district.owner, f"/classes/{case.pk}/edit/", size=PHONE)
    fixed = page.evaluate(
        "() => [...document.querySelectorAll('.lj-actions, .lj-actions *')].filter("
        "el => ['fixed', 'sticky'].includes(getComputedStyle(el).position)).map(el => el.offsetHeight)"
    )
    assert len(fixed) == 1
    assert fixed[0] < 64


def test_on_a_phone_the_main_button_rests_at_its_place_once_that_is_in_sight(
    page_for: Callable[..., Page], district: District
) -> None:
    """It would cover the help of the last field, and what follows a form."""
    case = an_application(district.unit, actor=district.owner)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/", size=PHONE)
    bar, button = page.locator(".lj-actions"), page.locator(".lj-actions .btn-primary").last
    expect(bar).not_to_have_class(re.compile("is-reached"))
    height = bar.bounding_box()["height"]  # type: ignore[index]
    expect(button).to_have_css("position", "fixed")
    bar.evaluate("bar => bar.scrollIntoView({ block: 'end', behavior: 'instant' })")
    page.mouse.wheel(0, 4000)
    expect(button).to_have_css("position", "static")
    assert bar.bounding_box()["height"] == height  # type: ignore[index]
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    expect(button).to_have_css("position", "fixed")


def test_everything_lies_in_a_landmark(page_for: Callable[..., Page], district: District) -> None:
    page = page_for(district.owner, "/")
    assert_accessible(page)
    outside = page.evaluate(
        "() => [...document.querySelectorAll('a, button, input, p, h1, h2')].filter("
        "el => !el.closest('header, nav, main, footer') && !el.matches('.lj-skip')).map(el => el.outerHTML)"
    )
    assert outside == []
