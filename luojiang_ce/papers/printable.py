"""A document to be: what the renderer is handed. Apart from it, so that pages need not load the PDF machinery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Style = Literal["official", "form", "page"]


@dataclass(frozen=True)
class Printable:
    """Template, what it shows (`rows` may be long), the stylesheet beside common.css, the document's title."""

    template: str
    context: Mapping[str, Any]
    style: Style
    title: str
