"""How well sheets are read, on a few of them; the two hundred are measured by `make bench`."""

from __future__ import annotations

from tests.training.attendance.photographs.measuring import measure


def test_clear_cells_are_read_right_and_doubtful_ones_asked() -> None:
    measured = measure(8, seed=2026)
    told = "\n".join(measured.table())
    assert measured.unread == [], told
    assert measured.right >= 0.98, told
    assert measured.wrong == 0, told
    assert measured.asked >= 0.95, told
