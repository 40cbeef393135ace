"""How columns share the width of a page (luojiang_ce/sheets/across.py)."""

import pytest

from luojiang_ce.sheets.across import CELL_PADDING_PT, HALF_WIDTH, NUMBER_WIDTH, SMALLEST, set_across
from luojiang_ce.sheets.definitions import Column, SheetForm

TWO_LETTERS = 4 * HALF_WIDTH * SMALLEST + CELL_PADDING_PT
CROWDED = [Column(f"text{nth}", f"第{nth}项内容", width=24) for nth in range(8)]


def _wide(rows: list[dict[str, str]]) -> dict[str, float]:
    form = SheetForm(code="x", title="x", numbered=False, columns=(*CROWDED, Column("remark", "备注与说明", width=24)))
    size, widths = set_across(form, rows, 500)
    assert size == SMALLEST
    assert round(sum(widths)) == 500
    return dict(zip((each.key for each in form.columns), widths, strict=True))


def test_a_column_that_holds_little_has_two_letters_a_line_for_its_title_and_no_more() -> None:
    row = {each.key: "设施蔬菜生产技术推广" * 4 for each in CROWDED}
    assert _wide([row])["remark"] == pytest.approx(TWO_LETTERS)
    assert _wide([row, {**row, "remark": "是"}])["remark"] == pytest.approx(TWO_LETTERS)
    assert _wide([row, {**row, "remark": "设施蔬菜" * 9}])["remark"] > TWO_LETTERS


def _characters(width: float) -> float:
    """Half-width characters on a line of so many points."""
    return (width - CELL_PADDING_PT) / HALF_WIDTH / SMALLEST


def test_a_telephone_and_a_day_are_not_parted() -> None:
    """A line that ends within one reads 0595-0000-0 and 126."""
    row = {each.key: "设施蔬菜生产技术推广" * 4 for each in CROWDED}
    for text, run in (("林知秋 0595-0000-0126", 14), ("2026年12月12日至2026年12月14日", 16)):
        assert _characters(_wide([row, {**row, "remark": text}])["remark"]) >= run
    assert _characters(_wide([row, {**row, "remark": "a" * 60}])["remark"]) < 20  # what no column has room for


def test_a_letter_stays_in_its_brackets() -> None:
    columns = (*CROWDED, Column("budget", "经费预算（元）", kind="number", width=5))
    row: dict[str, object] = {each.key: "设施蔬菜生产技术推广" * 4 for each in CROWDED}
    form = SheetForm(code="x", title="x", numbered=False, columns=columns)
    widths = set_across(form, [{**row, "budget": 5}], 500)[1]
    assert round(_characters(widths[-1]), 2) >= len("（元）") * 2


def test_an_empty_form_has_room_to_write_in_every_column() -> None:
    columns = (Column("number", "期数", kind="integer", width=4), *CROWDED)
    size, widths = set_across(SheetForm(code="x", title="x", columns=columns), [], 500)
    assert size == SMALLEST
    assert round(sum(widths)) == 500
    place, number, *texts = map(_characters, widths)
    assert round(place) == NUMBER_WIDTH
    assert round(number) == 4
    assert len({round(each, 2) for each in texts}) == 1
    assert texts[0] > 2 * number
