"""Here everybody asks for every paper; what is tried is who gets one, so its pages are blank."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.blank_papers import blank_papers


@pytest.fixture(autouse=True)
def _papers_are_blank() -> Iterator[None]:
    with blank_papers():
        yield
