"""What strangers type where a number is expected."""

import pytest

from luojiang_ce.typed import whole_number, whole_numbers


@pytest.mark.parametrize("text", ["", "²", "٣", "-1", "1.0", " 1", "a\x00", "9" * 19, "9" * 5000])
def test_is_no_number(text):
    assert whole_number(text) is None


def test_numbers_among_other_things():
    assert whole_numbers(["7", "²", "", "0012"]) == [7, 12]
