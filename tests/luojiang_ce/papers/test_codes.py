"""Codes: hard to guess, easy to type."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.papers.models import CODE_ALPHABET, CODE_LENGTH, new_code, normalised_code


def test_a_code_has_sixty_bits():
    assert math.log2(len(CODE_ALPHABET)) * CODE_LENGTH >= 60
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET)


def test_no_letter_looks_like_another_sign():
    assert not set("ILOU") & set(CODE_ALPHABET)


def test_codes_are_grouped_and_differ():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all([len(group) for group in code.split("-")] == [4, 4, 4] for code in codes)


@given(st.lists(st.sampled_from(CODE_ALPHABET), min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_every_way_of_typing_a_code_is_understood(signs):
    plain = "".join(signs)
    stored = normalised_code(plain)
    assert stored is not None
    assert stored.replace("-", "") == plain
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in plain)
    for typed in (stored.lower(), f" {stored} ", stored.replace("-", "—"), stored.replace("-", " "), full_width):
        assert normalised_code(typed) == stored
    assert normalised_code(stored.replace("0", "O").replace("1", "l")) == stored


@pytest.mark.parametrize("typed", ["", "7K3Q", "7K3Q-WD82-MX4PX", "7K3Q-WD82-MX4*", "核验码", "7K3Q-WD82-MX4\x00"])
def test_what_cannot_be_a_code_is_none(typed):
    assert normalised_code(typed) is None
