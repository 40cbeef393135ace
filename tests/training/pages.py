"""What tests ask of a page."""

from __future__ import annotations

from typing import Any


def text(response: Any, status: int = 200) -> str:
    """The page as it was sent, if it was answered so."""
    content: str = response.content.decode()
    assert response.status_code == status, content[:3000]
    return content
