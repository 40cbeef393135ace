"""The small fonts inside a paper draw each character as WeasyPrint's fonts do."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from luojiang_ce.papers import fonts
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.rendering import render
from tests.luojiang_ce.papers.samples import ROSTER, boxes, roster_row

pytestmark = pytest.mark.thorough


def drawn(top: Any, codes: Iterable[int]) -> dict[int, Any]:
    """The lines of each glyph and its width."""
    found = {}
    for code in codes:
        pen, outline = RecordingPen(), top.CharStrings[f"cid{code:05}" if code else ".notdef"]
        outline.draw(pen)
        found[code] = (pen.value, outline.width)
    return found


def test_a_font_made_small_draws_every_glyph_as_before_and_holds_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    made, bare_cff = [], fonts._bare_cff

    def seen(program: bytes, codes: set[int]) -> bytes | None:
        made.append((program, codes, bare_cff(program, codes)))
        return made[-1][2]

    monkeypatch.setattr(fonts, "_bare_cff", seen)
    render(form_printable(ROSTER, [roster_row(1)], head={"unit": "洛江区青麓农业技术推广中心"}, boxes=boxes()))
    assert made
    for program, codes, cff in made:
        assert cff is not None
        assert len(cff) < len(program) / 10
        before, small = TTFont(io.BytesIO(program))["CFF "].cff.topDictIndex[0], CFFFontSet()
        small.decompile(io.BytesIO(cff), None)
        after = small.topDictIndex[0]
        assert after.charset == [".notdef", *(f"cid{code:05}" for code in sorted(codes - {0}))]
        assert drawn(after, codes) == drawn(before, codes)
        assert sum(bool(lines) for lines, _ in drawn(after, codes).values()) > len(codes) / 2  # the rest are blanks
        assert bare_cff(program, codes | {65_535}) is None  # a glyph that the font has not
    assert bare_cff(b"no font", {1}) is None
