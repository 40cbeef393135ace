"""How columns share the width of a page (luojiang_ce/sheets/across.py)."""

from luojiang_ce.sheets.across import CELL_PADDING_PT, HALF_WIDTH, SMALLEST, set_across
from luojiang_ce.sheets.definitions import Column, SheetForm

TWO_LETTERS = 4 * HALF_WIDTH * SMALLEST + CELL_PADDING_PT
CROWDED = [Column(f"text{nth}", f"第{nth}项内容", width=24) for nth in range(8)]


def _wide(rows: list[dict[str, str]]) -> dict[str, float]:
    form = SheetForm(code="x", title="x", numbered=False, columns=(*CROWDED, Column("remark", "备注与说明", width=24)))
    size, widths = set_across(form, rows, 500)
    assert size == SMALLEST
    assert round(sum(widths)) == 500
    return dict(zip((each.key for each in form.columns), widths, strict=True))


def test_a_column_that_holds_nothing_has_two_letters_a_line_for_its_title_and_no_more() -> None:
    row = {each.key: "设施蔬菜生产技术推广" * 4 for each in CROWDED}
    assert _wide([row])["remark"] == TWO_LETTERS
    assert _wide([row, {**row, "remark": "设施蔬菜" * 9}])["remark"] > TWO_LETTERS
