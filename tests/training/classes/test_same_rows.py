"""Which rows of a timetable that is saved whole are the ones that were there."""

from datetime import date, time

import pytest

from training.classes.same_rows import ids_of


def row(day: int, hour: int, course: str, pk: int | None = None, **more):
    times = {"date": date(2026, 12, day), "starts_at": time(hour), "ends_at": time(hour + 1)}
    return {"id": pk, **times, "course": course, "lecturer_id": 1, "hours": 2, "room": "甲", **more}


STORED = [row(16, 8, "土壤", 1), row(16, 14, "土壤", 2), row(17, 8, "水肥", 3), row(17, 14, "", 4)]


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        (STORED, [1, 2, 3, 4]),
        (STORED[1:], [2, 3, 4]),
        ([row(15, 8, "土壤"), *STORED], [None, 1, 2, 3, 4]),  # one more of the same course before the others
        ([row(16, 8, "土壤", hours=9), *STORED[1:]], [1, 2, 3, 4]),
        ([STORED[0], row(16, 15, "土壤"), *STORED[2:]], [1, 2, 3, 4]),  # later the same day
        ([*STORED[:2], row(18, 8, "水肥"), STORED[3]], [1, 2, 3, 4]),  # on another day
        ([*STORED[:2], row(17, 8, "植保"), STORED[3]], [1, 2, 3, 4]),  # another course at that time
        ([STORED[0], STORED[1], row(17, 8, "", lecturer_id=None)], [1, 2, 3]),
        ([STORED[0], row(16, 14, "水肥"), STORED[3]], [1, 3, 4]),  # 2 is gone, 3 took its time
        ([row(20, 8, "", lecturer_id=None)], [None]),
        ([], []),
    ],
)
def test_the_rows_that_stay(rows, ids):
    assert ids_of(rows, STORED) == ids
