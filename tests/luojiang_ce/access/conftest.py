"""Here everybody asks for every paper; what is tried is who gets one, so its pages are blank."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.blank_papers import blank_papers


@pytest.fixture(autouse=True)
def printed() -> Iterator[list[str]]:
    """What the papers are set from."""
    with blank_papers() as filled_in:
        yield filled_in
