"""Near duplicates among pictures: what is pointed out of copies, and how seldom something else is."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations

import pytest
from PIL import Image

from luojiang_ce.files.looks import BOXES, FULL, Looks, are_near, looks_of, telling_bands
from tests.luojiang_ce.files.pictures import copies, form, letter, photograph, sent

COPIED, DIFFERENT, FORMS = 200, 2000, 60


def seen(image: Image.Image) -> Looks:
    found = looks_of(image)
    assert found
    return found


def pointed_out(new: Looks, old: Looks) -> bool:
    """As the database finds it: a part of a hash in common, near hashes, thumbnails nearly the same."""
    pairs = [(FULL, its) for its in BOXES] + [(own, FULL) for own in BOXES if own != FULL]
    return any(
        are_near(new.hashes[own], old.hashes[its])
        and set(telling_bands(new.hashes[own])) & set(telling_bands(old.hashes[its]))
        and new.is_like(old, own, its)
        for own, its in pairs
    )


def test_copies_of_200_photographs_are_pointed_out() -> None:
    """At least 95 of 100, of each kind of copy by itself."""
    found: dict[str, list[bool]] = defaultdict(list)
    for seed in range(COPIED):
        picture = photograph(seed)
        original = seen(sent(picture, 90))
        for how, copy in copies(picture, random.Random(seed)):
            new = seen(copy)
            found[how.split(".")[0]].append(pointed_out(new, original) and pointed_out(original, new))
    rates = {how: sum(hits) / len(hits) for how, hits in found.items()}
    assert min(rates.values()) >= 0.95, rates


def test_of_2000_different_photographs_at_most_one_in_a_hundred_is_pointed_out() -> None:
    pictures = [seen(photograph(10_000 + seed, (240, 180))) for seed in range(DIFFERENT)]
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    wrong: set[int] = set()
    for at, new in enumerate(pictures):
        before = {old for key in telling_bands(new.hashes[FULL]) for old in buckets[key]}
        wrong |= {at for old in before if pointed_out(new, pictures[old])}
        for bits in new.hashes.values():
            for key in telling_bands(bits):
                buckets[key].append(at)
    assert len(wrong) <= DIFFERENT / 100


def test_a_form_that_was_filled_differently_is_another_document() -> None:
    scans = [seen(sent(form(seed), 80)) for seed in range(FORMS)]
    assert all(scan.is_page for scan in scans)
    assert [pair for pair in combinations(range(FORMS), 2) if pointed_out(scans[pair[0]], scans[pair[1]])] == []


def test_the_same_scan_saved_anew_is_pointed_out() -> None:
    for page in (make(seed) for make in (form, letter) for seed in range(20)):
        original = seen(sent(page, 90))
        for copy in (sent(page, 40), sent(page.resize((350, 495)), 75), sent(page.resize((1050, 1485)), 60)):
            assert pointed_out(seen(copy), original)


def test_pages_are_looked_up_by_what_tells_them_apart() -> None:
    """Most of a page is even paper: by that each would be held against seven of ten others."""
    parts = [set(telling_bands(seen(sent(letter(seed), 80)).hashes[FULL])) for seed in range(80)]
    pairs = list(combinations(parts, 2))
    assert sum(bool(one & other) for one, other in pairs) / len(pairs) <= 0.15
    assert telling_bands(seen(Image.linear_gradient("L")).hashes[FULL]) == []


def test_photographs_are_no_pages() -> None:
    assert sum(seen(photograph(seed)).is_page for seed in range(COPIED)) <= COPIED / 20


@pytest.mark.parametrize(
    "image",
    [Image.new("RGB", (800, 600), "white"), Image.new("L", (800, 600), 3), Image.effect_noise((40, 40), 80)],
    ids=["white", "black", "stamp"],
)
def test_an_empty_or_tiny_picture_is_like_nothing(image: Image.Image) -> None:
    assert looks_of(image) is None


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_picture_has_a_look(mode: str) -> None:
    picture = photograph(1)
    plain = picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode)
    assert looks_of(plain) is not None
