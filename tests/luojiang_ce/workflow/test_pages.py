"""What the page of a case shows: where its path ends, and what happened."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.pages import case_page
from tests.conftest import District
from tests.units.cases import leave_of, with_evidence


@pytest.mark.parametrize(("act", "meaning"), [("approve", "is-done"), ("refuse", "is-late")])
def test_what_was_refused_does_not_end_in_the_colour_of_what_is_done(
    district: District, act: str, meaning: str
) -> None:
    leave = leave_of(district, "draft")
    with_evidence(district, leave)
    fire(leave, "submit", actor=district.owner)
    fire(leave, act, actor=district.approver, note="查验")
    path = case_page(leave, district.owner).path
    assert [step.meaning for step in path] == ["is-done", meaning]


def test_a_long_note_is_folded_and_whole() -> None:
    long = "；".join(f"第 {n} 项：改好" for n in range(30))
    told = [
        SimpleNamespace(
            at=clock.now(), actor=None, name="edited", data={}, label="修改内容", note_row=SimpleNamespace(text=text)
        )
        for text in (long, "短")
    ]
    html = render_to_string("parts/history.html", {"history": told})
    assert html.count("<details") == 1
    assert f"</summary>{long}</details>" in html
