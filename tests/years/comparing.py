"""An expected table holds only what it decides; what it leaves out is not compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LOWER_BOUND = "warned_at_least"


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Each place at which what was found is not what is expected, in words."""
    if not isinstance(expected, Mapping):
        if expected != found:
            yield f"{where}: {found!r} instead of {expected!r}"
        return
    for key, value in expected.items():
        place = f"{where}/{key}"
        if key == LOWER_BOUND:
            if found["warned"] < value:
                yield f"{place}: warned on {found['warned']} days instead of {value}"
        elif key == "amounts":
            if value != found[key]:
                yield f"{place}: {found[key]!r} instead of {value!r}"
        else:
            yield from differences(value, found.get(key), place)
