"""What the tests of pages may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def as_person(client: Client, district: Any) -> Callable[[str], Client]:
    """Signs somebody of the district in, by the name of the field."""

    def signed_in(name: str) -> Client:
        client.force_login(getattr(district, name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
