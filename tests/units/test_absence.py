"""One absence lasts at most 2 years (notice 二(三)2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from units.absence import is_too_long, last_day_allowed, overlaps, whole_absence

DAY = timedelta(days=1)


@pytest.mark.notice("二(三)2")
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 3, 1), date(2026, 2, 28)),
        (date(2025, 3, 1), date(2027, 2, 28)),
        (date(2026, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2026, 2, 28)),
    ],
)
def test_two_years_to_the_day(first: date, last: date) -> None:
    assert last_day_allowed(first) == last
    assert not is_too_long((first, last))
    assert is_too_long((first, last + DAY))


@pytest.mark.notice("二(三)2")
def test_an_absence_renewed_without_a_break_is_one() -> None:
    year = (date(2024, 1, 1), date(2024, 12, 31))
    assert whole_absence((date(2025, 1, 1), date(2025, 6, 30)), [year]) == (date(2024, 1, 1), date(2025, 6, 30))
    assert not is_too_long((date(2025, 1, 1), date(2025, 12, 31)), [year])
    assert is_too_long((date(2025, 1, 1), date(2026, 1, 1)), [year])


def test_a_day_at_work_between_makes_it_two() -> None:
    year = (date(2024, 1, 1), date(2024, 12, 30))
    assert not is_too_long((date(2025, 1, 1), date(2026, 12, 31)), [year])


def test_a_chain_is_followed_to_both_ends_in_any_order() -> None:
    spans = [(date(2025, 1, 1), date(2025, 1, 31)), (date(2024, 11, 1), date(2024, 11, 30)),
             (date(2024, 12, 1), date(2024, 12, 31)), (date(2025, 3, 2), date(2025, 4, 1))]  # fmt: skip
    assert whole_absence((date(2025, 2, 1), date(2025, 3, 1)), spans) == (date(2024, 11, 1), date(2025, 4, 1))


dates = st.dates(date(2020, 1, 1), date(2027, 1, 1))
spans = st.tuples(dates, st.integers(0, 400)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))


@given(spans, st.lists(spans, max_size=6))
def test_the_whole_holds_every_overlapping_part(span, others) -> None:
    first, last = whole_absence(span, others)
    assert first <= span[0]
    assert span[1] <= last
    assert all(first <= a and b <= last for a, b in others if overlaps(span, [(a, b)]))
    assert first in {span[0], *(a for a, _ in others)}
