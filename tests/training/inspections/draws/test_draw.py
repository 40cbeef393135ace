"""The draw itself (I1, I4): same seed same result, fair within the weights, recusal always kept, coverage reached."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.inspections.draws.draw import (
    DrawList,
    Inspector,
    LeftOut,
    Numbers,
    Row,
    digest_of,
    draw,
    list_from,
    text_of,
)
from training.inspections.draws.weights import Risk, Weights, at_least, weigh

TIMES = 10_000
# The 0.1 % points of chi-square by degrees of freedom: with fixed seeds nothing here is left to chance.
CHI_SQUARE = {3: 16.27, 5: 20.52, 7: 24.32, 11: 31.26}


def a_list(weights: list[int], count: int = 1, **kwargs: Any) -> DrawList:
    rows = tuple(Row(key, unit=key, weight=weight) for key, weight in enumerate(weights, 1))
    return DrawList({"范围": "试验"}, count, kwargs.pop("pair", 0), kwargs.pop("rows", rows), **kwargs)


def chi_square(seen: Counter[Any], expected: dict[Any, float]) -> float:
    return sum((seen[each] - wanted) ** 2 / wanted for each, wanted in expected.items())


def results(listed: DrawList) -> list[tuple[int, ...]]:
    digest = digest_of(text_of(listed))
    return [tuple(each.key for each in draw(listed, digest, str(seed))) for seed in range(TIMES)]


# --- fair -------------------------------------------------------------------------------------------------------------


def test_equal_weights_are_drawn_equally_often_over_10_000_draws() -> None:
    seen = Counter(key for (key,) in results(a_list([1] * 8)))
    assert chi_square(seen, dict.fromkeys(range(1, 9), TIMES / 8)) < CHI_SQUARE[7]


def test_weights_are_kept_over_10_000_draws() -> None:
    weights = [1, 2, 3, 4, 10, 1]
    seen = Counter(key for (key,) in results(a_list(weights)))
    shares = {key: TIMES * weight / sum(weights) for key, weight in enumerate(weights, 1)}
    assert chi_square(seen, shares) < CHI_SQUARE[5]


def test_two_of_four_without_putting_back_are_as_likely_as_the_weights_say() -> None:
    """Every ordered pair: p(a) · p(b | a taken away)."""
    weights = dict(enumerate([1, 2, 3, 6], 1))
    whole = sum(weights.values())
    expected = {
        (a, b): TIMES * weights[a] / whole * weights[b] / (whole - weights[a]) for a, b in permutations(weights, 2)
    }
    assert chi_square(Counter(results(a_list(list(weights.values()), 2))), expected) < CHI_SQUARE[11]


def test_inspectors_are_drawn_equally_often() -> None:
    people = tuple(Inspector(key) for key in range(1, 5))
    listed = a_list([1], pair=2, inspectors=people)
    seen = Counter(
        draw(listed, digest_of(text_of(listed)), str(seed))[0].inspectors[0] for seed in range(TIMES)
    )  # fmt: skip
    assert chi_square(seen, dict.fromkeys(range(1, 5), TIMES / 4)) < CHI_SQUARE[3]


def test_the_numbers_are_the_digests_that_the_record_says() -> None:
    """Somebody with a calculator comes to the same: SHA-256 of “digest:seed:n”, its remainder."""
    whole = int(hashlib.sha256(b"abc:7:1").hexdigest(), 16)
    assert Numbers("abc", "7").below(13).value == whole % 13


def test_a_number_of_the_last_incomplete_run_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = Numbers("abc", "7")
    told = iter([2**256 - 1, 5])

    def next_number() -> int:
        numbers.counter += 1
        return next(told)

    monkeypatch.setattr(numbers, "_next", next_number)
    found = numbers.below(3)  # 2**256 is 1 more than a multiple of 3
    assert (found.counter, found.value) == (2, 2)


# --- repeatable -------------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(
        Row,
        key=st.integers(1, 10**6),
        unit=st.integers(1, 6),
        weight=st.integers(1, 20),
        why=st.lists(st.text(max_size=5), max_size=2).map(tuple),
        units=st.lists(st.integers(1, 6), max_size=2).map(tuple),
        days=st.lists(st.dates().map(str), max_size=3).map(tuple),
        due=st.booleans(),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row.key,
)
PEOPLE = st.lists(
    st.builds(Inspector, key=st.integers(1, 99), away=st.lists(st.integers(1, 6), max_size=3).map(tuple)),
    max_size=6,
    unique_by=lambda each: each.key,
)
LISTS = st.builds(
    DrawList,
    about=st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=2),
    count=st.integers(1, 8),
    pair=st.integers(0, 3),
    rows=ROWS.map(lambda rows: tuple(sorted(rows, key=lambda row: row.key))),
    inspectors=PEOPLE.map(lambda people: tuple(sorted(people, key=lambda each: each.key))),
    left_out=st.just((LeftOut(5, "已安排检查"),)),
)


@settings(max_examples=150, deadline=None)
@given(LISTS, st.text(alphabet="0123456789abcdef", min_size=1, max_size=64))
def test_same_seed_same_result_also_from_the_text(listed: DrawList, seed: str) -> None:
    text = text_of(listed)
    assert list_from(text) == listed
    assert text_of(list_from(text)) == text
    first = draw(listed, digest_of(text), seed)
    assert draw(list_from(text), digest_of(text), seed) == first
    assert len({each.key for each in first}) == len(first) == min(listed.count, len(listed.rows))


def test_the_order_in_which_rows_were_found_makes_no_other_list() -> None:
    one, other = Row(1, 1), Row(2, 2)
    assert text_of(a_list([], rows=(one, other))) == text_of(a_list([], rows=(other, one)))


def test_another_seed_or_another_list_draws_another_way() -> None:
    listed = a_list([1] * 50, 10)
    first = draw(listed, "a", "1")
    assert draw(listed, "a", "2") != first
    assert draw(listed, "b", "1") != first


def test_the_text_is_a_line_of_json_each() -> None:
    head, row = text_of(a_list([3])).split("\n")[:2]
    assert json.loads(head)["count"] == 1
    assert json.loads(row)["row"]["weight"] == 3


# --- recusal ----------------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(LISTS, st.integers(0, 10**9))
def test_recusal_is_always_kept(listed: DrawList, seed: int) -> None:
    """Nobody is ever sent to a unit that he stays away from, nor to one that holds the class with it, nor twice."""
    rows = {row.key: row for row in listed.rows}
    people = {each.key: each for each in listed.inspectors}
    for each in draw(listed, "digest", str(seed)):
        row = rows[each.key]
        assert len(set(each.inspectors)) == len(each.inspectors) <= listed.pair
        for key in each.inspectors:
            assert not {row.unit, *row.units} & set(people[key].away)
        free = sum(person.may_go_to(row) for person in listed.inspectors)
        assert len(each.inspectors) == min(listed.pair, free)


def test_nobody_is_sent_to_two_places_on_one_day_while_others_are_free() -> None:
    rows = tuple(Row(key, key, days=("2026-12-01",)) for key in (1, 2))
    people = tuple(Inspector(key) for key in range(1, 5))
    listed = a_list([], 2, rows=rows, pair=2, inspectors=people)
    for seed in range(200):
        sent = [key for each in draw(listed, "digest", str(seed)) for key in each.inspectors]
        assert sorted(sent) == [1, 2, 3, 4]


def test_with_too_few_people_the_same_go_to_both() -> None:
    rows = tuple(Row(key, key, days=("2026-12-01",)) for key in (1, 2))
    listed = a_list([], 2, rows=rows, pair=2, inspectors=(Inspector(1), Inspector(2)))
    assert all(len(each.inspectors) == 2 for each in draw(listed, "digest", "7"))


# --- coverage ---------------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(LISTS, st.integers(0, 10**9))
def test_coverage_is_reached_where_the_count_allows(listed: DrawList, seed: int) -> None:
    """As many units that are to be reached are drawn as can be."""
    due = {row.unit for row in listed.rows if row.due}
    rows = {row.key: row for row in listed.rows}
    drawn = {rows[each.key].unit for each in draw(listed, "digest", str(seed))}
    assert len(due & drawn) >= min(len(due), listed.count)


# --- weights ----------------------------------------------------------------------------------------------------------


def test_unset_figures_leave_every_row_equally_likely() -> None:
    assert weigh(Weights(), Risk(remarks=4, people=500, first=True)) == (1, ())


def test_weights_say_what_they_are_made_of() -> None:
    weights = Weights(record=3, size_from=100, size=2, first=1)
    assert weigh(weights, Risk(remarks=2, people=100, first=True)) == (
        7,
        ("机构记录 2 条，加 3", "计划 100 人，加 2", "首次办班，加 1"),
    )
    assert weigh(weights, Risk(remarks=0, people=99)) == (1, ())
    assert weigh(weights, Risk(people=None)) == (1, ())


@pytest.mark.parametrize(("share", "rows", "wanted"), [(None, 40, 0), (10, 41, 5), (10, 40, 4), (1, 1, 1), (100, 7, 7)])
def test_a_share_is_rounded_up_and_unset_asks_for_nothing(share: int | None, rows: int, wanted: int) -> None:
    assert at_least(share, rows) == wanted
