"""A number names one case, whatever its kind: no two kinds count in the same shape."""

from __future__ import annotations

import re

from django.conf import settings

SEED = re.compile(r'next_numbers?\(\s*"(\w+)",.*?seed="([^"]+)"', re.DOTALL)


def test_no_two_kinds_of_cases_have_numbers_of_one_shape() -> None:
    seeds: dict[str, set[str]] = {}
    for package in ("training", "units", "verification"):
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            for series, seed in SEED.findall(path.read_text()):
                seeds.setdefault(re.sub(r":\d+d", "", seed), set()).add(series)
    assert len(seeds) > 8
    assert {seed: series for seed, series in seeds.items() if len(series) > 1} == {}
